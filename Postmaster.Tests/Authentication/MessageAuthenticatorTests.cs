using System.Net;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Spf;
using Postmaster.Tests.Dkim;

namespace Postmaster.Tests.Authentication;

public sealed class MessageAuthenticatorTests
{
    [Fact]
    public async Task A_passing_signature_is_told_with_everything_that_tells_it_apart()
    {
        var verdict = await AuthenticateAsync(DkimKit.Sign(), DkimKit.Zone());
        var prefix = Assert.Single(verdict.Dkim).SignaturePrefix;
        Assert.True(AuthenticationResults.TryParse(verdict.ToAuthenticationResults("mx.example.net").Write(), out var read, out _));

        var result = Assert.Single(read.Results);
        Assert.Equal(("mx.example.net", "dkim", "pass", null), (read.AuthservId, result.Method, result.Result, result.Reason));
        Assert.Equal("d=example.org i=@example.org s=s1 a=rsa-sha256 b=" + prefix, string.Join(' ', result.Properties.Select(p => $"{p.Property}={p.Value}")));
    }

    [Fact]
    public async Task Each_status_has_its_word_and_its_reason()
    {
        var zone = DkimKit.Zone().Fail("s2._domainkey.example.org", DnsStatus.Timeout);
        var message = DkimKit.Sign("DKIM-Signature: rubbish\r\n" + DkimKit.Sign(DkimKit.Sign(key: DkimKit.Ed25519), DkimKit.Plain with { BodyLength = 3 })) + "x";
        var verdict = await AuthenticateAsync(message, zone);
        Assert.True(AuthenticationResults.TryParse(verdict.ToAuthenticationResults("mx").Write(), out var read, out _));
        Assert.Equal(
            "fail: body hash did not verify, permerror: signature field is malformed,"
            + " policy: l= leaves a part of the body unsigned: l= covers 3 of 31, temperror: key could not be looked up",
            string.Join(", ", read.Results.Select(result => $"{result.Result}: {result.Reason}")));
    }

    [Fact]
    public async Task Without_a_signature_the_word_is_none()
    {
        var verdict = await AuthenticateAsync(DkimKit.Message, DkimKit.Zone());
        Assert.Empty(verdict.Dkim);
        Assert.Equal("mx.example.net; dkim=none", verdict.ToAuthenticationResults("mx.example.net").Write());
    }

