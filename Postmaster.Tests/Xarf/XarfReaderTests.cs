using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Xarf;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Xarf;

public sealed class XarfReaderTests
{
    [ConformanceFact("xarf")]
    public void The_sample_is_read_with_all_its_fields()
    {
        Assert.True(XarfReader.TryRead(File.ReadAllBytes(Path.Combine(Conformance.Directory("xarf"), "xarf-v4-messaging-spam.sample.json")), out var report, out _));

        Assert.Equal("4.2.0", report.Version);
        Assert.Equal("02eb480f-8172-431a-9276-c28ba90f694a", report.ReportId);
        Assert.Equal(new DateTimeOffset(2025, 1, 11, 10, 59, 45, TimeSpan.Zero), report.Timestamp);
        Assert.Equal(new XarfContact("Example Anti-Spam Service", "reports@antispam-service.example", "antispam-service.example"), report.Reporter);
        Assert.Equal(report.Reporter, report.Sender);
        Assert.Equal(("192.168.1.100", 25), (report.SourceIdentifier, report.SourcePort));
        Assert.Equal(("messaging", "spam", "spamtrap", "smtp"), (report.Category, report.Type, report.EvidenceSource, report.Protocol));
        Assert.Equal(("marketing@example.com", "Urgent: Claim Your Prize Now!"), (report.SmtpFrom, report.Subject));
        Assert.Equal("spam:commercial detection:automated language:english", string.Join(' ', report.Tags));
        var evidence = Assert.Single(report.Evidence);
        Assert.Equal(("message/rfc822", "Complete spam email with headers"), (evidence.ContentType, evidence.Description));
        Assert.StartsWith("Received: from example.com", Encoding.ASCII.GetString(evidence.Payload.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void A_caller_who_has_a_very_long_report_in_memory_may_have_it_read()
    {
        byte[] mail = Encoding.UTF8.GetBytes(Suppression.Reports.Of());
        Assert.False(AnyReportReader.TryRead(mail, out _, out _, out _, new MessageLimits { MaxMessageBytes = mail.Length - 1 }));
        Assert.True(AnyReportReader.TryRead(mail, out _, out _, out _, new MessageLimits { MaxMessageBytes = int.MaxValue }));
    }

    [ConformanceFact("xarf")]
    public void In_the_terms_of_arf_the_sample_is_a_report_of_abuse()
    {
        Assert.True(XarfReader.TryRead(File.ReadAllBytes(Path.Combine(Conformance.Directory("xarf"), "xarf-v4-messaging-spam.sample.json")), out var report, out _));
        var feedback = report.ToFeedbackReport();

        Assert.Equal(FeedbackType.Abuse, feedback.FeedbackType);
        Assert.Equal("marketing@example.com", feedback.OriginalMailFrom);
        Assert.Equal("192.168.1.100", feedback.SourceIp!.ToString());
        Assert.Equal(report.Timestamp, feedback.ArrivalDate);
        Assert.NotNull(feedback.Original);
        Assert.True(feedback.HasReportPart);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"xarf_version\":")]
    [InlineData("Subject: {\"xarf_version\":\"4.0.0\"}\r\n\r\nHello")]
    [InlineData("")]
    public void What_is_no_report_is_said_to_be_none(string text)
    {
        Assert.False(XarfReader.TryRead(Encoding.UTF8.GetBytes(text), out _, out var problem));
        Assert.Equal(XarfProblems.NotXarf, problem.Code);
    }

    [Theory]
    [InlineData("{\"xarf_version\":4}", "missing-xarf-field")]
    [InlineData("{\"xarf_version\":\"3\"}", "other-xarf-version")]
    [InlineData("{\"xarf_version\":\"4.0.0\",\"timestamp\":\"soon\"}", "bad-timestamp")]
    [InlineData("{\"xarf_version\":\"4.0.0\",\"source_port\":0}", "bad-source-port")]
    [InlineData("{\"xarf_version\":\"4.0.0\",\"evidence\":[7,{\"payload\":\"%\"}]}", "bad-evidence")]
    [InlineData("{\"xarf_version\":\"4.0.0\",\"evidence\":[{\"payload\":\"YQ==\",\"hash\":\"sha1:00\"}]}", "wrong-evidence-hash")]
    public void What_is_off_is_named_and_the_rest_is_read(string json, string code)
    {
        foreach (var text in new[] { json, "\uFEFF \r\n" + json, "A: 1\r\n\r\n" + json, "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\n\r\n" + json + "\r\n--b--\r\n" })
        {
            Assert.True(XarfReader.TryRead(Encoding.UTF8.GetBytes(text), out var report, out _));
            Assert.Contains(report.Problems, problem => string.Equals(problem.Code, code, StringComparison.Ordinal));
            Assert.NotNull(report.ToFeedbackReport());
        }
    }

    [Fact]
    public void A_text_cut_or_changed_anywhere_never_throws()
    {
        Assert.True(XarfWriter.TryWrite(XarfWriterTests.Draft(), out var json, out _));
        var random = new Random(4);
        for (var i = 0; i < json.Length; i++)
        {
            XarfReader.TryRead(json.AsMemory(0, i), out _, out _);
            var changed = json.ToArray();
            for (var n = 0; n < 3; n++)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            if (XarfReader.TryRead(changed, out var report, out _))
                Assert.NotNull(report.ToFeedbackReport());
        }
        Assert.False(XarfReader.TryRead(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 100_000))), out _, out _));
        Assert.True(XarfReader.TryRead(MessageReader.Read(json), out _, out _)); // a mail without a header
    }
}
