using System.Globalization;
using Postmaster.Fbl.Mime;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>The form of the mail: the fields that have to be there, line lengths and line ends, 8-bit octets, MIME, size.</summary>
internal sealed class FormatCheck : ISampleCheck
{
    /// <summary>RFC 5322 §2.1.1.</summary>
    private const int MaxLine = 998, GoodLine = 78;

    /// <summary>Many providers refuse what is larger.</summary>
    private const int LargeBytes = 10 * 1024 * 1024;

    private const int MaxRanges = 10;

    private static readonly string[] Once = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject", "Date", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"];

    public ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        var topic = new SampleTopicWriter(SampleTopics.Format, "Format");
        CheckFields(topic, evidence);
        CheckDate(topic, evidence);
        CheckMessageId(topic, evidence);
        CheckLines(topic, evidence);
        CheckMime(topic, evidence);
        int size = evidence.Message.Bytes.Length;
        if (size > LargeBytes)
            topic.Add(SampleSeverity.Warning, "large", string.Create(CultureInfo.InvariantCulture, $"The mail has {size / 1048576} MB; many providers refuse more than 10 to 25 MB. Link to large files instead."), "RFC 5321 §4.5.3.1.7");
        if (topic.IsEmpty)
            topic.Add(SampleSeverity.Ok, "ok", string.Create(CultureInfo.InvariantCulture, $"Well formed, {size:N0} octets."), "RFC 5322 §3.6");
        return ValueTask.FromResult<SampleTopic?>(topic.ToTopic());
    }

    private static void CheckFields(SampleTopicWriter topic, SampleEvidence evidence)
    {
        foreach (string name in Once.Where(n => evidence.Headers.Count(n) > 1))
            topic.Add(name is "From" ? SampleSeverity.Critical : SampleSeverity.Warning, "repeated_" + name.ToLowerInvariant().Replace('-', '_'), $"{name} stands in the mail {evidence.Headers.Count(name)} times; once is allowed. Send one.", "RFC 5322 §3.6", evidence.RangesOf(name));
        if (evidence.Headers.First("From") is not { } from)
            topic.Add(SampleSeverity.Critical, "no_from", "There is no From. Every mail needs one.", "RFC 5322 §3.6");
        else if (evidence.Headers.Count("From") == 1 && evidence.AuthorDomain is null)
            topic.Add(SampleSeverity.Critical, "bad_from", "From is not one readable author. Write: Name <address@domain>.", "RFC 5322 §3.6.2", [SampleEvidence.RangeOf(from)]);
        if (evidence.Headers.First("Subject") is null)
            topic.Add(SampleSeverity.Warning, "no_subject", "There is no Subject.", "RFC 5322 §3.6.5");
        if (evidence.Headers.First("To") is null && evidence.Headers.First("Cc") is null)
            topic.Add(SampleSeverity.Warning, "no_recipient", "There is neither To nor Cc. Name the recipient in To.", "RFC 5322 §3.6.3");
    }

    private static void CheckDate(SampleTopicWriter topic, SampleEvidence evidence)
    {
        if (evidence.Headers.First("Date") is not { } field)
        {
            topic.Add(SampleSeverity.Critical, "no_date", "There is no Date. Let the program that writes the mail set it.", "RFC 5322 §3.6.1");
            return;
        }

        ByteRange[] range = [SampleEvidence.RangeOf(field)];
        if (!MailDate.TryParse(field.Unfolded, out DateTimeOffset date))
            topic.Add(SampleSeverity.Warning, "bad_date", $"Date cannot be read. Write it as {MailDate.Format(evidence.ArrivedAt)}.", "RFC 5322 §3.3", range);
        else if (date - evidence.ArrivedAt > TimeSpan.FromHours(1))
            topic.Add(SampleSeverity.Warning, "future_date", $"Date lies in the future ({date.UtcDateTime:yyyy-MM-dd HH:mm} UTC). Look at the clock of the sending machine.", "RFC 5322 §3.6.1", range);
        else if (evidence.Envelope is not null && evidence.ArrivedAt - date > TimeSpan.FromDays(7))
            topic.Add(SampleSeverity.Warning, "old_date", $"Date is older than a week ({date.UtcDateTime:yyyy-MM-dd HH:mm} UTC). Set it when the mail is sent.", "RFC 5322 §3.6.1", range);
    }

    private static void CheckMessageId(SampleTopicWriter topic, SampleEvidence evidence)
    {
        string advice = $"<unique-id@{evidence.AuthorDomain?.Ascii ?? "news.example"}>";
        if (evidence.Headers.First("Message-ID") is not { } field)
            topic.Add(SampleSeverity.Warning, "no_message_id", "There is no Message-ID. Give each mail its own.", "RFC 5322 §3.6.4", fix: new CopyText("header", "Message-ID", advice));
        else if (field.Unfolded is not ['<', .., '>'] || field.Unfolded.Count(c => c == '@') != 1 || field.Unfolded.Any(char.IsWhiteSpace))
            topic.Add(SampleSeverity.Warning, "bad_message_id", "Message-ID is not of the form <left@right>.", "RFC 5322 §3.6.4", [SampleEvidence.RangeOf(field)], fix: new CopyText("header", "Message-ID", advice));
    }

    private static void CheckLines(SampleTopicWriter topic, SampleEvidence evidence)
    {
        var lines = SampleLines.Measure(evidence.Message.Bytes.Span, evidence.Message.BodyOffset, MaxLine, GoodLine, MaxRanges);
        if (lines.TooLong > 0)
            topic.Add(SampleSeverity.Critical, "long_lines", $"{lines.TooLong} {(lines.TooLong == 1 ? "line has" : "lines have")} more than 998 octets. Encode the part as quoted-printable or base64; servers on the way may cut the lines, which breaks DKIM.", "RFC 5322 §2.1.1", lines.TooLongRanges);
        if (lines.LongHeaderLines > 0)
            topic.Add(SampleSeverity.Info, "long_header_lines", $"{lines.LongHeaderLines} header {(lines.LongHeaderLines == 1 ? "line has" : "lines have")} more than 78 characters. Fold them.", "RFC 5322 §2.1.1", lines.LongHeaderRanges);
        if (lines.BareCarriageReturns > 0)
            topic.Add(SampleSeverity.Critical, "bare_cr", "There are CRs without LF. Servers change or refuse them. Let every line end in CRLF.", "RFC 5322 §2.3", lines.BareRanges);
        if (lines.BareLineFeeds > 0 && lines.LineEnds > lines.BareLineFeeds)
            topic.Add(SampleSeverity.Warning, "mixed_line_ends", $"{lines.BareLineFeeds} of {lines.LineEnds} lines end in LF alone. Let every line end in CRLF.", "RFC 5322 §2.3");
        if (lines.Nul >= 0)
            topic.Add(SampleSeverity.Warning, "nul", "The mail holds NUL octets, which many servers refuse. Encode the part as base64.", "RFC 5322 §4", [new ByteRange(lines.Nul, 1, "NUL")]);
        List<HeaderField> eightBit = [.. evidence.Headers.Where(f => f.Raw.Span.ContainsAnyExceptInRange((byte)0, (byte)127))];
        if (eightBit.Count > 0)
            topic.Add(SampleSeverity.Warning, "eight_bit_header", $"{string.Join(", ", eightBit.Select(f => f.Name).Distinct(StringComparer.OrdinalIgnoreCase))} holds octets above 127. Write encoded words (=?utf-8?q?...?=), unless the recipient takes SMTPUTF8.", "RFC 2047 §2", eightBit.Select(SampleEvidence.RangeOf));
    }

    private static void CheckMime(SampleTopicWriter topic, SampleEvidence evidence)
    {
        if (evidence.Headers.First("Content-Type") is not null && evidence.Headers.First("MIME-Version") is null)
            topic.Add(SampleSeverity.Warning, "no_mime_version", "There is a Content-Type but no MIME-Version. Add the field below.", "RFC 2045 §4", fix: new CopyText("header", "MIME-Version", "1.0"));
        foreach (MessageProblem problem in evidence.Message.Problems.Where(p => p.Code is not (MessageProblemCodes.BareLineFeed or MessageProblemCodes.BareCarriageReturn or MessageProblemCodes.LongHeaderLine)).DistinctBy(p => p.Code, StringComparer.Ordinal))
            topic.Add(SampleSeverity.Warning, problem.Code.Replace('-', '_'), $"{ProblemText(problem.Code)}, at octet {problem.Offset}.", "RFC 2046 §5.1", problem.Offset < evidence.Message.Bytes.Length ? [new ByteRange(problem.Offset, 1, problem.Code)] : null);
        foreach (MimePart part in evidence.Message.Root.Walk().Where(p => p.Parts.Count == 0 && p.TransferEncoding is null or "7bit" && p.RawBody.Span.ContainsAnyExceptInRange((byte)0, (byte)127)).Take(1))
            topic.Add(SampleSeverity.Warning, "undeclared_8bit", $"A part of type {part.ContentType} holds octets above 127 but says 7bit. Encode it, or say 8bit.", "RFC 2045 §6.2", [new ByteRange(part.Offset, Math.Max(1, part.BodyOffset - part.Offset), "part")]);
    }

    private static string ProblemText(string code) => code switch
    {
        MessageProblemCodes.MboxLine => "The mail begins with an mbox line (\"From \"), which is no header field",
        MessageProblemCodes.LineWithoutColon => "The header holds a line that is no field; everything from there is body",
        MessageProblemCodes.NoBlankLine => "There is no empty line after the header, so there is no body",
        MessageProblemCodes.NulInHeader => "The header holds a NUL octet",
        MessageProblemCodes.NoBoundary => "A multipart names no boundary",
        MessageProblemCodes.NoParts => "The boundary of a multipart never occurs",
        MessageProblemCodes.NotClosed => "A multipart lacks its closing boundary",
        MessageProblemCodes.TooDeep or MessageProblemCodes.TooManyParts => "The mail has more parts than are looked at",
        _ => "The mail has more than is looked at (" + code + ")",
    };
}
