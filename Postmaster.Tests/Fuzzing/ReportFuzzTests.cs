using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Lists;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Support;
using Postmaster.Web.Cli;

namespace Postmaster.Tests.Fuzzing;

/// <summary>Reports of complaints, the mails in them, boxes of mails, and a field of theirs.</summary>
public sealed class ReportFuzzTests
{
    private const string Report = "To: Ann <ann.smith@mail.example>\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n"
        + "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\nSource-IP: 192.0.2.1\r\n"
        + "Original-Rcpt-To: <a@b>\r\nArrival-Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nReported-URI: http://x\r\nSPF-DNS: txt : x\r\n\r\n"
        + "--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <1@x>\r\nSubject: =?utf-8?Q?ann=2Esmith?=\r\nContent-Transfer-Encoding: base64\r\n\r\nYW5uLnNtaXRoQG1haWwuZXhhbXBsZQ==\r\n--b--\r\n";

    private static readonly string[] Words =
    [
        "\r\n", "\n", "\0", "-", ":", ";", "=", "\"", "(", ")", " ", "<", ">", "@", "?", "%", ",", "\u00FF", "--b\r\n", "--b--\r\n", "Feedback-Type: abuse\r\n", "Source-IP: ", "X: y\r\n", "Version: 1\r\n",
        "Content-Type: message/feedback-report\r\n\r\n", "Content-Type: message/rfc822\r\n\r\n", "Content-Transfer-Encoding: quoted-printable\r\n", "ann.smith", "ann.smith@mail.example", "ann=2Esmith=40",
        "YW5uLnNtaXRoQG1haWwuZXhhbXBsZQ", "=?utf-8?Q?", "&#", "616E6E", "=\r\n",
    ];

    private static readonly MailAddress Ann = MailAddress.Parse("ann.smith@mail.example");

    [Fact]
    public void Feedback_reports() => new ParserFuzz { Seed = 5965, Samples = [Report], Alphabet = Words, CutStep = 2, Allocation = (500, 512 * 1024) }.Run(octets =>
    {
        if (FeedbackReportReader.TryRead(MessageReader.Read(octets), out var report, out var problem))
            Assert.NotNull(report.Problems);
        else
            Assert.Equal(FeedbackReportProblems.NotAReport, problem.Code);
    });

    [Fact]
    public void Mails_to_redact()
    {
        var key = RedactionKey.ForOwner(new byte[32], "owner-1");
        new ParserFuzz { Seed = 6590, Samples = [Report], Alphabet = Words, Rounds = 600, CutStep = 5, Allocation = (1000, 512 * 1024) }.Run(octets =>
        {
            var once = Redactor.Redact(MessageReader.Read(octets), Ann, key, RedactionMode.Full);
            Assert.True(once.AsSpan().SequenceEqual(Redactor.Redact(MessageReader.Read(octets), Ann, key, RedactionMode.Full)));
        });
    }

    [Fact]
    public void Boxes_octet_by_octet_and_whole() => new ParserFuzz
    {
        Seed = 4155,
        Samples = ["From a@b Mon Mar  2 10:00:00 2026\r\nA: 1\r\n\r\nx\r\n>From y\r\n\r\nFrom c\nB: 2\n\ny\n\n", "A: 1\n\nno separator\n"],
        Alphabet = ["From ", ">From ", ">>", "\n", "\r\n", "\r", "\n\nFrom x\n", "A: 1\n", " ", "\0", "\u00FF", "x"],
        Rounds = 800,
        FloodLength = 8 * 1024,
        Allocation = (64, 512 * 1024),
    }.Run(octets =>
    {
        var whole = Mails(new MemoryStream(octets));
        var dripping = Mails(new Smtp.TrickleStream(new MemoryStream(octets), 1));
        Assert.Equal(whole.Count, dripping.Count);
        for (var i = 0; i < whole.Count; i++)
            Assert.True(whole[i] is null ? dripping[i] is null : dripping[i] is not null && whole[i]!.AsSpan().SequenceEqual(dripping[i]));
        Assert.All(whole, mail => Assert.InRange(mail?.Length ?? 0, 0, 1024));
    });

    [Fact]
    public void Ways_to_unsubscribe() => new ParserFuzz
    {
        Seed = 2369,
        Samples = ["<mailto:leave@example.org?subject=x>, (c) <https://example.org/leave?a=b>", "<https://[::1]:99/>,,<x>"],
        Alphabet = ["<", ">", ",", "(", ")", "mailto:", "https://", "http://[", "]", ":", "@", "?", "%", "%41", " ", "\t", "\0", "\u00FC", "<https://x.example/>", "\\", "//", "<a>,"],
        Allocation = (400, 64 * 1024),
    }.RunText(value => Assert.NotNull(ListUnsubscribe.Parse(value)));

    private static List<byte[]?> Mails(Stream box) => [.. new MboxReader(box, 1024).Read()];
}