    [Fact]
    public async Task A_key_in_test_is_said_to_be_one()
    {
        var verdict = await AuthenticateAsync(DkimKit.Sign(), DkimKit.ZoneOf("t=y; p=" + DkimKit.RsaP));
        Assert.StartsWith("mx; dkim=pass reason=\"test mode\" ", verdict.ToAuthenticationResults("mx").Write(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_resolver_is_not_named_to_the_outside()
    {
        var zone = new ZoneResolver("192.0.2.53");
        var verdict = await AuthenticateAsync(DkimKit.Sign(), zone);
        Assert.Contains("192.0.2.53", verdict.Dkim[0].Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.53", verdict.ToAuthenticationResults("mx").Write(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hostile_identity_stays_inside_its_quotes()
    {
        const string field = "DKIM-Signature: v=1; a=rsa-sha1; d=example.org; s=s1; h=From; i=\"x auth=pass smtp.auth=eve \\\"@example.org; bh=AAAA; b=AAAA\r\n";
        var verdict = await AuthenticateAsync(field + DkimKit.Message, DkimKit.Zone());
        Assert.True(AuthenticationResults.TryParse(verdict.ToAuthenticationResults("mx").Write(), out var read, out _));
        var result = Assert.Single(read.Results);
        Assert.Equal("\"x auth=pass smtp.auth=eve \\\"@example.org", result.Property("header", "i"));
        Assert.Null(result.Property("smtp", "auth"));
    }

    [Fact]
    public async Task A_message_with_its_origin_is_judged_by_all_three()
    {
        var zone = DkimKit.Zone().AddTxt("bounce.example.org", "v=spf1 ip4:192.0.2.7 -all").AddTxt("_dmarc.example.org", "v=DMARC1; p=reject; t=y");
        var verdict = await AuthenticateAsync(DkimKit.Sign(), zone, new MessageOrigin(IPAddress.Parse("192.0.2.7"), "b@bounce.example.org", "mta.example.org"));
        Assert.Equal((SpfStatus.Pass, DmarcStatus.Pass), (verdict.Spf?.Status, verdict.Dmarc?.Status));
        Assert.EndsWith(
            "; spf=pass smtp.mailfrom=bounce.example.org; dmarc=pass header.from=example.org policy.dmarc=quarantine",
            verdict.ToAuthenticationResults("mx").Write(), StringComparison.Ordinal);
        Assert.Equal([DmarcMechanism.Dkim, DmarcMechanism.Spf], verdict.Dmarc!.Identifiers.Select(i => i.Mechanism));
    }

    [Fact]
    public async Task What_fails_is_told_with_a_reason_that_names_no_resolver()
    {
        var zone = new ZoneResolver("192.0.2.53").AddTxt("mta.example.net", "v=spf1 a:x.example -all").Fail("x.example").AddTxt("_dmarc.example.org", "v=DMARC1; p=reject");
        var verdict = await AuthenticateAsync(DkimKit.Message, zone, new MessageOrigin(IPAddress.Parse("192.0.2.7"), "", "mta.example.net"));
        Assert.Equal(
            "mx; dkim=none; spf=temperror reason=\"DNS could not answer\" smtp.helo=mta.example.net;"
            + " dmarc=fail reason=\"neither DKIM nor SPF passed\" header.from=example.org policy.dmarc=reject",
            verdict.ToAuthenticationResults("mx").Write());
        Assert.Contains("192.0.2.53", verdict.Spf!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_null_reverse_path_that_passes_by_its_HELO_name_counts_for_DMARC()
    {
        var zone = new ZoneResolver().AddTxt("mta.example.org", "v=spf1 ip4:192.0.2.7 -all").AddTxt("_dmarc.example.org", "v=DMARC1; p=reject");
        var verdict = await AuthenticateAsync(DkimKit.Message, zone, new MessageOrigin(IPAddress.Parse("192.0.2.7"), "", "mta.example.org"));
        Assert.Equal("mx; dkim=none; spf=pass smtp.helo=mta.example.org; dmarc=pass header.from=example.org policy.dmarc=reject", verdict.ToAuthenticationResults("mx").Write());
    }

    [Fact]
    public async Task Without_an_origin_DMARC_rests_on_signatures_and_fails_nobody()
    {
        var zone = DkimKit.Zone().AddTxt("_dmarc.example.org", "v=DMARC1; p=reject");
        var signed = await AuthenticateAsync(DkimKit.Sign(), zone, null);
        Assert.Equal((null, DmarcStatus.Pass), (signed.Spf, signed.Dmarc?.Status));
        var bare = await AuthenticateAsync(DkimKit.Message, zone, null);
        Assert.Equal((DmarcProblem.SpfNotChecked, DmarcPolicy.None), (bare.Dmarc?.Problem, bare.Dmarc?.AppliedPolicy));
        Assert.Equal("mx; dkim=none", bare.ToAuthenticationResults("mx").Write());
    }

    [Fact]
    public async Task A_hostile_client_stays_inside_its_quotes()
    {
        var verdict = await AuthenticateAsync(DkimKit.Message, DkimKit.Zone(), new MessageOrigin(IPAddress.Parse("192.0.2.7"), "x@y; auth=pass\r\nX: y", "a b\r\nc"));
        Assert.Equal("mx; dkim=none; spf=none reason=\"not a domain name of two labels or more\"; dmarc=none reason=\"no DMARC record\" header.from=example.org",
            verdict.ToAuthenticationResults("mx").Write());
    }

    private static async Task<AuthenticationVerdict> AuthenticateAsync(string message, IDnsResolver dns, MessageOrigin? origin)
        => await new MessageAuthenticator(dns).AuthenticateAsync(MessageReader.Read(DkimKit.Octets(message)), origin, DkimKit.Now, CancellationToken.None);

    private static async Task<AuthenticationVerdict> AuthenticateAsync(string message, IDnsResolver dns)
        => await new MessageAuthenticator(dns).AuthenticateAsync(MessageReader.Read(DkimKit.Octets(message)), DkimKit.Now, DkimKit.Now, CancellationToken.None);
}
