using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Tests.Cli;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Suppression;

/// <summary>Who can put somebody on the list.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ConsumeTrustTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData("news.example", 0)]
    [InlineData("NEWS.example.", 0)]
    [InlineData("example.org", 1)]
    [InlineData("s.example", 1)] // ends alike
    [InlineData("a.news.example", 1)] // below it
    public async Task A_report_about_the_mail_of_others_is_refused(string own, int exit)
    {
        Verbs said = await Verbs.RunAsync("consume", "--domain", own, "--csv", _desk.List, _desk.Write("r", Reports.Of()));
        Assert.Equal((exit, exit == 0), (said.Exit, File.Exists(_desk.List)));
        Assert.Equal(exit == 0 ? "" : $"{_desk.At("r")}: refused, it is about mail of news.example, not of {own}.\n", said.Error);
    }

    [Theory]
    [InlineData("Reported-Domain: a.news.example", "From: x@other.example", 0)] // the provider's word
    [InlineData("Reported-Domain: other.example", "From: x@news.example", 1)]
    [InlineData("Original-Rcpt-To: <a@p.example>", "From: x@news.example", 0)] // without it the mail's own
    [InlineData("Original-Rcpt-To: <a@p.example>", "From: x@other.example", 1)]
    [InlineData("Original-Rcpt-To: <a@p.example>", "Subject: whose", 1)]
    public async Task The_provider_s_word_decides_whose_mail_it_was(string fields, string original, int exit)
    {
        Verbs said = await Verbs.RunAsync("consume", "--domain", "news.example", _desk.Write("r", Reports.Of(fields: fields, original: original + "\nMessage-ID: <1@x>")));
        Assert.Equal(exit, said.Exit);
    }

    [Fact]
    public async Task A_signed_report_is_taken_and_the_signer_is_named()
    {
        Verbs said = await ConsumeAsync(Reports.Signed(Reports.Of()));
        Assert.Equal((0, ""), (said.Exit, said.Error));
        Assert.Equal(Reports.Provider, Assert.Single(_desk.Rows())["signed_by"]);
    }

    [Fact]
    public async Task An_unsigned_report_is_refused() =>
        await RefusedAsync(Encoding.UTF8.GetBytes(Reports.Of()), "it has no DKIM signature of fbl.provider.example.");

    [Fact]
    public async Task The_signature_of_another_does_not_count() =>
        await RefusedAsync(Reports.Signed(Reports.Of(), domain: "evil.example"), "it has no DKIM signature of fbl.provider.example, but of evil.example.");

    [Fact]
    public async Task The_signature_of_the_domain_above_does_not_count() => // users' mail is signed with it
        await RefusedAsync(Reports.Signed(Reports.Of(), domain: "provider.example"), "but of provider.example.");

    [Fact]
    public async Task A_changed_report_is_refused()
    {
        byte[] signed = Reports.Signed(Reports.Of());
        await RefusedAsync(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(signed).Replace("<user1@", "<user9@", StringComparison.Ordinal)), "does not hold");
    }

    [Fact]
    public async Task A_signature_over_a_part_of_the_body_is_refused()
    {
        var half = new DkimSignerOptions { SignedFields = ["From", "To", "Subject", "Message-ID", "MIME-Version"] };
        await RefusedAsync(Reports.Signed(Reports.Of(), half), "does not cover Content-Type");
    }

    [Fact]
    public async Task A_report_that_was_sent_on_inside_a_signed_mail_is_refused()
    {
        string outer = $"From: user@provider.example\nContent-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: message/rfc822\n\n{Reports.Of()}\n--o--\n";
        await RefusedAsync(Reports.Signed(outer), "inside another mail");
    }

    [Fact]
    public async Task When_dns_does_not_answer_the_mail_stays_and_is_read_again()
    {
        await using LoopbackDnsServer dns = LoopbackDnsServer.Start(new Fbl.Dns.ZoneResolver().Fail($"s1._domainkey.{Reports.Provider}"));
        _desk.Deliver("1", Encoding.UTF8.GetString(Reports.Signed(Reports.Of())));
        Verbs away = await Verbs.RunAsync("consume", "--require-dkim", Reports.Provider, "--dns", dns.Address, "--csv", _desk.List, _desk.Box);
        Assert.Equal((1, 1, false), (away.Exit, _desk.In("new").Length, File.Exists(_desk.List)));
        Assert.Contains("read again later", away.Error, StringComparison.Ordinal);

        await using LoopbackDnsServer back = LoopbackDnsServer.Start(Reports.Zone());
        Verbs said = await Verbs.RunAsync("consume", "--require-dkim", Reports.Provider, "--dns", back.Address, "--csv", _desk.List, _desk.Box);
        Assert.Equal((0, 0, 1), (said.Exit, _desk.In("new").Length, _desk.Rows().Count));
    }

    [Theory]
    [InlineData("--domain", "no domain")]
    [InlineData("--domain", "com")]
    [InlineData("--require-dkim", "a..b")]
    [InlineData("--exec-timeout", "0")]
    [InlineData("--exec", "'open")]
    [InlineData("--csv", "/nowhere/at/all.csv")]
    public async Task A_wrong_option_is_usage(string option, string value)
    {
        Verbs said = await Verbs.RunAsync("consume", option, value, _desk.Write("r", Reports.Of()));
        Assert.Equal(2, said.Exit);
        Assert.StartsWith(option, said.Error, StringComparison.Ordinal);
    }

    private async Task<Verbs> ConsumeAsync(byte[] mail)
    {
        await using LoopbackDnsServer dns = LoopbackDnsServer.Start(Reports.Zone());
        await File.WriteAllBytesAsync(_desk.At("r"), mail);
        return await Verbs.RunAsync("consume", "--require-dkim", Reports.Provider, "--domain", "news.example", "--dns", dns.Address, "--csv", _desk.List, _desk.At("r"));
    }

    private async Task RefusedAsync(byte[] mail, string words)
    {
        Verbs said = await ConsumeAsync(mail);
        Assert.Equal((1, false), (said.Exit, File.Exists(_desk.List)));
        Assert.Contains("refused", said.Error, StringComparison.Ordinal);
        Assert.Contains(words, said.Error, StringComparison.Ordinal);
    }
}
