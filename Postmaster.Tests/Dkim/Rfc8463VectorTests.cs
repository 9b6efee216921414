using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;

namespace Postmaster.Tests.Dkim;

/// <summary>The keys, the message and the signatures of RFC 8463 appendix A.</summary>
public sealed class Rfc8463VectorTests
{
    private const string Body = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

    private const string Header = "From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\n"
        + "Subject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\nMessage-ID: <20030712040037.46341.5F8J@football.example.com>\r\n";

    private const string Ed25519Field = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n"
        + " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n"
        + " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
        + " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n";

    private const string RsaField = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n"
        + " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n date : message-id : from : subject : date;\r\n"
        + " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
        + " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n";

    private static ZoneResolver Zone() => new ZoneResolver()
        .AddTxt("brisbane._domainkey.football.example.com", "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
        .AddTxt("test._domainkey.football.example.com",
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
            + "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Both_signatures_of_the_example_verify(bool lf)
    {
        var message = Ed25519Field + RsaField + Header + "\r\n" + Body;
        var results = await DkimKit.VerifyAllAsync(lf ? DkimKit.WithLf(message) : message, Zone());

        Assert.Equal([DkimStatus.Pass, DkimStatus.Pass], results.Select(r => r.Status));
        Assert.Equal("ed25519-sha256 rsa-sha256", string.Join(' ', results.Select(r => r.Algorithm)));
        Assert.Equal([256, 1024], results.Select(r => r.KeyBits));
        Assert.Equal("/gCrinpc F45dVWDf", string.Join(' ', results.Select(r => r.SignaturePrefix)));
        Assert.Equal([0, 1], results.Select(r => r.Index));
    }

    [Fact]
    public async Task A_changed_body_fails_both()
    {
        var results = await DkimKit.VerifyAllAsync(Ed25519Field + RsaField + Header + "\r\n" + Body + "PS: more", Zone());
        Assert.All(results, r => Assert.Equal(DkimProblem.BodyHashMismatch, r.Problem));
    }

    [Fact]
    public void The_secret_key_gives_the_published_record()
    {
        using var key = DkimPrivateKey.FromEd25519Seed(Convert.FromBase64String("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="));
        Assert.Equal("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", key.PublicKeyRecord);
    }

    [Fact]
    public void Ed25519_refuses_changed_data_signatures_and_lengths()
    {
        var seed = Convert.FromBase64String("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=");
        var publicKey = Ed25519.PublicKeyOf(seed);
        var data = Encoding.ASCII.GetBytes("a digest");
        var signature = Ed25519.Sign(seed, data);

        Assert.True(Ed25519.Verify(publicKey, data, signature));
        Assert.False(Ed25519.Verify(publicKey, "b digest"u8, signature));
        Assert.False(Ed25519.Verify(publicKey, data, signature.AsSpan(1)));
        Assert.False(Ed25519.Verify(publicKey.AsSpan(1), data, signature));
        Assert.False(Ed25519.Verify(new byte[32], data, signature));
        signature[5] ^= 1;
        Assert.False(Ed25519.Verify(publicKey, data, signature));
    }
}
