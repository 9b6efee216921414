using System.Text;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Cfbl;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Complaints;

namespace Postmaster.Tests.Cfbl;

/// <summary>Who has to sign what, so that an address may be told (RFC 9477 §3.1). A signature is written <c>d=domain h=A:B</c>, <c>!</c> before it: not valid, <c>?</c>: undecided.</summary>
public sealed class CfblEvaluatorTests
{
    private const string Both = "h=From:CFBL-Address:CFBL-Feedback-ID", AddressOnly = "h=From:CFBL-Address", Neither = "h=From:Subject", IdOnly = "h=From:CFBL-Feedback-ID";

    [Theory]
    // The examples of §3.1, with names of our own.
    [InlineData("shop.example", "fbl@shop.example", true, "shop.example " + Both, CfblCase.Strict)]
    [InlineData("post.shop.example", "fbl@post.shop.example", true, "shop.example " + Both, CfblCase.Relaxed)]
    [InlineData("shop.example", "fbl@post.shop.example", true, "shop.example " + Both, CfblCase.Relaxed)]
    [InlineData("shop.example", "fbl@esp.example", true, "esp.example " + Both + " | shop.example " + Both, CfblCase.ThirdParty)]
    [InlineData("shop.example", "fbl@esp.example", true, "shop.example " + Neither + " | esp.example " + Both, CfblCase.Presigned)]
    // Strict and relaxed.
    [InlineData("shop.example", "fbl@shop.example", false, "shop.example " + AddressOnly, CfblCase.Strict)]
    [InlineData("SHOP.example", "fbl@Shop.Example", false, "shop.example " + AddressOnly, CfblCase.Strict)]
    [InlineData("shop.example", "fbl@shop.example", true, "shop.example h=from:cfbl-address:cfbl-feedback-id", CfblCase.Strict)]
    [InlineData("bücher.example", "fbl@xn--bcher-kva.example", true, "xn--bcher-kva.example " + Both, CfblCase.Strict)]
    [InlineData("a.b.shop.example", "fbl@x.a.b.shop.example", true, "b.shop.example " + Both, CfblCase.Relaxed)]
    [InlineData("shop.example", "fbl@shop.example", true, "shop.example " + Neither + " | shop.example " + Both, CfblCase.Strict)]
    [InlineData("shop.example", "fbl@shop.example", true, "!shop.example " + Both + " | shop.example " + Both, CfblCase.Strict)]
    [InlineData("post.shop.example", "fbl@post.shop.example", true, "shop.example " + Both + " | post.shop.example " + Both, CfblCase.Strict)]
    [InlineData("shop.example", "fbl@shop.example", true, "shop.example h=From:CFBL-Address:CFBL-Address:CFBL-Feedback-ID:CFBL-Feedback-ID", CfblCase.Strict)] // oversigned
    // Third party.
    [InlineData("shop.example", "fbl@mail.esp.example", true, "shop.example " + Both + " | esp.example " + Both, CfblCase.ThirdParty)]
    [InlineData("news.shop.example", "fbl@esp.example", true, "shop.example " + Both + " | esp.example " + Both, CfblCase.ThirdParty)]
    [InlineData("news.shop.example", "fbl@shop.example", true, "shop.example " + Both, CfblCase.ThirdParty)] // the parent speaks for both
    [InlineData("news.shop.example", "fbl@desk.shop.example", true, "shop.example " + Both, CfblCase.ThirdParty)]
    // Signed before the service got it.
    [InlineData("shop.example", "fbl@esp.example", false, "shop.example " + Neither + " | esp.example " + AddressOnly, CfblCase.Presigned)]
    [InlineData("news.shop.example", "fbl@esp.example", true, "shop.example " + Neither + " | esp.example " + Both, CfblCase.Presigned)]
    public void A_field_qualifies_by(string from, string address, bool withId, string signatures, CfblCase met)
    {
        CfblVerdict verdict = Assert.Single(Evaluate(Message(from, withId, address), signatures).Fields);
        Assert.Equal(met, verdict.Case);
        Assert.Equal(CfblProblem.None, verdict.Problem);
        Assert.NotEmpty(verdict.By);
        Assert.StartsWith("RFC 9477 §3.1.", verdict.Section, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shop.example", "fbl@shop.example", true, "", CfblProblem.NotSigned, "§3.1.4")]
    [InlineData("shop.example", "Desk <fbl@shop.example>", true, "shop.example " + Both, CfblProblem.BadSyntax, "§5.1")]
    [InlineData("shop.example", "fbl@shop.example", true, "other.example " + Both, CfblProblem.NoAuthorSignature, "§3.1.2")]
    [InlineData("shop.example", "fbl@shop.example", true, "myshop.example " + Both, CfblProblem.NoAuthorSignature, "§3.1.2")] // a name that ends alike is no parent
    [InlineData("shop.example", "fbl@shop.example", true, "!shop.example " + Both, CfblProblem.AuthorSignatureNotValid, "§3.1.2")]
    [InlineData("shop.example", "fbl@shop.example", true, "?shop.example " + Both, CfblProblem.Undecided, "§3.1.4")]
    [InlineData("shop.example", "fbl@shop.example", true, "post.shop.example " + Both, CfblProblem.AuthorSignedByChild, "§3.1.2")]
    [InlineData("shop.example", "fbl@post.shop.example", true, "post.shop.example " + Both, CfblProblem.AuthorSignedByChild, "§3.1.2")]
    [InlineData("shop.example", "fbl@shop.example", true, "shop.example " + Neither, CfblProblem.AddressNotCovered, "§3.1.4")]
    [InlineData("shop.example", "fbl@shop.example", true, "shop.example " + IdOnly, CfblProblem.AddressNotCovered, "§3.1.4")]
    [InlineData("shop.example", "fbl@shop.example", true, "shop.example " + AddressOnly, CfblProblem.FeedbackIdNotCovered, "§3.1.4")]
    [InlineData("shop.example", "fbl@shop.example", true, "shop.example " + AddressOnly + " | shop.example " + IdOnly, CfblProblem.FeedbackIdNotCovered, "§3.1.4")] // not one of two by each
    [InlineData("shop.example", "fbl@shop.example", true, "example " + Both, CfblProblem.SignedByPublicSuffix, "§3.1.2")]
    [InlineData("shop.co.example", "fbl@shop.co.example", true, "co.example " + Both, CfblProblem.SignedByPublicSuffix, "§3.1.2")]
    [InlineData("shop.example", "fbl@esp.example", true, "shop.example " + Both, CfblProblem.NoAddressSignature, "§3.1.3")]
    [InlineData("shop.example", "fbl@esp.example", true, "shop.example " + Both + " | !esp.example " + Both, CfblProblem.AddressSignatureNotValid, "§3.1.3")]
    [InlineData("shop.example", "fbl@esp.example", true, "shop.example " + Both + " | ?esp.example " + Both, CfblProblem.Undecided, "§3.1.4")]
    [InlineData("shop.example", "fbl@esp.example", true, "shop.example " + Both + " | esp.example " + Neither, CfblProblem.AddressNotCovered, "§3.1.4")]
    [InlineData("shop.example", "fbl@esp.example", true, "shop.example " + Both + " | esp.example " + AddressOnly, CfblProblem.FeedbackIdNotCovered, "§3.1.4")]
    [InlineData("shop.example", "fbl@esp.example", true, "esp.example " + Both, CfblProblem.NoAuthorSignature, "§3.1.3")] // whoever sends for you does not speak for you
    [InlineData("shop.example", "fbl@esp.example", true, "!shop.example " + Neither + " | esp.example " + Both, CfblProblem.AuthorSignatureNotValid, "§3.1.3")]
    [InlineData("shop.example", "fbl@esp.example", true, "shop.example " + IdOnly + " | esp.example " + Both, CfblProblem.PresignedNamesFields, "§3.1.3")]
    [InlineData("shop.example", "fbl@esp.example", true, "post.shop.example " + Both + " | esp.example " + Both, CfblProblem.AuthorSignedByChild, "§3.1.3")]
    [InlineData("shop.example", "victim@victim.example", true, "shop.example " + Both + " | esp.example " + Both, CfblProblem.NoAddressSignature, "§3.1.3")]
    public void A_field_does_not_qualify_because(string from, string address, bool withId, string signatures, CfblProblem problem, string section)
    {
        CfblVerdict verdict = Assert.Single(Evaluate(Message(from, withId, address), signatures).Fields);
        Assert.Equal(problem, verdict.Problem);
        Assert.False(verdict.Qualifies);
        Assert.Empty(verdict.By);
        Assert.EndsWith(section, verdict.Section, StringComparison.Ordinal);
        Assert.EndsWith(".", verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("From: a@shop.example\r\nFrom: b@shop.example\r\n")]
    [InlineData("From: a@shop.example, b@other.example\r\n")]
    [InlineData("From: undisclosed\r\n")]
    [InlineData("")]
    public void Without_a_single_author_domain_nothing_qualifies(string from)
    {
        CfblVerdict verdict = Assert.Single(Evaluate(Read(from + "CFBL-Address: fbl@shop.example\r\n\r\n"), "shop.example " + Both).Fields);
        Assert.Equal(CfblProblem.NoSingleAuthor, verdict.Problem);
    }

    [Fact]
    public void Several_authors_of_one_domain_are_one_author() =>
        Assert.True(Assert.Single(Evaluate(Read("From: a@shop.example, b@shop.example\r\nCFBL-Address: fbl@shop.example\r\n\r\n"), "shop.example " + AddressOnly).Fields).Qualifies);

    [Fact]
    public void Each_of_several_fields_has_a_verdict_of_its_own_and_one_that_was_added_on_top_is_not_covered()
    {
        CfblResult result = Evaluate(Message("shop.example", withId: false, "added@shop.example", "two@shop.example", "one@shop.example"), "shop.example h=From:CFBL-Address:CFBL-Address");
        Assert.Equal([CfblProblem.AddressNotCovered, CfblProblem.None, CfblProblem.None], result.Fields.Select(f => f.Problem));
        Assert.Equal([0, 1, 2], result.Fields.Select(f => f.Index));
    }

    [Fact]
    public void An_identifier_that_was_added_on_top_spoils_all()
    {
        HeaderBlock headers = Read("CFBL-Feedback-ID: forged\r\nFrom: a@shop.example\r\nCFBL-Address: fbl@shop.example\r\nCFBL-Feedback-ID: 1:2\r\n\r\n");
        CfblResult result = Evaluate(headers, "shop.example " + Both);
        Assert.Equal(CfblProblem.FeedbackIdNotCovered, result.Fields[0].Problem);
        Assert.Equal(["forged", "1:2"], result.FeedbackIds);
    }

    [Fact]
    public void Of_very_many_fields_the_lowest_are_judged()
    {
        CfblResult result = Evaluate(Message("shop.example", withId: false, [.. Enumerable.Range(0, 500).Select(i => $"a{i}@shop.example")]), "shop.example " + AddressOnly);
        Assert.Equal(CfblEvaluator.MaxFields, result.Fields.Count);
        Assert.True(result.Fields[^1].Qualifies);
    }

    [Fact]
    public async Task Real_signatures_count_with_their_whole_body_and_no_test_key()
    {
        var zone = new ZoneResolver();
        var sender = new SigningSender(zone, "shop.example");
        byte[] mail = sender.Newsletter("one", fields: "CFBL-Address: fbl@shop.example; report=xarf\r\nCFBL-Feedback-ID: 1:\r\n 2\r\n");
        CfblResult good = await VerifyAsync(zone, mail);
        Assert.False(good.Fields[0].Qualifies); // our own signer lists neither field unless it is told to
        var key = DkimPrivateKey.CreateRsa(2048);
        zone.AddTxt("s2._domainkey.shop.example", key.PublicKeyRecord);
        byte[] Signed(long? length = null) => new DkimSigner(DomainName.Parse("shop.example"), "s2", key).Sign(
            "From: a@shop.example\r\nCFBL-Address: fbl@shop.example; report=xarf\r\nCFBL-Feedback-ID: 1:\r\n 2\r\n\r\nhello\r\n"u8, Now,
            new DkimSignerOptions { SignedFields = ["From", "CFBL-Address", "CFBL-Feedback-ID"], BodyLength = length });

        CfblResult result = await VerifyAsync(zone, Signed());
        Assert.Equal(CfblCase.Strict, result.Fields[0].Case);
        Assert.Equal(CfblReportFormat.Xarf, result.Fields[0].Address!.Format);
        Assert.Equal(["1:2"], result.FeedbackIds);
        Assert.True((await VerifyAsync(zone, Signed(length: 7))).Fields[0].Qualifies); // l= over all of it
        CfblVerdict partial = (await VerifyAsync(zone, Signed(length: 3))).Fields[0];
        Assert.Equal(CfblProblem.AuthorSignatureNotValid, partial.Problem);
        Assert.Contains("l=", partial.Reason, StringComparison.Ordinal);
        byte[] changed = [.. Signed(), .. "more\r\n"u8];
        Assert.Contains("body hash", (await VerifyAsync(zone, changed)).Fields[0].Reason, StringComparison.Ordinal);
        Assert.True(zone.Remove("s2._domainkey.shop.example", DnsRecordType.TXT));
        zone.AddTxt("s2._domainkey.shop.example", key.PublicKeyRecord.Replace("v=DKIM1;", "v=DKIM1; t=y;", StringComparison.Ordinal));
        Assert.Contains("test mode", (await VerifyAsync(zone, Signed())).Fields[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_border_s_word_counts_for_the_signature_that_it_names()
    {
        HeaderBlock headers = Read(
            "DKIM-Signature: v=1; a=rsa-sha256; d=shop.example; s=s1; h=From:CFBL-Address; bh=" + Hash + "; b=AAAAAAAAAAAA\r\n"
            + "DKIM-Signature: v=1; a=rsa-sha256; d=shop.example; s=s1; h=From; bh=" + Hash + "; b=BBBBBBBBBBBB\r\nFrom: a@shop.example\r\nCFBL-Address: fbl@shop.example\r\n\r\n");
        CfblProblem By(string? prefix) => CfblEvaluator.Evaluate(headers, CfblSignature.OfBorder(headers, [new(DomainName.Parse("shop.example"), "s1", prefix, null)])).Fields[0].Problem;

        Assert.Equal(CfblProblem.None, By("AAAAAAAA"));
        Assert.Equal(CfblProblem.AddressNotCovered, By("BBBBBBBB"));
        Assert.Equal(CfblProblem.AuthorSignatureNotValid, By(null)); // nobody can tell which of the two it was
        Assert.Equal(CfblProblem.AuthorSignatureNotValid, By("CCCCCCCC"));
    }

    private static readonly DateTimeOffset Now = new(2026, 1, 2, 10, 0, 0, TimeSpan.Zero);

    private static readonly string Hash = Convert.ToBase64String(new byte[32]);

    private static async Task<CfblResult> VerifyAsync(ZoneResolver zone, byte[] mail)
    {
        RawMessage message = MessageReader.Read(mail);
        return CfblEvaluator.Evaluate(message.Headers, CfblSignature.Of(await new DkimVerifier(zone).VerifyAsync(message, Now, CancellationToken.None)));
    }

    private static HeaderBlock Read(string message) => MessageReader.Read(Encoding.UTF8.GetBytes(message)).Headers;

    private static HeaderBlock Message(string from, bool withId, params string[] addresses) => Read(
        $"From: News <news@{from}>\r\n{string.Concat(addresses.Select(a => $"CFBL-Address: {a}\r\n"))}{(withId ? "CFBL-Feedback-ID: 111:222\r\n" : "")}\r\nhello\r\n");

    private static CfblResult Evaluate(HeaderBlock headers, string signatures) => CfblEvaluator.Evaluate(
        headers,
        [.. signatures.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Signature)],
        name => name.IsEqualOrSubdomainOf(DomainName.Parse("co.example")) ? DomainName.Parse("co.example") : DomainName.Parse("example"));

    private static CfblSignature Signature(string text)
    {
        string[] words = text.TrimStart('!', '?').Split(" h=");
        var state = text[0] switch { '!' => CfblSignatureState.NotValid, '?' => CfblSignatureState.Undecided, _ => CfblSignatureState.Valid };
        return new CfblSignature(DomainName.Parse(words[0]), words[1].Split(':'), state, state == CfblSignatureState.NotValid ? "body hash did not verify" : "");
    }
}
