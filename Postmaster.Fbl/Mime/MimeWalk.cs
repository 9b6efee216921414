namespace Postmaster.Fbl.Mime;

/// <summary>One reading of one message: the entities that are open, the outermost first, and the search for the delimiter that ends them.</summary>
internal sealed class MimeWalk(ReadOnlyMemory<byte> bytes, MessageLimits limits)
{
    private readonly List<OpenEntity> open = [];
    private readonly List<MessageProblem> problems = [];
    private int partCount;

    private sealed class OpenEntity(MimePart part, byte[]? boundary)
    {
        public MimePart Part { get; } = part;

        /// <summary>Null for what is no multipart.</summary>
        public byte[]? Boundary { get; } = boundary;

        public bool Closed { get; set; }
    }

    public RawMessage Read()
    {
        var tooLarge = bytes.Length > limits.MaxMessageBytes;
        if (tooLarge)
            Report(MessageProblemCodes.MessageTooLarge, limits.MaxMessageBytes);

        var position = Open(0, walkInto: !tooLarge);
        var root = open[0].Part;
        while (!tooLarge && FindDelimiter(position, out var delimiter))
        {
            CloseAbove(delimiter.Index, delimiter.ContentEnd);
            var multipart = open[delimiter.Index];
            if (multipart.Part.PreambleEnd < 0)
                multipart.Part.PreambleEnd = Math.Max(delimiter.ContentEnd, multipart.Part.BodyOffset);
            position = delimiter.After;
            if (delimiter.IsClose)
            {
                multipart.Closed = true;
                multipart.Part.EpilogueOffset = position;
            }
            else if (partCount >= limits.MaxParts)
            {
                Report(MessageProblemCodes.TooManyParts, position);
                break;
            }
            else
            {
                position = Open(position, walkInto: true);
            }
        }
        CloseAbove(-1, bytes.Length);
        return new RawMessage(bytes, root, problems);
    }

    /// <summary>Reads the header of an entity, and of the message inside it if it is one, and so on.</summary>
    /// <returns>Where the search for the next delimiter begins.</returns>
    private int Open(int position, bool walkInto)
    {
        while (true)
        {
            var part = ReadHeader(position);
            partCount++;
            if (open.Count > 0)
                open[^1].Part.Add(part);
            var boundary = walkInto ? BoundaryOf(part) : null;
            var isMessage = walkInto && part.ContentType.IsMessage && TransferDecoder.IsIdentity(part.TransferEncoding);
            if ((boundary is not null || isMessage) && open.Count + 1 >= limits.MaxDepth)
            {
                Report(MessageProblemCodes.TooDeep, part.BodyOffset);
                boundary = null;
                isMessage = false;
            }
            open.Add(new OpenEntity(part, boundary));
            position = part.BodyOffset;
            if (!isMessage || partCount >= limits.MaxParts || IsAnyDelimiter(position))
                return position;
        }
    }

    private MimePart ReadHeader(int position)
    {
        var reader = new HeaderReader(bytes, position, limits, open.Count == 0 ? null : IsAnyDelimiter);
        var headers = reader.Read(Report, isMessage: open.Count == 0 || open[^1].Part.ContentType.IsMessage);
        // RFC 2046 §5.1.5: in a digest the default is a message.
        var defaultType = open.Count > 0 && open[^1].Part.ContentType.Is("multipart", "digest") ? ContentType.DigestDefault : ContentType.Default;
        return new MimePart(bytes, limits, position, reader.BodyOffset, headers, defaultType);
    }

    private byte[]? BoundaryOf(MimePart part)
    {
        if (!part.ContentType.IsMultipart)
            return null;
        var boundary = part.ContentType.Parameter("boundary")?.TrimEnd(' ', '\t');
        if (boundary is { Length: > 0 and <= MessageLimits.MaxBoundaryLength })
            return MailCharset.HeaderBytes(boundary);
        Report(MessageProblemCodes.NoBoundary, part.Offset);
        return null;
    }

    private readonly record struct Delimiter(int Index, bool IsClose, int ContentEnd, int After);

    private bool FindDelimiter(int position, out Delimiter delimiter)
    {
        delimiter = default;
        if (!open.Exists(entity => entity is { Boundary: not null, Closed: false }))
            return false;
        var span = bytes.Span;
        var bodyStart = position;
        while (position < span.Length)
        {
            if (!span[position..].StartsWith("--"u8))
            {
                var found = span[position..].IndexOf("\n--"u8);
                if (found < 0)
                    return false;
                position += found + 1;
            }
            var line = LineAt(position, out var after);
            var index = Match(line, out var isClose);
            if (index >= 0)
            {
                delimiter = new Delimiter(index, isClose, BeforeLineEnd(position, bodyStart), after);
                return true;
            }
            position = after;
        }
        return false;
    }

    /// <summary>The line end before a delimiter is the delimiter's (RFC 2046 §5.1.1).</summary>
    private int BeforeLineEnd(int lineStart, int bodyStart)
    {
        var span = bytes.Span;
        if (lineStart > bodyStart && span[lineStart - 1] == '\n')
            lineStart--;
        if (lineStart > bodyStart && span[lineStart] == '\n' && span[lineStart - 1] == '\r')
            lineStart--;
        return lineStart;
    }

    private ReadOnlySpan<byte> LineAt(int position, out int after)
    {
        var rest = bytes.Span[position..];
        var length = rest.IndexOf((byte)'\n');
        after = length < 0 ? bytes.Length : position + length + 1;
        return length < 0 ? rest : rest[..length];
    }

    private bool IsAnyDelimiter(int position) =>
        bytes.Span[position..].StartsWith("--"u8) && Match(LineAt(position, out _), out _) >= 0;

    /// <summary>The innermost open multipart that the line delimits, or -1. Linear in the line and in the depth, both of which are bounded.</summary>
    private int Match(ReadOnlySpan<byte> line, out bool isClose)
    {
        isClose = false;
        line = line[2..].TrimEnd(" \t\r"u8);
        for (var i = open.Count - 1; i >= 0; i--)
        {
            if (open[i] is not { Boundary: { } boundary, Closed: false } || !line.StartsWith(boundary))
                continue;
            var tail = line[boundary.Length..];
            isClose = tail.SequenceEqual("--"u8);
            if (tail.IsEmpty || isClose)
                return i;
        }
        return -1;
    }

    private void CloseAbove(int index, int end)
    {
        for (var i = open.Count - 1; i > index; i--)
        {
            var entity = open[i];
            entity.Part.EndOffset = Math.Max(end, entity.Part.BodyOffset);
            if (entity is { Boundary: not null, Closed: false })
                Report(entity.Part.PreambleEnd < 0 ? MessageProblemCodes.NoParts : MessageProblemCodes.NotClosed, entity.Part.Offset);
            open.RemoveAt(i);
        }
    }

    private void Report(string code, int offset)
    {
        if (problems.Count < MessageLimits.MaxProblems
            || (MessageProblemCodes.Limits.Contains(code, StringComparer.Ordinal) && !problems.Exists(problem => string.Equals(problem.Code, code, StringComparison.Ordinal))))
            problems.Add(new MessageProblem(code, offset));
    }
}
