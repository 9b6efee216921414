namespace Postmaster.Fbl.Mime;

/// <summary>Reads one header block line by line, as <see cref="MessageReader"/> says.</summary>
internal sealed class HeaderReader(ReadOnlyMemory<byte> bytes, int start, MessageLimits limits, Func<int, bool>? isDelimiter = null)
{
    /// <summary>RFC 5322 §2.1.1, without the line end.</summary>
    private const int MaxLineLength = 998;

    private bool bareLineFeed;
    private bool bareCarriageReturn;
    private bool longLine;

    /// <summary>The first octet after the blank line.</summary>
    public int BodyOffset { get; private set; }

    /// <param name="report">Takes what is off.</param>
    /// <param name="isMessage">A message (not a body part) may have an mbox line on top, and should have a blank line.</param>
    public HeaderBlock Read(Action<string, int> report, bool isMessage)
    {
        var span = bytes.Span;
        var fields = new List<HeaderField>(isMessage ? 16 : 4);
        var position = isMessage ? SkipMboxLine(span, report) : start;
        var first = position;
        var full = false;
        var end = -1;
        while (position < span.Length)
        {
            if (BlankLineLength(span[position..]) is var blank and > 0)
            {
                end = position;
                BodyOffset = position + blank;
                break;
            }
            var nameLength = NameLength(span[position..], out var colon);
            if (nameLength == 0 || isDelimiter?.Invoke(position) == true)
            {
                if (isMessage || nameLength == 0)
                    report(MessageProblemCodes.LineWithoutColon, position);
                end = BodyOffset = position;
                break;
            }
            var next = FieldEnd(span, position, report);
            if (!full && IsFull(fields.Count, next - first, out var code))
            {
                full = true;
                report(code, position);
            }
            if (!full)
                fields.Add(new HeaderField(bytes, position, nameLength, position + colon + 1, next));
            position = next;
        }
        if (end < 0)
        {
            end = BodyOffset = span.Length;
            if (isMessage)
                report(MessageProblemCodes.NoBlankLine, span.Length);
        }
        if (span[first..end].Contains((byte)0))
            report(MessageProblemCodes.NulInHeader, first + span[first..end].IndexOf((byte)0));
        return new HeaderBlock(fields, bytes[first..end]);
    }

    private int SkipMboxLine(ReadOnlySpan<byte> span, Action<string, int> report)
    {
        var rest = span[start..];
        if (!rest.StartsWith("From "u8) && !rest.StartsWith(">From "u8))
            return start;
        // "From : a@b" is a field with white space before its colon (RFC 5322 §4.5.8).
        if (NameLength(rest, out _) > 0)
            return start;
        report(MessageProblemCodes.MboxLine, start);
        var lineEnd = rest.IndexOf((byte)'\n');
        return lineEnd < 0 ? span.Length : start + lineEnd + 1;
    }

    private bool IsFull(int count, int size, out string code)
    {
        code = count >= limits.MaxHeaderFields ? MessageProblemCodes.TooManyFields : MessageProblemCodes.HeaderTooLarge;
        return count >= limits.MaxHeaderFields || size > limits.MaxHeaderBytes;
    }

    private static int BlankLineLength(ReadOnlySpan<byte> rest) =>
        rest[0] == '\n' ? 1 : rest.StartsWith("\r\n"u8) ? 2 : 0;

    /// <summary>RFC 5322 §3.6.8: printable US-ASCII without colon; §4.5: white space may stand before the colon. 0 means: no field.</summary>
    private static int NameLength(ReadOnlySpan<byte> rest, out int colon)
    {
        var length = 0;
        while (length < rest.Length && rest[length] is > 32 and < 127 and not (byte)':')
            length++;
        colon = length;
        while (colon < rest.Length && rest[colon] is (byte)' ' or (byte)'\t')
            colon++;
        return colon < rest.Length && rest[colon] == ':' ? length : 0;
    }

    /// <summary>After the line end that is followed by neither space nor tab.</summary>
    private int FieldEnd(ReadOnlySpan<byte> span, int position, Action<string, int> report)
    {
        var lineStart = position;
        while (true)
        {
            var length = span[lineStart..].IndexOf((byte)'\n');
            CheckLine(length < 0 ? span[lineStart..] : span.Slice(lineStart, length), length >= 0, lineStart, report);
            if (length < 0)
                return span.Length;
            lineStart += length + 1;
            if (lineStart >= span.Length || span[lineStart] is not ((byte)' ' or (byte)'\t'))
                return lineStart;
        }
    }

    private void CheckLine(ReadOnlySpan<byte> line, bool ended, int offset, Action<string, int> report)
    {
        if (line.Length > MaxLineLength + 1)
            Once(ref longLine, MessageProblemCodes.LongHeaderLine, offset, report);
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        else if (ended)
            Once(ref bareLineFeed, MessageProblemCodes.BareLineFeed, offset, report);
        if (!bareCarriageReturn && line.Contains((byte)'\r'))
            Once(ref bareCarriageReturn, MessageProblemCodes.BareCarriageReturn, offset + line.IndexOf((byte)'\r'), report);
    }

    private static void Once(ref bool said, string code, int offset, Action<string, int> report)
    {
        if (!said)
            report(code, offset);
        said = true;
    }
}
