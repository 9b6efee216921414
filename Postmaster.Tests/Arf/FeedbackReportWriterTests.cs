using System.Net;
using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Arf;

public sealed class FeedbackReportWriterTests
{
    internal static readonly DateTimeOffset Arrival = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

    internal const string Original =
        "Received: from a by b; Sat, 21 Nov 2026 10:00:00 +0000\r\nFrom: News <news@owner.example>\r\nTo: x@mail.example\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"
        + "Message-ID: <1@owner.example>\r\nFeedback-ID: c:b:a:owner\r\nList-ID: The news <news.owner.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nBuy!\r\n";

    internal static FeedbackReportDraft Draft(ReadOnlyMemory<byte> original, OriginalShape shape = OriginalShape.FullMessage) => new()
    {
        From = MailAddress.Parse("fbl@fbl.provider.example"),
        FromName = "Spam complaints, \"Provider\"",
        To = MailAddress.Parse("complaints@owner.example"),
        Date = Arrival.AddHours(1),
        MessageId = "<report-1@fbl.provider.example>",
        Text = "A user of Provider says that this message is spam.\n\nIt came on 21 November 2026.\n",
        Shape = shape,
        Original = original,
        ExtraFields = [new("Auto-Submitted", "auto-generated"), new("Postmaster-Loop", "fbl.provider.example")],
        Report = new FeedbackReport
        {
            FeedbackType = FeedbackType.Abuse,
            UserAgent = "Postmaster/0.1",
            Version = "1",
            OriginalMailFrom = "bounce@owner.example",
            OriginalRcptTo = ["abcdefghijklmnop@mail.example"],
            ArrivalDate = Arrival,
            ReportingMta = "mx1.provider.example",
            SourceIp = IPAddress.Parse("::ffff:192.0.2.7"),
            SourcePort = 4321,
            Incidents = 2,
            OriginalEnvelopeId = "QQ314159",
            ReportedDomain = ["owner.example"],
            ReportedUri = ["https://owner.example/?a=1"],
            AuthenticationResults = ["mx.provider.example; dkim=pass header.d=owner.example header.s=s1 header.b=AbCdEfGh; spf=pass smtp.mailfrom=owner.example"],
        },
    };

    private static RawMessage Written(FeedbackReportDraft draft) => MessageReader.Read(FeedbackReportWriter.Write(draft));

    private static FeedbackReport ReadBack(FeedbackReportDraft draft)
    {
        Assert.True(FeedbackReportReader.TryRead(Written(draft), out var report, out _));
        return report;
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var report = ReadBack(Draft(Encoding.ASCII.GetBytes(Original)));

        Assert.Empty(report.Problems);
        Assert.Equal("abuse", report.FeedbackType);
        Assert.Equal("Postmaster/0.1", report.UserAgent);
        Assert.Equal("1", report.Version);
        Assert.Equal("bounce@owner.example", report.OriginalMailFrom);
        Assert.Equal("abcdefghijklmnop@mail.example", Assert.Single(report.OriginalRcptTo));
        Assert.Equal(Arrival, report.ArrivalDate);
        Assert.Equal("mx1.provider.example", report.ReportingMta);
        Assert.Equal(IPAddress.Parse("192.0.2.7"), report.SourceIp);
        Assert.Equal(4321, report.SourcePort);
        Assert.Equal(2u, report.Incidents);
        Assert.Equal("QQ314159", report.OriginalEnvelopeId);
        Assert.Equal("owner.example", Assert.Single(report.ReportedDomain));
        Assert.Equal("https://owner.example/?a=1", Assert.Single(report.ReportedUri));
        Assert.StartsWith("mx.provider.example; dkim=pass", Assert.Single(report.AuthenticationResults), StringComparison.Ordinal);
        Assert.Equal("<1@owner.example>", report.MessageId);
        Assert.Equal("c:b:a:owner", report.FeedbackId);
        Assert.Equal("news.owner.example", report.ListId);
        Assert.Equal("Gr\u00FC\u00DFe", report.Subject);
        Assert.Equal(Original, Encoding.ASCII.GetString(report.Original!.Bytes.Span));
        Assert.Empty(report.Extensions);
    }

