using System.Net;
using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Xarf;
using Postmaster.Tests.Arf;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Xarf;

public sealed class XarfWriterTests
{
    private const string SpamSchema = "https://xarf.org/schemas/v4/types/messaging-spam.json", CoreSchema = "https://xarf.org/schemas/v4/xarf-core.json";

    private static readonly XarfContact Provider = new("Provider Mail", "fbl@provider.example", "provider.example");

    internal static XarfDraft Draft(string? original = null, string type = FeedbackType.Abuse) => new()
    {
        ReportId = new Guid("0d9e4d3e-6f0c-4b52-9f52-2b3f0f2f8a11"),
        Date = FeedbackReportWriterTests.Arrival.AddHours(1),
        Reporter = Provider,
        Original = Encoding.UTF8.GetBytes(original ?? FeedbackReportWriterTests.Original),
        Description = "A user of Provider Mail says that this message is spam.",
        Report = FeedbackReportWriterTests.Draft(default).Report with { FeedbackType = type },
    };

    private static JsonSchemaCheck Schemas() => new(Directory.GetFiles(Conformance.Directory("xarf"), "*.schema.json"));

    private static byte[] Written(XarfDraft draft)
    {
        Assert.True(XarfWriter.TryWrite(draft, out var json, out _));
        return json;
    }

    private static XarfReport ReadBack(XarfDraft draft)
    {
        Assert.True(XarfReader.TryRead(Written(draft), out var report, out _));
        Assert.Empty(report.Problems);
        return report;
    }

    public static TheoryData<OriginalShape, string, bool> Variants()
    {
        var all = new TheoryData<OriginalShape, string, bool>();
        foreach (var shape in Enum.GetValues<OriginalShape>())
        {
            foreach (var type in new[] { FeedbackType.Abuse, FeedbackType.Fraud })
            {
                all.Add(shape, type, true);
                all.Add(shape, type, false);
            }
        }
        return all;
    }

    [ConformanceTheory("xarf")]
    [MemberData(nameof(Variants))]
    public void Every_shape_is_valid_against_the_schemas(OriginalShape shape, string type, bool evidence)
    {
        var draft = Draft(type: type) with { Shape = shape, WithEvidence = evidence };
        foreach (var changed in new[]
        {
            draft,
            draft with { Report = draft.Report with { OriginalMailFrom = "" } }, // the null reverse-path is no address
            draft with { Report = draft.Report with { OriginalMailFrom = null, ReportedUri = [] }, Original = default },
            draft with { Report = draft.Report with { SourceIp = null, SourcePort = null, ArrivalDate = null } },
            draft with { Report = draft.Report with { SourceIp = IPAddress.Parse("2001:db8::25"), OriginalRcptTo = ["\"a b\"@mail.example"] } },
            draft with { Reporter = new XarfContact(new string('o', 300), "fbl@provider.example", "provider.example"), Description = new string('d', 2000) },
            draft with { Original = Encoding.UTF8.GetBytes($"Subject: {string.Concat(Enumerable.Repeat("\U0001F600", 400))}\r\nMessage-ID: <{new string('m', 300)}@x>\r\nFrom: j\u00F6@b\u00FCcher.example\r\n\r\n\0\r") },
        })
        {
            var json = Written(changed);
            var report = Encoding.UTF8.GetString(json);
            Assert.Empty(Schemas().Errors(json, report.Contains("\"phishing\"", StringComparison.Ordinal) ? CoreSchema : SpamSchema));
            Assert.Equal(json, Written(changed));
        }
    }

    [ConformanceFact("xarf")]
    public void The_check_itself_takes_the_sample_and_finds_what_is_wrong()
    {
        var sample = File.ReadAllText(Path.Combine(Conformance.Directory("xarf"), "xarf-v4-messaging-spam.sample.json"));
        Assert.Empty(Schemas().Errors(Encoding.UTF8.GetBytes(sample), SpamSchema));
        foreach (var (right, wrong) in new[]
        {
            ("\"4.2.0\"", "\"3\""), ("\"spam\"", "\"ham\""), ("\"smtp_from\"", "\"smtp_form\""), ("25,", "70000,"), ("\"org\"", "\"organisation\""), ("sha256:", "crc:"), ("spam:commercial", "Spam"),
            ("marketing@example.com", "marketing"), ("2025-01-11T10:59:45Z", "yesterday"), ("02eb480f", "x2eb480f"),
        })
            Assert.NotEmpty(Schemas().Errors(Encoding.UTF8.GetBytes(sample.Replace(right, wrong, StringComparison.Ordinal)), SpamSchema));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var report = ReadBack(Draft());

        Assert.Equal(("4.2.0", "messaging", "spam", "user_complaint", "smtp"), (report.Version, report.Category, report.Type, report.EvidenceSource, report.Protocol));
        Assert.Equal("0d9e4d3e-6f0c-4b52-9f52-2b3f0f2f8a11", report.ReportId);
        Assert.Equal(FeedbackReportWriterTests.Arrival, report.Timestamp);
        Assert.Equal(Provider, report.Reporter);
        Assert.Equal(Provider, report.Sender);
        Assert.Equal(("192.0.2.7", 4321), (report.SourceIdentifier, report.SourcePort));
        Assert.Equal(("bounce@owner.example", "abcdefghijklmnop@mail.example"), (report.SmtpFrom, report.SmtpTo));
        Assert.Equal(("Gr\u00FC\u00DFe", "<1@owner.example>"), (report.Subject, report.MessageId));
        var evidence = Assert.Single(report.Evidence);
        Assert.Equal(("message/rfc822", true), (evidence.ContentType, evidence.HashHolds));
        Assert.Equal(FeedbackReportWriterTests.Original, Encoding.ASCII.GetString(evidence.Payload.Span));
    }

