using System.Net;
using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Benchmarks;

/// <summary>Authentication-Results and feedback reports, read and written.</summary>
internal static class TextRates
{
    private const string Value = "mx1.example.com; dkim=pass header.d=example.org header.s=s1 header.a=rsa-sha256 header.b=AbCdEfGh;"
        + " spf=pass smtp.mailfrom=letter@example.org; dmarc=pass (p=reject) header.from=example.org; iprev=pass policy.iprev=192.0.2.17";

    public static void Measure(Table table)
    {
        var results = Read();
        table.Add("Authentication-Results read", Rate.Of(() => Read()));
        table.Add("Authentication-Results written", Rate.Of(() => results.Write()));

        var original = Mails.OfSize(4096);
        var draft = new FeedbackReportDraft
        {
            From = Address("fbl@example.com"),
            To = Address("complaints@example.org"),
            Date = new DateTimeOffset(2026, 3, 2, 11, 0, 0, TimeSpan.Zero),
            MessageId = "<r1@example.com>",
            Text = "A reader marked this mail as unwanted.\n",
            Report = new FeedbackReport { FeedbackType = FeedbackType.Abuse, UserAgent = "Postmaster/1", Version = "1", SourceIp = IPAddress.Parse("192.0.2.17"), ReportedDomain = ["example.org"] },
            Original = original,
        };
        var report = FeedbackReportWriter.Write(draft);
        table.Add(Invariant($"ARF of {report.Length / 1024.0:0.0} KB written"), Rate.Of(() => FeedbackReportWriter.Write(draft)));
        table.Add(Invariant($"ARF of {report.Length / 1024.0:0.0} KB read"), Rate.Of(() => Read(report)));
    }

    private static AuthenticationResults Read()
        => AuthenticationResults.TryParse(Value, out var results, out _) ? results : throw new InvalidOperationException("The value is in order.");

    private static FeedbackReport Read(byte[] report)
        => FeedbackReportReader.TryRead(MessageReader.Read(report), out var read, out _) ? read : throw new InvalidOperationException("The report is in order.");

    private static MailAddress Address(string text)
        => MailAddress.TryParse(text, out var address, out _) ? address! : throw new InvalidOperationException("The address is in order.");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
