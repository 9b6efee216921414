using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
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

    private static async Task<AuthenticationVerdict> AuthenticateAsync(string message, IDnsResolver dns)
        => await new MessageAuthenticator(dns).AuthenticateAsync(MessageReader.Read(DkimKit.Octets(message)), DkimKit.Now, CancellationToken.None);
}