    [Fact]
    public void Phishing_is_reported_with_its_link_when_the_body_may_leave()
    {
        var draft = Draft("From: bank@owner.example\r\nContent-Type: text/html\r\n\r\n<html xmlns='http://www.w3.org/1999/xhtml'><a href='https://l\u00F6gin.example/a?b=1&amp;c=2'>x</a>", FeedbackType.Fraud);
        draft = draft with { Report = draft.Report with { ReportedUri = [] } };

        var report = ReadBack(draft);
        Assert.Equal(("content", "phishing"), (report.Category, report.Type));
        Assert.EndsWith("/a?b=1&c=2", report.Url, StringComparison.Ordinal);

        var short_ = ReadBack(draft with { Shape = OriginalShape.HeadersOnly });
        Assert.Equal(("messaging", "spam"), (short_.Category, short_.Type));
        Assert.Equal("spam:phishing", Assert.Single(short_.Tags));
        Assert.Null(short_.Url);
        Assert.Equal(FeedbackType.Fraud, short_.ToFeedbackReport().FeedbackType);
        Assert.Equal(FeedbackType.Fraud, report.ToFeedbackReport().FeedbackType);
    }

    [Fact]
    public void Identifiers_alone_tell_neither_subject_nor_author()
    {
        var json = Encoding.UTF8.GetString(Written(Draft() with { Shape = OriginalShape.Identifiers }));
        var report = ReadBack(Draft() with { Shape = OriginalShape.Identifiers });

        Assert.Null(report.Subject);
        Assert.Equal("text/rfc822-headers", Assert.Single(report.Evidence).ContentType);
        Assert.Equal("Message-ID: <1@owner.example>\r\nFeedback-ID: c:b:a:owner\r\nList-ID: The news <news.owner.example>\r\n", Encoding.ASCII.GetString(report.Evidence[0].Payload.Span));
        Assert.DoesNotContain("Gr", json.Replace("Group", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal("<1@owner.example>", report.ToFeedbackReport().MessageId);
        Assert.Equal("news.owner.example", report.ToFeedbackReport().ListId);
    }

    [Theory]
    [InlineData(FeedbackType.NotSpam)]
    [InlineData(FeedbackType.Virus)]
    [InlineData(FeedbackType.AuthFailure)]
    public void A_type_without_a_form_is_not_written_as_another(string type)
    {
        Assert.False(XarfWriter.TryWrite(Draft(type: type), out _, out var problem));
        Assert.Equal(XarfProblems.NoForm, problem.Code);
    }

    [Fact]
    public void In_a_mail_it_is_an_attachment_that_the_reader_finds()
    {
        var mail = XarfMailWriter.Write(new XarfMailDraft
        {
            From = MailAddress.Parse("fbl@provider.example"),
            To = MailAddress.Parse("complaints@owner.example"),
            Date = FeedbackReportWriterTests.Arrival,
            MessageId = "<x1@provider.example>",
            Subject = "Spam complaint",
            Text = "A user says \u2026\n{ not this }\n",
            Json = Written(Draft()),
            ExtraFields = [new("Auto-Submitted", "auto-generated")],
        });

        FeedbackReportWriterTests.AssertMailable(mail);
        var message = MessageReader.Read(mail);
        Assert.Empty(message.Problems);
        Assert.Equal("text/plain application/json", string.Join(' ', message.Root.Parts.Select(part => part.ContentType.ToString())));
        Assert.True(XarfReader.TryRead(mail, out var report, out _));
        Assert.Equal("<1@owner.example>", report.MessageId);
    }
}
