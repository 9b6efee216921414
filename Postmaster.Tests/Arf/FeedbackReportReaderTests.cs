using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;

namespace Postmaster.Tests.Arf;

public sealed class FeedbackReportReaderTests
{
    private const string Original = "Message-ID: <0@hop>\r\nSubject: hi\r\nMessage-ID: <1@x>\r\n\r\nbody\r\n";

    private static FeedbackReport Read(string text)
    {
        Assert.True(FeedbackReportReader.TryRead(MessageReader.Read(Encoding.UTF8.GetBytes(text)), out var report, out _));
        return report;
    }

    private static string Mail(string type, params string[] parts) =>
        $"Content-Type: {type}; boundary=b\r\n\r\n" + string.Concat(parts.Select(part => $"--b\r\n{part}\r\n")) + "--b--\r\n";

    private static string Fields(string fields) => "Content-Type: message/feedback-report\r\n\r\n" + fields;

    private static string Codes(FeedbackReport report) => string.Join(' ', report.Problems.Select(problem => problem.Code));

    private const string Report = "multipart/report; report-type=feedback-report";
    private const string Minimum = "Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\n";
    private const string Embedded = "Content-Type: message/rfc822\r\n\r\n" + Original;

    [Fact]
    public void Parts_come_in_any_order_and_the_last_message_id_of_the_original_counts()
    {
        var report = Read(Mail(Report, Embedded, Fields(Minimum), "\r\ntext"));
        Assert.Equal("<1@x>", report.MessageId);
        Assert.Equal("hi", report.Subject);
        Assert.Equal("", Codes(report));
    }

    [Theory]
    [InlineData("multipart/mixed", "not-multipart-report")]
    [InlineData("multipart/report", "no-report-type")]
    [InlineData("multipart/report; report-type=disposition-notification", "no-report-type")]
    [InlineData("Multipart/Report; Report-Type=\"Feedback-Report\"", "")]
    public void Another_skeleton_is_said_and_read(string type, string problems) => Assert.Equal(problems, Codes(Read(Mail(type, Fields(Minimum), Embedded))));

    [Theory]
    [InlineData("text/rfc822-headers")]
    [InlineData("text/rfc822-header")] // as some write it
    [InlineData("text/rfc822")]
    public void Headers_alone_are_an_original(string type)
    {
        var report = Read(Mail(Report, Fields(Minimum), $"Content-Type: {type}\r\n\r\n\r\n{Original}"));
        Assert.True(report.OriginalIsHeadersOnly);
        Assert.Equal("<1@x>", report.MessageId);
    }

    [Fact]
    public void Encoded_parts_and_a_missing_original_are_said_and_read()
    {
        static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
        var report = Read(Mail(Report,
            $"Content-Type: message/feedback-report\r\nContent-Transfer-Encoding: base64\r\n\r\n{Base64(Minimum)}",
            $"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{Base64(Original)}"));

        Assert.Equal("odd-feedback-report-part encoded-original", Codes(report));
        Assert.Equal("abuse", report.FeedbackType);
        Assert.Equal("<1@x>", report.MessageId);
        Assert.Equal("no-original", Codes(Read(Mail(Report, Fields(Minimum)))));
    }

    [Fact]
    public void A_machine_readable_part_that_became_plain_text_is_found()
    {
        var report = Read(Mail(Report, "\r\nhello", "Content-Type: text/plain\r\n\r\nFeedback-Type: fraud\r\nUser-Agent: x\r\nVersion: 1\r\n", Embedded));
        Assert.Equal("fraud", report.FeedbackType);
        Assert.Equal("odd-feedback-report-part", Codes(report));
    }

    [Fact]
    public void A_bare_original_is_a_report_that_says_nothing_else()
    {
        var report = Read("From: staff@x\r\nContent-Type: message/rfc822\r\n\r\nX-HmXmrOriginalRecipient: <ann@y>\r\n" + Original);

        Assert.False(report.HasReportPart);
        Assert.Null(report.FeedbackType);
        Assert.Equal("<1@x>", report.MessageId);
        Assert.Equal("ann@y", Assert.Single(report.OriginalRcptTo));
        Assert.Equal("OriginalRcptTo", Assert.Single(report.Derived));
        Assert.Equal("no-feedback-report-part", Codes(report));
    }

    [Fact]
    public void A_report_forwarded_as_attachment_is_opened_once()
    {
        var report = Mail(Report, Fields(Minimum), Embedded);
        Assert.Equal("forwarded-report", Codes(Read("Content-Type: message/rfc822\r\n\r\n" + report)));
        Assert.False(Read("Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n" + report).HasReportPart);
    }