    [Fact]
    public void The_skeleton_is_that_of_the_standard()
    {
        var message = Written(Draft(Encoding.ASCII.GetBytes(Original)));

        Assert.True(message.Root.ContentType.Is("multipart", "report"));
        Assert.Equal("feedback-report", message.Root.ContentType.Parameter("report-type"));
        Assert.Equal("text/plain message/feedback-report message/rfc822", string.Join(' ', message.Root.Parts.Select(part => part.ContentType.ToString())));
        Assert.Equal("FW: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=", message.Headers.First("Subject")!.Unfolded);
        Assert.Equal("\"Spam complaints, \\\"Provider\\\"\" <fbl@fbl.provider.example>", message.Headers.First("From")!.Unfolded);
        Assert.Equal("auto-generated", message.Headers.First("Auto-Submitted")!.Unfolded);
        Assert.Equal("Sat, 21 Nov 2026 11:00:00 +0000", message.Headers.First("Date")!.Unfolded);
        Assert.Empty(message.Problems);
        Assert.DoesNotContain("was changed", Text(message.Root.Parts[0]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_draft_gives_the_same_octets_with_crlf_only()
    {
        var first = FeedbackReportWriter.Write(Draft(Encoding.ASCII.GetBytes(Original.ReplaceLineEndings("\n"))));

        Assert.Equal(first, FeedbackReportWriter.Write(Draft(Encoding.ASCII.GetBytes(Original.ReplaceLineEndings("\n")))));
        Assert.Equal(first, FeedbackReportWriter.Write(Draft(Encoding.ASCII.GetBytes(Original))));
        AssertMailable(first);
    }

    [Theory]
    [InlineData(OriginalShape.HeadersOnly, Original, "7bit")]
    [InlineData(OriginalShape.HeadersOnly, "Subject: \u00E9\u00E8\r\n\r\nbody", "quoted-printable")]
    [InlineData(OriginalShape.FullMessage, "Subject: \u00E9\u00E8\r\n\r\nbody", "quoted-printable")] // ARF has no form for message/global
    [InlineData(OriginalShape.HeadersOnly, "Subject: a\rb\0c\r\n\r\nbody", "quoted-printable")]
    public void Headers_alone_are_sent_unchanged_in_whatever_encoding_they_need(OriginalShape shape, string original, string encoding)
    {
        var octets = Encoding.UTF8.GetBytes(original);
        var written = Written(Draft(octets, shape));
        var part = written.Root.Parts[2];

        Assert.True(part.ContentType.Is("text", "rfc822-headers"));
        Assert.Equal(encoding, part.TransferEncoding);
        Assert.True(part.TryDecode(out var content));
        Assert.Equal(Encoding.UTF8.GetString(MessageReader.Read(octets).Headers.Raw.Span), Encoding.UTF8.GetString(content));
        Assert.True(FeedbackReportReader.TryRead(written, out var report, out _));
        Assert.True(report.OriginalIsHeadersOnly);
        AssertMailable(written.Bytes.Span);
    }

    [Theory]
    [InlineData("Grand subject")]
    [InlineData("")]
    public void Identifiers_alone_are_those_four_fields_and_the_subject_is_the_reports_own(string more)
    {
        const string kept = "Message-ID:\r\n <1@owner.example>\r\nList-Id: <l.owner.example>\r\nfeedback-id: a:b:c:d\r\nCFBL-Feedback-ID: 1 11:\r\n 22 (no more)\r\n";
        var written = Written(Draft(Encoding.ASCII.GetBytes($"Subject: {more}\r\n{kept}Date: x\r\nX-Message-ID: y\r\n\r\nbody"), OriginalShape.Identifiers));

        Assert.Equal(kept, Encoding.ASCII.GetString(written.Root.Parts[2].RawBody.Span));
        Assert.Equal("Feedback report about owner.example", written.Headers.First("Subject")!.Unfolded);
        Assert.True(FeedbackReportReader.TryRead(written, out var report, out _));
        Assert.Empty(report.Problems);
        Assert.True(report.OriginalIsHeadersOnly);
        Assert.Equal(("<1@owner.example>", "a:b:c:d", "111:22", "l.owner.example"), (report.MessageId, report.FeedbackId, report.CfblFeedbackId, report.ListId));
        Assert.Equal(Arrival, report.ArrivalDate);
        AssertMailable(written.Bytes.Span);
    }

    [Fact]
    public void An_original_without_any_identifier_leaves_an_empty_part()
    {
        var report = ReadBack(Draft("Subject: x\r\n\r\nbody"u8.ToArray(), OriginalShape.Identifiers));

        Assert.NotNull(report.Original);
        Assert.Equal(0, report.Original.Headers.FieldCount);
        Assert.Null(report.MessageId);
    }

    [Fact]
    public void A_large_original_goes_as_its_header_and_part_one_says_so()
    {
        var written = Written(Draft(Encoding.ASCII.GetBytes(Original)) with { MaxOriginalBytes = 100 });

        Assert.True(written.Root.Parts[2].ContentType.Is("text", "rfc822-headers"));
        Assert.Contains("too large", Text(written.Root.Parts[0]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A: 1\r\n\r\nbare\rreturn", "A: 1\r\n\r\nbare\r\nreturn")]
    [InlineData("A: x\rX-Injected: 1\r\n\r\nbody", "A: x X-Injected: 1\r\n\r\nbody")]
    [InlineData("A: 1\r\n\r\nnul\0nul", "A: 1\r\n\r\nnul?nul")]
    public void What_mail_cannot_carry_is_mended_and_part_one_says_so(string original, string expected)
    {
        var written = Written(Draft(Encoding.ASCII.GetBytes(original)));

        Assert.Equal(expected, Encoding.ASCII.GetString(written.Root.Parts[2].RawBody.Span));
        Assert.Contains("was changed", Text(written.Root.Parts[0]), StringComparison.Ordinal);
        AssertMailable(written.Bytes.Span);
    }

    [Fact]
    public void Long_lines_are_broken_and_eight_bits_declared()
    {
        var original = "Subject: " + new string('x', 3000) + "\r\n\r\n" + string.Concat(Enumerable.Repeat("\u20AC", 3000));
        var written = Written(Draft(Encoding.UTF8.GetBytes(original)));

        AssertMailable(written.Bytes.Span);
        Assert.Equal("8bit", written.Root.Parts[2].TransferEncoding);
        Assert.Equal("8bit", written.Root.TransferEncoding);
        Assert.Equal(1, written.Root.Parts[2].EmbeddedMessage!.Headers.FieldCount);
        Assert.DoesNotContain("\uFFFD", Encoding.UTF8.GetString(written.Bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void The_boundary_is_never_one_that_the_original_holds()
    {
        var draft = Draft(Encoding.ASCII.GetBytes(Original));
        var taken = Written(draft).Root.ContentType.Parameter("boundary");
        var written = Written(draft with { Original = Encoding.ASCII.GetBytes($"{Original}\r\n--{taken}--\r\n") });

        Assert.NotEqual(taken, written.Root.ContentType.Parameter("boundary"), StringComparer.Ordinal);
        Assert.Equal(3, written.Root.Parts.Count);
    }

    [Fact]
    public void Hostile_values_stay_inside_their_fields()
    {
        var clean = Draft(Encoding.ASCII.GetBytes(Original));
        var draft = clean with
        {
            FromName = "x\r\nBcc: victim@else.example\r\n\r\nbody",
            MessageId = "<1@x>\r\nX-Evil: 1",
            Report = clean.Report with
            {
                UserAgent = "a\r\n\r\nFeedback-Type: fraud",
                OriginalMailFrom = "x>\r\nX-Evil: 1",
                AuthenticationResults = ["a; b=c\0\r\n\r\n--boundary", new string('q', 5000), "gr\u00FC\u00DFe"],
            },
        };
        var written = Written(draft);

        Assert.Equal(0, written.Headers.Count("Bcc") + written.Headers.Count("X-Evil"));
        Assert.True(FeedbackReportReader.TryRead(written, out var report, out _));
        Assert.Equal("abuse", report.FeedbackType);
        Assert.Empty(report.Extensions);
        Assert.Equal(3, report.AuthenticationResults.Count);
        AssertMailable(written.Bytes.Span);
    }

    [Fact]
    public void A_null_return_path_and_the_strict_form_of_ipv6_are_written_as_their_standards_say()
    {
        var draft = Draft(Encoding.ASCII.GetBytes(Original));
        draft = draft with { StrictSourceIp = true, Report = draft.Report with { OriginalMailFrom = "", SourceIp = IPAddress.Parse("2001:db8::25") } };
        var part = Encoding.ASCII.GetString(Written(draft).Root.Parts[1].RawBody.Span);

        Assert.Contains("Original-Mail-From: <>\r\n", part, StringComparison.Ordinal);
        Assert.Contains("Source-IP: IPv6:2001:db8::25\r\n", part, StringComparison.Ordinal);
        Assert.Equal("", ReadBack(draft).OriginalMailFrom);
        Assert.Equal(IPAddress.Parse("2001:db8::25"), ReadBack(draft).SourceIp);
    }

    private static string Text(MimePart part)
    {
        part.TryDecode(out var content);
        return Encoding.UTF8.GetString(content);
    }

    /// <summary>RFC 5321 §4.5.3.1.6, §2.3.8; RFC 5322 §2.1.1</summary>
    internal static void AssertMailable(ReadOnlySpan<byte> octets)
    {
        Assert.False(octets.Contains((byte)0));
        foreach (var line in Encoding.Latin1.GetString(octets).Split("\r\n"))
        {
            Assert.False(line.AsSpan().ContainsAny('\r', '\n'));
            Assert.InRange(line.Length, 0, 998);
        }
    }
}
