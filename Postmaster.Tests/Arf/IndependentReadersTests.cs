using System.Globalization;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Arf;

/// <summary>Readers that are not ours find in every report that we write what stands in it: every shape, form of the recipient and type, with either line end.</summary>
public sealed class IndependentReadersTests
{
    [NeedsFact("python3")]
    public async Task Pythons_email_package_reads_every_report() =>
        AssertAll(await OutsideReader.ReadAsync<OutsideReading>("python3", ReaderScripts.Python, Files(), r => r.File));

    [NeedsFact("node", "npm")]
    public async Task Npms_mailparser_reads_every_report() =>
        AssertAll(await OutsideReader.ReadAsync<OutsideReading>("node", ReaderScripts.Mailparser, Files(), r => r.File, await NpmPackage.FindAsync("mailparser", "3.9.0")));

    /// <summary>Debian's libsisimai-perl brings no program.</summary>
    [NeedsFact("perl", "/usr/share/perl5/Sisimai/ARF.pm")]
    public async Task Sisimai_reads_every_report()
    {
        List<WrittenReport> all = WrittenReports.All();
        Dictionary<string, SisimaiReading> read = await OutsideReader.ReadAsync<SisimaiReading>("perl", ReaderScripts.Sisimai, Files(), r => r.File);
        foreach (WrittenReport report in all)
        {
            SisimaiReading found = read[report.Name];
            Assert.Equal(
                (report.Name, "feedback", report.FeedbackType, report.Recipient, WrittenReport.MailFrom, report.SourceIp, WrittenReport.MessageId.Trim('<', '>'), WrittenReport.ArrivedAt.ToUnixTimeSeconds()),
                (found.File, found.Reason, found.FeedbackType, found.Recipient, found.Addresser, found.RHost, found.MessageId, found.Timestamp));
        }
    }

    [Fact]
    public void Our_own_reader_finds_nothing_off_in_them_whatever_the_line_ends()
    {
        foreach (WrittenReport written in WrittenReports.All())
        {
            Assert.True(FeedbackReportReader.TryRead(MessageReader.Read(written.Octets), out FeedbackReport? report, out _));
            Assert.Equal((written.Name, 0), (written.Name, report.Problems.Count));
            Assert.Equal((written.FeedbackType, written.Recipient, written.SourceIp, WrittenReport.MessageId), (report.FeedbackType, Assert.Single(report.OriginalRcptTo), report.SourceIp?.ToString(), report.MessageId));
        }
    }

    [Fact]
    public void A_message_that_comes_with_bare_line_feeds_gives_the_same_report()
    {
        foreach (ReportShape shape in Enum.GetValues<ReportShape>())
        {
            foreach (bool clear in (bool[])[false, true])
                Assert.Equal(WrittenReports.Complaint(Press.Spam, shape, clear, WrittenReports.OriginalWith("\r\n")), WrittenReports.Complaint(Press.Spam, shape, clear, WrittenReports.OriginalWith("\n")));
        }
    }

    private static IEnumerable<(string Name, byte[] Octets)> Files() => WrittenReports.All().Select(r => (r.Name, r.Octets));

    private static void AssertAll(Dictionary<string, OutsideReading> read)
    {
        List<WrittenReport> all = WrittenReports.All();
        Assert.Equal(all.Count, read.Count);
        foreach (WrittenReport written in all)
            AssertRead(written, read[written.Name]);
    }

    private static void AssertRead(WrittenReport written, OutsideReading found)
    {
        Assert.Equal((written.Name, ""), (found.File, string.Join("; ", found.Problems)));
        Assert.Equal("feedback-report", found.ReportType);
        Assert.Equal(["text/plain", "message/feedback-report", written.LastPart], found.Types);
        Assert.Equal(written.FeedbackType, found.One("Feedback-Type"));
        Assert.Equal("1", found.One("Version"));
        Assert.Equal(WrittenReport.UserAgent, found.One("User-Agent"));
        Assert.Equal(WrittenReport.ArrivedAt, DateTimeOffset.Parse(found.One("Arrival-Date"), CultureInfo.InvariantCulture));
        Assert.Equal(written.SourceIp, found.One("Source-IP"));
        Assert.Equal($"<{written.Recipient}>", found.One("Original-Rcpt-To"));
        Assert.Equal(WrittenReport.Domain, found.One("Reported-Domain"));
        Assert.Equal(WrittenReport.MessageId, found.MessageId);
        if (written.FeedbackType is not FeedbackType.AuthFailure)
            return;
        Assert.Equal(("signature", "delivered", "dkim"), (found.One("Auth-Failure"), found.One("Delivery-Result"), found.One("Identity-Alignment")));
        Assert.Equal((WrittenReport.Domain, "@owner.example", "s1"), (found.One("DKIM-Domain"), found.One("DKIM-Identity"), found.One("DKIM-Selector")));
        Assert.Equal(new string('Q', 200), found.One("DKIM-Canonicalized-Body").Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(["txt : owner.example : \"v=spf1 -all\"", "txt : else.example : \"v=spf1 +all\""], found.All("SPF-DNS"));
    }

    /// <param name="RHost">Source-IP.</param>
    private sealed record SisimaiReading(string File, string? Reason, string? FeedbackType, string? Recipient, string? Addresser, string? RHost, string? MessageId, long? Timestamp);
}
