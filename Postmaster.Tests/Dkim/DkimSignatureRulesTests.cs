using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Dkim;

/// <summary>RFC 6376 §3.5 and §6.1.1: what a signature field has to be. Each case differs by one thing from a field that verifies.</summary>
public sealed class DkimSignatureRulesTests
{
    private const string Good = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=s1; h=From:To:Subject; bh={bh}; b={b}";

    [Fact]
    public Task The_field_that_the_cases_start_from_passes() => DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, DkimKit.SignAs(Good));

    [Theory]
    [InlineData("v=1; ", "", DkimProblem.TagMissing)]
    [InlineData("v=1", "v=2", DkimProblem.UnknownVersion)]
    [InlineData("v=1", "v=", DkimProblem.UnknownVersion)]
    [InlineData("v=1", "V=1", DkimProblem.TagMissing)] // names are case-sensitive
    [InlineData("a=rsa-sha256; ", "", DkimProblem.TagMissing)]
    [InlineData("a=rsa-sha256", "a=rsa-sha1", DkimProblem.WeakAlgorithm)] // RFC 8301 §3.1
    [InlineData("a=rsa-sha256", "a=", DkimProblem.SignatureSyntax)]
    [InlineData("d=example.org; ", "", DkimProblem.TagMissing)]
    [InlineData("d=example.org", "d=org", DkimProblem.BadDomain)] // a single label
    [InlineData("d=example.org", "d=co.uk", DkimProblem.BadDomain)] // a registry
    [InlineData("d=example.org", "d=", DkimProblem.BadDomain)]
    [InlineData("d=example.org", "d=-.org", DkimProblem.BadDomain)]
    [InlineData("d=example.org", "d=exa mple.org", DkimProblem.BadDomain)]
    [InlineData("s=s1; ", "", DkimProblem.TagMissing)]
    [InlineData("s=s1", "s=", DkimProblem.BadSelector)]
    [InlineData("s=s1", "s=s1..x", DkimProblem.BadSelector)]
    [InlineData("s=s1", "s=s1/x", DkimProblem.BadSelector)]
    [InlineData("h=From:To:Subject; ", "", DkimProblem.TagMissing)]
    [InlineData("h=From:To:Subject", "h=To:Subject", DkimProblem.FromNotSigned)] // RFC 6376 §5.4
    [InlineData("h=From:To:Subject", "h=From::Subject", DkimProblem.SignatureSyntax)]
    [InlineData("h=From:To:Subject", "h=", DkimProblem.SignatureSyntax)]
    [InlineData("h=From:To:Subject", "h=From:T o", DkimProblem.SignatureSyntax)]
    [InlineData("bh={bh}; ", "", DkimProblem.TagMissing)]
    [InlineData("bh={bh}", "bh=AAAA", DkimProblem.SignatureSyntax)]
    [InlineData("bh={bh}", "bh=!", DkimProblem.SignatureSyntax)]
    [InlineData("; b={b}", "; x=99999999999", DkimProblem.TagMissing)]
    [InlineData("; b={b}", "; b=", DkimProblem.SignatureSyntax)]
    [InlineData("; b={b}", "; b=*", DkimProblem.SignatureSyntax)]
    [InlineData("; b={b}", "; b={b}; b={b}", DkimProblem.SignatureSyntax)] // a tag twice: the whole list is invalid
    [InlineData("; b={b}", "; b={b}; n=1; n=1", DkimProblem.SignatureSyntax)]
    [InlineData("; b={b}", "; b={b};;", DkimProblem.SignatureSyntax)]
    [InlineData("; b={b}", "; b={b}; rubbish", DkimProblem.SignatureSyntax)]
    [InlineData("; bh", "; i=@badexample.org; bh", DkimProblem.IdentityMismatch)] // a suffix of the text is no parent
    [InlineData("; bh", "; i=@org; bh", DkimProblem.IdentityMismatch)]
    [InlineData("; bh", "; i=example.org; bh", DkimProblem.SignatureSyntax)] // no @
    [InlineData("; bh", "; i=; bh", DkimProblem.SignatureSyntax)]
    [InlineData("; bh", "; q=carrier/pigeon; bh", DkimProblem.UnsupportedQueryMethod)]
    [InlineData("; bh", "; t=10; x=10; bh", DkimProblem.ExpiresBeforeSigned)]
    [InlineData("; bh", "; t=-1; bh", DkimProblem.SignatureSyntax)]
    [InlineData("; bh", "; t=; bh", DkimProblem.SignatureSyntax)]
    [InlineData("; bh", "; t=1234567890123; bh", DkimProblem.SignatureSyntax)] // 13 digits
    [InlineData("; bh", "; x=soon; bh", DkimProblem.SignatureSyntax)]
    [InlineData("; bh", "; l=1x; bh", DkimProblem.SignatureSyntax)]
    public Task A_broken_field_is_a_permerror_with_its_problem(string from, string to, DkimProblem problem)
        => DkimKit.ExpectAsync(DkimStatus.PermError, problem, DkimKit.SignAs(Good).Replace(Filled(from), Filled(to), StringComparison.Ordinal));

    [Theory]
    [InlineData("a=rsa-sha256", "a=rsa-sha512", DkimProblem.UnsupportedAlgorithm)]
    [InlineData("a=rsa-sha256", "a=RSA-SHA256", DkimProblem.UnsupportedAlgorithm)] // values are case-sensitive
    [InlineData("c=relaxed/relaxed", "c=relaxed/nofws", DkimProblem.UnsupportedCanonicalization)]
    [InlineData("c=relaxed/relaxed", "c=strict", DkimProblem.UnsupportedCanonicalization)]
    public Task What_is_unknown_is_ignored_and_neutral(string from, string to, DkimProblem problem)
        => DkimKit.ExpectAsync(DkimStatus.Neutral, problem, DkimKit.SignAs(Good.Replace(from, to, StringComparison.Ordinal)));

    [Theory]
    [InlineData("; bh", "; i=anna@example.org; bh")]
    [InlineData("; bh", "; i=anna@News.Example.ORG; bh")] // a subdomain, any case
    [InlineData("; bh", "; i=@example.org; q=dns/txt; bh")]
    [InlineData("; bh", "; q=carrier/pigeon : dns/txt; bh")]
    [InlineData("; bh", "; unknown=tag; z=From:x|To:y; bh")]
    [InlineData("d=example.org", "d=EXAMPLE.org")]
    [InlineData("h=From:To:Subject", "h= from :\r\n\tTO : Subject")]
    [InlineData("h=From:To:Subject", "h=From:From:To:Subject:Subject:Reply-To:X-Missing")] // more mentions than instances
    [InlineData("; bh", "; t=4999999; bh")]
    [InlineData("; bh", "; t=1; x=99999999999; bh")] // beyond 32 bits
    [InlineData("; bh", "; x=999999999999; bh")] // beyond the year 9999
    [InlineData("b={b}", "b=\r\n\t {b} ;")] // white space around the value goes with it
    [InlineData("; bh={bh}; b={b}", "; b={b}; bh={bh}")] // b= in the middle
    [InlineData("v=1", "n=b=junk; v=1")] // b= inside another value
    [InlineData("DKIM-Signature: v", "dkim-signature : v")]
    [InlineData("DKIM-Signature: v", "DKIM-Signature:v")]
    public Task Other_ways_to_write_a_good_field_pass(string from, string to)
        => DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, DkimKit.SignAs(Good.Replace(from, to, StringComparison.Ordinal)));

    [Fact]
    public async Task Without_c_both_halves_are_simple()
    {
        var field = Good.Replace("c=relaxed/relaxed; ", "", StringComparison.Ordinal);
        await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, DkimKit.SignAs(field, canonicalization: DkimCanonicalization.Simple));
        await DkimKit.ExpectAsync(DkimStatus.Fail, DkimProblem.BodyHashMismatch, DkimKit.SignAs(field));
    }

    [Fact]
    public async Task One_word_in_c_leaves_the_body_simple()
    {
        var field = Good.Replace("c=relaxed/relaxed", "c=relaxed", StringComparison.Ordinal)
            .Replace("{bh}", DkimKit.BodyHash(DkimKit.Message[(DkimKit.Message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..], DkimCanonicalization.Simple), StringComparison.Ordinal);
        await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, DkimKit.SignAs(field));
    }

    [Fact]
    public async Task White_space_inside_b_and_bh_is_taken_out()
    {
        var signed = DkimKit.SignAs(Good);
        var b = signed.IndexOf("; b=", StringComparison.Ordinal) + 10;
        signed = signed.Insert(b, "\r\n\t ").Insert(b + 40, " ");
        await DkimKit.ExpectAsync(DkimStatus.Pass, DkimProblem.None, signed);
    }

    [Fact]
    public async Task The_domain_is_normalised_and_its_list_of_refused_names_is_the_callers()
    {
        var signed = DkimKit.SignAs(Good.Replace("d=example.org", "d=Example.Org", StringComparison.Ordinal));
        Assert.Equal(DkimKit.Domain, (await DkimKit.VerifyAsync(signed)).Domain);

        var refusing = new DkimVerifierOptions { RefusedDomains = new HashSet<DomainName> { DkimKit.Domain } };
        Assert.Equal(DkimProblem.BadDomain, (await DkimKit.VerifyAsync(signed, options: refusing)).Problem);
    }

    [Fact]
    public async Task A_broken_field_still_names_its_domain_and_selector()
    {
        var result = await DkimKit.VerifyAsync(DkimKit.SignAs(Good).Replace("a=rsa-sha256", "a=rsa-sha1", StringComparison.Ordinal));
        Assert.Equal((DkimKit.Domain, "s1", "rsa-sha1", "@example.org"), (result.Domain!, result.Selector!, result.Algorithm!, result.Identity!));
        Assert.False(result.IsGroundForReport);
    }

    private static string Filled(string text)
    {
        var good = DkimKit.SignAs(Good);
        var b = good[(good.IndexOf("; b=", StringComparison.Ordinal) + 4)..].Split('\r')[0];
        var bh = good[(good.IndexOf("bh=", StringComparison.Ordinal) + 3)..].Split(';')[0];
        return text.Replace("{bh}", bh, StringComparison.Ordinal).Replace("{b}", b, StringComparison.Ordinal);
    }
}
