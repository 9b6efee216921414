using System.Buffers;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Dkim;

/// <summary>Undoes changes that hops make to each line of a body, and mistakes that signers make about lines.</summary>
internal static class BodyRewrites
{
    /// <summary>Hops cut lines near 998 octets (RFC 5321 §4.5.3.1.6), some a little earlier.</summary>
    private const int LeastFoldedLine = 900;

    private delegate void LineRewrite(ReadOnlySpan<byte> line, ArrayBufferWriter<byte> output);

    public static BodyHashDiagnosis? Find(BodyHashTrial trial)
    {
        var body = trial.Body.Span;
        if (trial.Canonicalization == DkimCanonicalization.Relaxed && trial.MatchesAs(DkimCanonicalization.Simple))
            return trial.Found(BodyChange.OtherCanonicalization, "The signer says c= relaxed for the body but hashed it simple.");
        if ((LineEnds(trial, body) ?? Lines(trial, body)) is { } found)
            return found;
        if (trial.Canonicalization == DkimCanonicalization.Simple && trial.MatchesAs(DkimCanonicalization.Relaxed))
        {
            return trial.Found(
                BodyChange.OtherCanonicalization,
                "The body matches as relaxed: the signer hashed it so although c= says simple, or a hop added white space.");
        }
        return Closed(trial, body);
    }

    private static BodyHashDiagnosis? LineEnds(BodyHashTrial trial, ReadOnlySpan<byte> body)
    {
        if (trial.MatchesRaw(body))
            return trial.Found(BodyChange.LineEnds, "The signer hashed the body without bringing it into canonical form.");
        var feeds = Each(body, (line, output) => Write(output, line, "\n"u8));
        if (trial.MatchesRaw(feeds) || trial.MatchesRaw(feeds.AsSpan().TrimEnd((byte)'\n')))
            return trial.Found(BodyChange.LineEnds, "The signer hashed the body with bare LF line ends; RFC 6376 §3.4 wants CRLF.");
        if (trial.MatchesRaw(body.TrimEnd("\r\n"u8)))
            return trial.Found(BodyChange.LineEnds, "The signer hashed the body without its last line end.");
        var at = BareReturn(body);
        if (at < 0)
            return null;
        if (trial.Matches(WithoutBareReturns(body)))
            return trial.Found(BodyChange.LineEnds, "CR octets that belong to no line end were put in.", at, 1);
        var split = new ArrayBufferWriter<byte>(body.Length + 16);
        for (var i = 0; i < body.Length; i++)
            Write(split, body.Slice(i, 1), body[i] == '\r' && (i + 1 == body.Length || body[i + 1] != '\n') ? "\n"u8 : default);
        return trial.Matches(split.WrittenSpan) ? trial.Found(BodyChange.LineEnds, "Line ends lost their LF: bare CR stands in the body.", at, 1) : null;
    }

    private static BodyHashDiagnosis? Lines(BodyHashTrial trial, ReadOnlySpan<byte> body)
    {
        if (body.StartsWith(">From "u8) || body.IndexOf("\n>From "u8) >= 0)
        {
            if (trial.Matches(Each(body, (line, output) => Write(output, line.StartsWith(">From "u8) ? line[1..] : line, "\r\n"u8))))
                return trial.Found(BodyChange.FromQuoted, "A hop that stores mail in mbox files put \">\" before a line that begins with \"From \".", LineStart(body, ">From "u8), 1);
        }
        if (body.StartsWith("."u8) || body.IndexOf("\n."u8) >= 0)
        {
            var at = LineStart(body, "."u8);
            if (trial.Matches(Each(body, (line, output) => Write(output, line.StartsWith(".."u8) ? line[1..] : line, "\r\n"u8))))
                return trial.Found(BodyChange.DotStuffing, "A dot that SMTP doubles at the start of a line was left doubled.", at, 1);
            if (trial.Matches(Each(body, (line, output) => Write(output, line.StartsWith("."u8) ? "."u8 : default, line, "\r\n"u8))))
                return trial.Found(BodyChange.DotStuffing, "A dot at the start of a line was lost, or signed after SMTP had doubled it.", at);
        }
        if (trial.Canonicalization == DkimCanonicalization.Simple && trial.Matches(Each(body, (line, output) => Write(output, line.TrimEnd(" \t"u8), "\r\n"u8))))
            return trial.Found(BodyChange.WhiteSpace, "White space was added at the end of lines.");
        if (trial.Matches(Each(body, (line, output) => Write(output, line.Trim(" \t"u8), "\r\n"u8))))
            return trial.Found(BodyChange.WhiteSpace, "White space was added at the start of lines.");
        return Folded(trial, body);
    }

