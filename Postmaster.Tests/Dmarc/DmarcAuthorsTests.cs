using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Dkim;
using static Postmaster.Tests.Dmarc.DmarcKit;

namespace Postmaster.Tests.Dmarc;

public sealed class DmarcAuthorsTests
{
    [Theory]
    [InlineData("From: anna@example.org", "example.org", 1, 0)]
    [InlineData("From: \"a@evil.example\" <anna@EXAMPLE.org>", "example.org", 1, 0)] // the display name is no address
    [InlineData("From: anna@example.org (b@evil.example)", "example.org", 1, 0)]
    [InlineData("From: \"x@y\"@example.org", "example.org", 1, 0)]
    [InlineData("From: anna@example.org, bob@example.org", "example.org", 1, 0)]
    [InlineData("From: anna@example.org, bob@example.net", "example.org example.net", 1, 0)]
    [InlineData("From: anna@example.org\r\nFrom: bob@example.net", "example.org example.net", 2, 0)]
    [InlineData("From: Team: anna@example.org, bob@example.net;", "example.org example.net", 1, 0)]
    [InlineData("From: anna@b\u00c3\u00bccher.example", "xn--bcher-kva.example", 1, 0)] // UTF-8
    [InlineData("From: anna", "", 1, 1)]
    [InlineData("From: anna@[192.0.2.1]", "", 1, 1)]
    [InlineData("From: anna@example.org, bob@[192.0.2.1]", "example.org", 1, 1)]
    [InlineData("From: Doe, Anna <anna@example.org>", "example.org", 1, 0)] // a frequent slip; a word is no author
    [InlineData("From:", "", 1, 1)]
    [InlineData("Subject: x", "", 0, 0)]
    public void Every_author_domain_is_found(string field, string domains, int fields, int unreadable)
    {
        var authors = DmarcAuthors.Of(MessageReader.Read(DkimKit.Octets(field + "\r\n\r\n")).Headers);
        Assert.Equal((domains, fields, unreadable), (string.Join(' ', authors.Domains), authors.FromFields, authors.Unreadable));
    }

    [Fact]
    public async Task Of_several_authors_the_strictest_policy_that_fails_counts()
    {
        var zone = Zone("a.example", "v=DMARC1; p=none", "b.example", "v=DMARC1; p=reject", "c.example", "v=DMARC1; p=quarantine", "good.example", "v=DMARC1; p=reject");
        var result = await JudgeAsync("good.example", "a.example", "b.example", "c.example");
        Assert.Equal((DmarcStatus.Fail, "b.example", DmarcPolicy.Reject), (result.Status, result.AuthorDomain?.Ascii, result.AppliedPolicy));
        Assert.Equal([DmarcStatus.Pass, DmarcStatus.Fail, DmarcStatus.Fail, DmarcStatus.Fail], result.Authors.Select(r => r.Status));

        Assert.Equal(DmarcStatus.None, (await JudgeAsync("good.example", "norecord.example")).Status); // one good author does not speak for the other
        Assert.Equal(DmarcStatus.Pass, (await JudgeAsync("good.example")).Status);
        Assert.Empty((await JudgeAsync("good.example")).Authors);

        var many = await JudgeAsync("good.example", "good.example", "x1.example", "x2.example", "x3.example", "x4.example");
        Assert.Equal((DmarcStatus.PermError, DmarcProblem.TooManyAuthorDomains), (many.Status, many.Problem));

        async Task<DmarcResult> JudgeAsync(params string[] authors)
            => await new DmarcEvaluator(zone).EvaluateAsync(new DmarcAuthors([.. authors.Select(Name)], 1, 0), [Signed("good.example")], NoSpf, CancellationToken.None);
    }

    [Fact]
    public async Task Without_a_readable_author_nothing_passes()
    {
        var evaluator = new DmarcEvaluator(Zone("good.example", "v=DMARC1; p=reject"));
        var none = await evaluator.EvaluateAsync(new DmarcAuthors([], 0, 0), [Signed("good.example")], NoSpf, CancellationToken.None);
        Assert.Equal((DmarcStatus.PermError, DmarcProblem.NoAuthorDomain), (none.Status, none.Problem));
        var half = await evaluator.EvaluateAsync(new DmarcAuthors([Name("good.example")], 1, 1), [Signed("good.example")], NoSpf, CancellationToken.None);
        Assert.Equal((DmarcStatus.PermError, DmarcProblem.UnreadableAuthor), (half.Status, half.Problem));
    }
}
