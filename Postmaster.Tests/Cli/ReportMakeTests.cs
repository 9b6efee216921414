using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Cli;

public sealed class ReportMakeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postmaster-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_report_of_a_signed_message_names_the_domain_and_hides_the_recipient()
    {
        FeedbackReport report = await MadeAsync(expectWarning: false);
        Assert.Equal("abuse", report.FeedbackType);
        Assert.Equal(["news.example"], report.ReportedDomain);
        Assert.Contains("dkim=pass", Assert.Single(report.AuthenticationResults), StringComparison.Ordinal);
        Assert.Equal("<1@news.example>", report.MessageId);
        Assert.DoesNotContain("alice", Encoding.Latin1.GetString(report.Original!.Bytes.Span), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Without_redaction_the_original_is_attached_as_it_is()
    {
        FeedbackReport report = await MadeAsync(expectWarning: false, ["--redact", "none"]);
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(_folder, "m.eml"), Encoding.Latin1), Encoding.Latin1.GetString(report.Original!.Bytes.Span));
    }

    [Fact]
    public async Task Headers_only_leaves_the_body_out()
    {
        FeedbackReport report = await MadeAsync(expectWarning: false, ["--headers-only"]);
        Assert.True(report.OriginalIsHeadersOnly);
        Assert.DoesNotContain("Hello", Encoding.Latin1.GetString(report.Original!.Bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_recipients_are_all_hidden_when_nothing_tells_which_one_complained()
    {
        FeedbackReport report = await MadeAsync(expectWarning: false, to: "alice@provider.example, bob@provider.example");
        string original = Encoding.Latin1.GetString(report.Original!.Bytes.Span);
        Assert.DoesNotContain("alice@", original, StringComparison.Ordinal);
        Assert.DoesNotContain("bob@", original, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_without_a_passing_signature_is_warned_about()
    {
        await MadeAsync(expectWarning: true, domain: "other.example");
    }

    [Fact]
    public async Task A_wrong_kind_of_redaction_is_refused_with_the_right_ones()
    {
        Verbs said = await Verbs.RunAsync("report", "make", "m.eml", "--domain", "news.example", "--redact", "some");
        Assert.Equal(2, said.Exit);
        Assert.Contains("recipient", said.Error, StringComparison.Ordinal);
    }

    private async Task<FeedbackReport> MadeAsync(bool expectWarning, string[]? more = null, string domain = "news.example", string to = "alice@provider.example")
    {
        using var key = DkimPrivateKey.CreateRsa();
        string file = Path.Combine(_folder, "m.eml");
        string message = $"From: News <hi@news.example>\r\nTo: {to}\r\nSubject: Offer\r\nMessage-ID: <1@news.example>\r\nDate: Sat, 21 Nov 2026 10:00:00 +0000\r\n\r\nHello {to}\r\n";
        await File.WriteAllBytesAsync(file, new DkimSigner(DomainName.Parse("news.example"), "s1", key).Sign(Encoding.ASCII.GetBytes(message), TimeProvider.System.GetUtcNow()));
        await using LoopbackDnsServer dns = LoopbackDnsServer.Start(new ZoneResolver().AddTxt("s1._domainkey.news.example", key.PublicKeyRecord));
        Verbs said = await Verbs.RunAsync(["report", "make", file, "--domain", domain, "--data", _folder, "--dns", dns.Address, "--json", .. more ?? []]);
        Assert.Equal(0, said.Exit);
        Assert.Equal(expectWarning, said.Error.Contains("would not send", StringComparison.Ordinal));
        byte[] mail = Encoding.UTF8.GetBytes(said.Json.GetProperty("report").GetString()!);
        Assert.True(FeedbackReportReader.TryRead(MessageReader.Read(mail), out FeedbackReport? report, out _));
        return report;
    }
}