    private static BodyHashDiagnosis? Folded(BodyHashTrial trial, ReadOnlySpan<byte> body)
    {
        var at = -1;
        var joined = new ArrayBufferWriter<byte>(body.Length + 16);
        var joinedWithSpace = new ArrayBufferWriter<byte>(body.Length + 16);
        var position = 0;
        var afterLong = false;
        foreach (var line in new BodyLines(body))
        {
            if (afterLong && at < 0)
                at = position;
            if (position > 0)
            {
                Write(joined, afterLong ? default : "\r\n"u8);
                Write(joinedWithSpace, afterLong ? default : "\r\n"u8);
            }
            // Postfix puts CR LF SP in, Sendmail "!" CR LF SP, others CR LF alone.
            var content = line.TrimEnd("\r\n"u8);
            Write(joined, afterLong && content.StartsWith(" "u8) ? content[1..] : content);
            Write(joinedWithSpace, content);
            afterLong = content.Length >= LeastFoldedLine;
            position += line.Length;
        }
        if (at < 0 || !(trial.Matches(joined.WrittenSpan) || trial.Matches(joinedWithSpace.WrittenSpan)))
            return null;
        return trial.Found(BodyChange.LongLinesFolded, "A hop cut a line that is longer than 998 octets; encode such mail, in quoted-printable for example.", at);
    }

    /// <summary>A cut multipart, with the delimiters that would close it.</summary>
    private static BodyHashDiagnosis? Closed(BodyHashTrial trial, ReadOnlySpan<byte> body)
    {
        if (!trial.Message.HasProblem(MessageProblemCodes.NotClosed) || trial.Message.Root.ContentType.Parameter("boundary") is not { } boundary)
            return null;
        byte[] delimiter = [.. body.EndsWith("\n"u8) ? default : "\r\n"u8, .. "--"u8, .. MailCharset.HeaderBytes(boundary), .. "--\r\n"u8];
        return trial.Matches(body, delimiter) || trial.Matches(body, "\r\n"u8, delimiter)
            ? trial.Found(BodyChange.Truncated, "The closing delimiter at the end of the body is missing.", body.Length)
            : null;
    }

    private static byte[] Each(ReadOnlySpan<byte> body, LineRewrite rewrite)
    {
        var output = new ArrayBufferWriter<byte>(body.Length + (body.Length / 32) + 16);
        foreach (var line in new BodyLines(body))
            rewrite(line.TrimEnd("\r\n"u8), output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] WithoutBareReturns(ReadOnlySpan<byte> body)
    {
        var output = new byte[body.Length];
        var length = 0;
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] != '\r' || (i + 1 < body.Length && body[i + 1] == '\n'))
                output[length++] = body[i];
        }
        return output[..length];
    }

    private static int BareReturn(ReadOnlySpan<byte> body)
    {
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] == '\r' && (i + 1 == body.Length || body[i + 1] != '\n'))
                return i;
        }
        return -1;
    }

    private static int LineStart(ReadOnlySpan<byte> body, ReadOnlySpan<byte> start)
    {
        var position = 0;
        foreach (var line in new BodyLines(body))
        {
            if (line.StartsWith(start))
                return position;
            position += line.Length;
        }
        return 0;
    }

    private static void Write(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        output.Write(first);
        output.Write(second);
        output.Write(third);
    }
}
