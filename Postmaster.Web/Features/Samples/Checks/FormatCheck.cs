using System.Globalization;
using Postmaster.Fbl.Mime;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>The form of the mail: the fields that have to be there, line lengths and line ends, 8-bit octets, MIME, size.</summary>
internal sealed class FormatCheck : ISampleCheck
{
    private static readonly HashSet<string> OfParts = new(StringComparer.Ordinal)
    {
        MessageProblemCodes.NoBoundary, MessageProblemCodes.NoParts, MessageProblemCodes.NotClosed, MessageProblemCodes.TooDeep, MessageProblemCodes.TooManyParts,
    };

    /// <summary>Many providers refuse what is larger.</summary>
    private const int LargeBytes = 10 * 1024 * 1024;

    public ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        var topic = new SampleTopicWriter(SampleTopics.Format, "Format");
        var form = new MessageForm(evidence.Message);
        foreach (FormViolation violation in form.Violations)
            Tell(topic, evidence, form.Lines, violation);
        AdviseOnFields(topic, evidence);
        CheckMime(topic, evidence);
        if (form.Lines.LongInHeader > 0)
            topic.Add(SampleSeverity.Info, "long_header_lines", $"{form.Lines.LongInHeader} header {(form.Lines.LongInHeader == 1 ? "line has" : "lines have")} more than 78 characters. Fold them.", "RFC 5322 §2.1.1", Ranges(form.Lines.LongInHeaderRanges, "long header line"));
        int size = evidence.Message.Bytes.Length;
        if (size > LargeBytes)
            topic.Add(SampleSeverity.Warning, "large", string.Create(CultureInfo.InvariantCulture, $"The mail has {size / 1048576} MB; many providers refuse more than 10 to 25 MB. Link to large files instead."), "RFC 5321 §4.5.3.1.7");
        if (topic.IsEmpty)
            topic.Add(SampleSeverity.Ok, "ok", string.Create(CultureInfo.InvariantCulture, $"Well formed, {size:N0} octets."), "RFC 5322 §3.6");
        return ValueTask.FromResult<SampleTopic?>(topic.ToTopic());
    }

    private static void Tell(SampleTopicWriter topic, SampleEvidence evidence, MessageLines lines, FormViolation violation)
    {
        (string text, string rfc, IEnumerable<ByteRange>? where) = Words(evidence, lines, violation);
        CopyText? fix = violation.Code is "no_message_id" or "bad_message_id" ? new CopyText("header", "Message-ID", $"<unique-id@{evidence.AuthorDomain?.Ascii ?? "news.example"}>") : null;
        topic.Add(violation.IsGrave ? SampleSeverity.Critical : SampleSeverity.Warning, violation.Code, text, rfc, where, fix: fix);
    }

    private static (string Text, string Rfc, IEnumerable<ByteRange>? Where) Words(SampleEvidence evidence, MessageLines lines, FormViolation violation) => violation.Code switch
    {
        _ when violation.Field is { } name => ($"{name} stands in the mail {evidence.Headers.Count(name)} times; once is allowed. Send one.", "RFC 5322 §3.6", evidence.RangesOf(name)),
        "no_from" => ("There is no From. Every mail needs one.", "RFC 5322 §3.6", null),
        "bad_from" => ("From is not one readable author. Write: Name <address@domain>.", "RFC 5322 §3.6.2", evidence.RangesOf("From")),
        "no_date" => ("There is no Date. Let the program that writes the mail set it.", "RFC 5322 §3.6.1", null),
        "bad_date" => ($"Date cannot be read. Write it as {MailDate.Format(evidence.ArrivedAt)}.", "RFC 5322 §3.3", evidence.RangesOf("Date").Take(1)),
        "no_message_id" => ("There is no Message-ID. Give each mail its own.", "RFC 5322 §3.6.4", null),
        "bad_message_id" => ("Message-ID is not of the form <left@right>.", "RFC 5322 §3.6.4", evidence.RangesOf("Message-ID").Take(1)),
        "long_lines" => ($"{lines.TooLong} {(lines.TooLong == 1 ? "line has" : "lines have")} more than 998 octets. Encode the part as quoted-printable or base64; servers on the way may cut the lines, which breaks DKIM.", "RFC 5322 §2.1.1", Ranges(lines.TooLongRanges, "long line")),
        "bare_cr" => ("There are CRs without LF. Servers change or refuse them. Let every line end in CRLF.", "RFC 5322 §2.3", Ranges(lines.BareCarriageReturnRanges, "CR")),
        "mixed_line_ends" => ($"{lines.BareLineFeeds} of {lines.LineEnds} lines end in LF alone. Let every line end in CRLF.", "RFC 5322 §2.3", null),
        "nul" => ("The mail holds NUL octets, which many servers refuse. Encode the part as base64.", "RFC 5322 §4", [new ByteRange(lines.Nul, 1, "NUL")]),
        MessageForm.EightBitHeader => EightBit([.. evidence.Headers.Where(MessageForm.HasEightBit)]),
        _ => Problem(evidence, violation.Code.Replace('_', '-'), violation.Offset ?? 0),
    };

    private static (string Text, string Rfc, IEnumerable<ByteRange>? Where) EightBit(List<HeaderField> fields) =>
        ($"{string.Join(", ", fields.Select(f => f.Name).Distinct(StringComparer.OrdinalIgnoreCase))} holds octets above 127. Write encoded words (=?utf-8?q?...?=), unless the recipient takes SMTPUTF8.", "RFC 2047 §2", fields.Select(SampleEvidence.RangeOf));

    private static (string Text, string Rfc, IEnumerable<ByteRange>? Where) Problem(SampleEvidence evidence, string code, int offset) =>
        ($"{ProblemText(code)}, at octet {offset}.", "RFC 2046 §5.1", offset < evidence.Message.Bytes.Length ? [new ByteRange(offset, 1, code)] : null);

    private static IEnumerable<ByteRange> Ranges(IEnumerable<OctetRange> ranges, string label) => ranges.Select(r => new ByteRange(r.Offset, r.Length, label));

    /// <summary>What is allowed, and still not good.</summary>
    private static void AdviseOnFields(SampleTopicWriter topic, SampleEvidence evidence)
    {
        if (evidence.Headers.First("Subject") is null)
            topic.Add(SampleSeverity.Warning, "no_subject", "There is no Subject.", "RFC 5322 §3.6.5");
        if (evidence.Headers.First("To") is null && evidence.Headers.First("Cc") is null)
            topic.Add(SampleSeverity.Warning, "no_recipient", "There is neither To nor Cc. Name the recipient in To.", "RFC 5322 §3.6.3");
        if (evidence.Headers.First("Date") is not { } field || !MailDate.TryParse(field.Unfolded, out DateTimeOffset date))
            return;
        if (date - evidence.ArrivedAt > TimeSpan.FromHours(1))
            topic.Add(SampleSeverity.Warning, "future_date", $"Date lies in the future ({date.UtcDateTime:yyyy-MM-dd HH:mm} UTC). Look at the clock of the sending machine.", "RFC 5322 §3.6.1", [SampleEvidence.RangeOf(field)]);
        else if (evidence.Envelope is not null && evidence.ArrivedAt - date > TimeSpan.FromDays(7))
            topic.Add(SampleSeverity.Warning, "old_date", $"Date is older than a week ({date.UtcDateTime:yyyy-MM-dd HH:mm} UTC). Set it when the mail is sent.", "RFC 5322 §3.6.1", [SampleEvidence.RangeOf(field)]);
    }

    private static void CheckMime(SampleTopicWriter topic, SampleEvidence evidence)
    {
        if (evidence.Headers.First("Content-Type") is not null && evidence.Headers.First("MIME-Version") is null)
            topic.Add(SampleSeverity.Warning, "no_mime_version", "There is a Content-Type but no MIME-Version. Add the field below.", "RFC 2045 §4", fix: new CopyText("header", "MIME-Version", "1.0"));
        foreach (MessageProblem problem in evidence.Message.Problems.Where(p => OfParts.Contains(p.Code)).DistinctBy(p => p.Code, StringComparer.Ordinal))
        {
            (string text, string rfc, IEnumerable<ByteRange>? where) = Problem(evidence, problem.Code, problem.Offset);
            topic.Add(SampleSeverity.Warning, problem.Code.Replace('-', '_'), text, rfc, where);
        }

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