    [Fact]
    public void A_report_about_a_report_is_about_the_outer_one()
    {
        var inner = Mail(Report, Fields("Feedback-Type: virus\r\n"), Embedded);
        var report = Read(Mail(Report, "\r\ntext", Fields(Minimum), "Content-Type: message/rfc822\r\n\r\nMessage-ID: <outer@x>\r\n" + inner).Replace("boundary=b", "boundary=o", StringComparison.Ordinal)
            .Replace("--b", "--o", StringComparison.Ordinal));
        Assert.Equal("abuse", report.FeedbackType);
    }

    [Fact]
    public void Other_mail_is_no_report()
    {
        foreach (var text in new[] { "Subject: x\r\n\r\nbody", "", Mail("multipart/mixed", "\r\na", "\r\nb") })
        {
            Assert.False(FeedbackReportReader.TryRead(MessageReader.Read(Encoding.UTF8.GetBytes(text)), out var report, out var problem));
            Assert.Null(report);
            Assert.Equal("not-a-report", problem.Code);
        }
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("[192.0.2.1]", "192.0.2.1")]
    [InlineData("192.0.2.1 (mail.example)", "192.0.2.1")]
    [InlineData("IPv6:2001:db8::25", "2001:db8::25")]
    [InlineData("[ipv6:2001:DB8::25]", "2001:db8::25")]
    [InlineData("2001:db8::25", "2001:db8::25")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.256", null)]
    [InlineData("unknown", null)]
    public void Source_ip_is_read_in_every_form(string value, string? expected)
    {
        var report = Read(Mail(Report, Fields($"{Minimum}source-ip: {value}\r\n"), Embedded));
        Assert.Equal(expected, report.SourceIp?.ToString());
        Assert.Equal(expected is null ? "bad-source-ip" : "", Codes(report));
    }

    [Theory]
    [InlineData("<a@b>", "a@b")]
    [InlineData("a@b", "a@b")]
    [InlineData("<>", "")]
    [InlineData("rfc822;a@b", "a@b")]
    [InlineData("(c) <\"x(y)\"@b> (d)", "\"x(y)\"@b")]
    public void Paths_are_read_with_and_without_brackets(string value, string expected) =>
        Assert.Equal(expected, Read(Mail(Report, Fields($"{Minimum}Original-Mail-From: {value}\r\n"), Embedded)).OriginalMailFrom);

    [Theory]
    [InlineData("", "no-feedback-type no-user-agent no-version")]
    [InlineData(Minimum + "Version: 2\r\n", "repeated-field")]
    [InlineData(Minimum + "Arrival-Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nReceived-Date: Sat, 21 Nov 2026 11:00:00 +0000\r\n", "two-arrival-dates")]
    [InlineData(Minimum + "Arrival-Date: today\r\n", "bad-arrival-date")]
    [InlineData(Minimum + "Incidents: -1\r\n", "bad-incidents")]
    [InlineData(Minimum + "Incidents: 4294967296\r\n", "bad-incidents")]
    [InlineData(Minimum + "Source-Port: 65536\r\n", "bad-source-port")]
    [InlineData("\r\n\r\nFeedback-Type: abuse\r\n\r\nno field\r\nUser-Agent: x\r\nVersion: 1\r\n", "")] // blank and other lines between
    public void What_is_off_in_the_fields_is_said(string fields, string problems) => Assert.Equal(problems, Codes(Read(Mail(Report, Fields(fields), Embedded))));

    [Fact]
    public void Auth_failure_fields_are_read_and_unknown_ones_kept()
    {
        var report = Read(Mail(Report, Fields("Feedback-Type: auth-failure\r\nUser-Agent: x\r\nVersion: 1\r\nAuth-Failure: dmarc\r\nDelivery-Result: reject\r\nIdentity-Alignment: dkim, spf\r\n"
            + "DKIM-Domain: x.example\r\nDKIM-Canonicalized-Body: QU\r\n JD\r\nSPF-DNS: txt : x.example : \"v=spf1\"\r\nX-New: 1\r\n"), Embedded));

        Assert.Equal("dmarc", report.AuthFailure!.Kind);
        Assert.Equal("reject", report.AuthFailure.DeliveryResult);
        Assert.Equal("dkim, spf", report.AuthFailure.IdentityAlignment);
        Assert.Equal("QUJD", report.AuthFailure.DkimCanonicalizedBody);
        Assert.Equal("txt : x.example : \"v=spf1\"", Assert.Single(report.AuthFailure.SpfDns));
        Assert.Equal(new FeedbackReportExtension("X-New", "1"), Assert.Single(report.Extensions));
        Assert.Null(Read(Mail(Report, Fields(Minimum), Embedded)).AuthFailure);
    }
}
