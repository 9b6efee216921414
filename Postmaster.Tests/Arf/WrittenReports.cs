using System.Globalization;
using System.Net;
using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Arf;

/// <summary>A report of ours in a file, and what any reader has to find in it.</summary>
/// <param name="Recipient">Of Original-Rcpt-To.</param>
internal sealed record WrittenReport(string Name, string FeedbackType, string Recipient, string SourceIp, string LastPart, byte[] Octets)
{
    public const string MessageId = "<one@owner.example>", Domain = "owner.example", MailFrom = "news@owner.example";

    public static readonly string UserAgent = $"Postmaster/{typeof(ReportComposer).Assembly.GetName().Version!.ToString(2)}";

    public static readonly DateTimeOffset ArrivedAt = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

    public static string ArrivalDate => ArrivedAt.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture) + " +0000";
}

/// <summary>Every shape with every form of the recipient and every type, as it is sent, and with the line ends of a mailbox file.</summary>
internal static class WrittenReports
{
    public const string Mailbox = "alice.liddell@provider.example";

    public static readonly RedactionKey Key = new(Enumerable.Range(1, RedactionKey.Length).Select(i => (byte)i).ToArray());

    private static readonly MailAddress Complainer = MailAddress.Parse(Mailbox);

    /// <summary>With a body that has an attachment, lines that begin with dots and hyphens, and a folded field.</summary>
    private const string Original = """
        Received: from mta.owner.example (mta.owner.example [192.0.2.7])
            by mx.provider.example; Sat, 21 Nov 2026 10:00:00 +0000
        From: "News, daily" <news@owner.example>
        To: alice.liddell@provider.example
        Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= an alice.liddell@provider.example
        Message-ID: <one@owner.example>
        Date: Sat, 21 Nov 2026 09:59:58 +0000
        List-Id: The news <news.owner.example>
        Feedback-ID: campaign:customer:type:owner
        CFBL-Feedback-ID: 111:222
        List-Unsubscribe: <https://owner.example/u?who=alice.liddell%40provider.example>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="inner"

        --inner
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        Dear alice.liddell@provider.example, gr=C3=BC=C3=9Fe.
        .
        --
        Feedback-Type: not-ours
        --inner
        Content-Type: application/octet-stream; name=a.bin
        Content-Transfer-Encoding: base64

        AAECAwQFBgcICQ==
        --inner--

        """;

    public static byte[] OriginalWith(string lineEnd) => Encoding.ASCII.GetBytes(Original.ReplaceLineEndings(lineEnd));

    public static List<WrittenReport> All()
    {
        List<WrittenReport> all = [];
        foreach (ReportShape shape in Enum.GetValues<ReportShape>())
        {
            foreach (bool clear in (bool[])[false, true])
            {
                foreach (Press press in Enum.GetValues<Press>())
                    Add(all, Complaint(press, shape, clear, OriginalWith("\r\n")), shape, clear, press.ReportedAs(), press is Press.Phishing ? "2001:db8::25" : "192.0.2.7");
                Add(all, AuthFailure(shape, clear), shape, clear, FeedbackType.AuthFailure, "192.0.2.7");
            }
        }

        return all;
    }

    /// <summary>As the portal sends it.</summary>
    public static byte[] Complaint(Press press, ReportShape shape, bool clear, byte[] original) => ReportComposer.Compose(
        new ReportSubject
        {
            To = MailAddress.Parse("complaints@owner.example"),
            MessageId = "report-1@fbl.provider.example",
            ReportedDomains = [DomainName.Parse(WrittenReport.Domain)],
            Original = original,
            Mailbox = Complainer,
            PressedAt = WrittenReport.ArrivedAt.AddHours(3),
            ArrivedAt = WrittenReport.ArrivedAt,
            SourceIp = IPAddress.Parse(press is Press.Phishing ? "2001:db8::25" : "192.0.2.7"),
            OriginalMailFrom = WrittenReport.MailFrom,
            AuthenticationResults = "mx.provider.example; dkim=pass header.d=owner.example header.s=s1; spf=pass smtp.mailfrom=news@owner.example",
            Evidence = Evidence.BorderResults,
            Press = press,
            LeaveUrl = "https://postmaster.provider.example/leave/0123456789abcdef0123456789abcdef0123456789abcdef",
        },
        new ReportStyle("Provider", DomainName.Parse("fbl.provider.example"), new ReportLook(shape, ReportFormat.Arf, clear ? RedactionMode.None : RedactionMode.Recipient), 10_000_000, "mx.provider.example", "https://postmaster.provider.example"),
        Key,
        signer: null,
        WrittenReport.ArrivedAt.AddHours(4));

    /// <summary>Of the library alone (RFC 6591): nobody's button means it.</summary>
    private static byte[] AuthFailure(ReportShape shape, bool clear)
    {
        FeedbackReportDraft draft = FeedbackReportWriterTests.Draft(OriginalWith("\r\n"), new ReportLook(shape, ReportFormat.Arf, RedactionMode.None).Original);
        return FeedbackReportWriter.Write(draft with
        {
            Original = clear ? draft.Original : Redactor.Redact(Fbl.Mime.MessageReader.Read(draft.Original), Complainer, Key, RedactionMode.Recipient),
            Report = draft.Report with
            {
                FeedbackType = FeedbackType.AuthFailure,
                UserAgent = WrittenReport.UserAgent,
                OriginalMailFrom = WrittenReport.MailFrom,
                OriginalRcptTo = [clear ? Mailbox : Key.Redact(Complainer)],
                ArrivalDate = WrittenReport.ArrivedAt,
                AuthFailure = new AuthFailureDetails
                {
                    Kind = "signature",
                    DeliveryResult = "delivered",
                    IdentityAlignment = "dkim",
                    DkimDomain = WrittenReport.Domain,
                    DkimIdentity = "@owner.example",
                    DkimSelector = "s1",
                    DkimSelectorDns = "\"v=DKIM1; k=rsa; p=" + new string('A', 150) + "\"",
                    DkimCanonicalizedBody = new string('Q', 200),
                    SpfDns = ["txt : owner.example : \"v=spf1 -all\"", "txt : else.example : \"v=spf1 +all\""],
                },
            },
        });
    }

    private static void Add(List<WrittenReport> all, byte[] octets, ReportShape shape, bool clear, string type, string ip)
    {
        string name = $"{shape}-{(clear ? "clear" : "redacted")}-{type}";
        var report = new WrittenReport(name + "-crlf.eml", type, clear ? Mailbox : Key.Redact(Complainer), ip, shape is ReportShape.FullMessage ? "message/rfc822" : "text/rfc822-headers", octets);
        all.Add(report);
        all.Add(report with { Name = name + "-lf.eml", Octets = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(octets).Replace("\r\n", "\n", StringComparison.Ordinal)) });
    }
}
