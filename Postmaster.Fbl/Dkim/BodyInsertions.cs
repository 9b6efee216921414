using System.Globalization;
using System.Security.Cryptography;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Dkim;

/// <summary>Finds what was put into a body: lines at its end, a part, lines at the top or the bottom of a part, an envelope of parts around it.</summary>
internal static class BodyInsertions
{
    /// <summary>Ends of lines, counted from the bottom, at which the body may have ended; longer footers than that are not footers.</summary>
    public const int MaxCuts = 20_000;

    /// <summary>Lines at the top and at the bottom of a part between which an insertion is looked for; the work grows with the square.</summary>
    public const int MaxEdgeLines = 40;

    /// <summary>Parts that are looked into.</summary>
    public const int MaxParts = 64;

    public static BodyHashDiagnosis? Find(BodyHashTrial trial)
        => Footer(trial) ?? Parts(trial) ?? Edges(trial);

    /// <summary>The longest beginning of the body, cut at a line end, that matches: one pass, with a digest taken at each line end.</summary>
    private static BodyHashDiagnosis? Footer(BodyHashTrial trial)
    {
        var body = trial.Body.Span;
        if (trial.Matches(default))
            return trial.Found(BodyChange.FooterAdded, "The body was empty when it was signed; all of it was added.", 0, body.Length);
        if (!trial.TrySpend(body.Length))
            return null;
        using var canonicalizer = trial.Start(trial.Canonicalization);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var skipped = Math.Max(0, body.Count((byte)'\n') - MaxCuts);
        var position = 0;
        foreach (var line in new BodyLines(body))
        {
            canonicalizer.Append(line);
            position += line.Length;
            if (skipped-- > 0 || position == body.Length || IsBlank(trial, line))
                continue;
            canonicalizer.DigestSoFar(digest);
            if (trial.IsSigned(digest))
                return FooterAt(trial, body, position);
        }
        return null;
    }

    private static BodyHashDiagnosis FooterAt(BodyHashTrial trial, ReadOnlySpan<byte> body, int position)
    {
        var lines = body[position..].TrimEnd("\r\n"u8).Count((byte)'\n') + 1;
        var text = string.Create(CultureInfo.InvariantCulture, $"A footer was added: the body matches without its last {body.Length - position} octets ({lines} lines).");
        return trial.Found(BodyChange.FooterAdded, text, position, body.Length - position);
    }

    /// <summary>A list that adds its footer as a part, or wraps the mail into a multipart of its own.</summary>
    private static BodyHashDiagnosis? Parts(BodyHashTrial trial)
    {
        var body = trial.Body.Span;
        var start = trial.Message.BodyOffset;
        foreach (var part in trial.Message.Root.Walk().Skip(1).Take(MaxParts))
        {
            var content = part.RawBody.Span;
            if (trial.Matches(content) || trial.Matches(part.Raw.Span))
                return trial.Found(BodyChange.Wrapped, "The signed body is now one part of a larger one: a hop, such as a mailing list, wrapped it.", part.BodyOffset - start, content.Length);
            var delimiter = DelimiterBefore(body, part.Offset - start);
            var next = Math.Min(body.Length, part.EndOffset - start);
            if (delimiter < 0)
                continue;
            // From the delimiter before the part to the one after it, and the line end between them.
            var after = next + LineEndLength(body[next..]);
            if (trial.Matches(body[..delimiter], body[after..]))
                return trial.Found(BodyChange.PartAdded, $"A part was added: the body matches without it ({part.ContentType}).", delimiter, after - delimiter);
        }
        return null;
    }

    /// <summary>Runs of lines near the top or the bottom of the body and of each part of text.</summary>
    private static BodyHashDiagnosis? Edges(BodyHashTrial trial)
    {
        foreach (var part in trial.Message.Root.Walk().Take(MaxParts))
        {
            if (part.Parts.Count > 0 || part is not { ContentType.Type: "text" })
                continue;
            var ends = LineEnds(trial.Body.Span, part.BodyOffset - trial.Message.BodyOffset, part.EndOffset - trial.Message.BodyOffset);
            if (Run(trial, ends, Math.Max(0, ends.Count - MaxEdgeLines), ends.Count) is { } below)
                return below;
            if (ends.Count > MaxEdgeLines && Run(trial, ends, 0, MaxEdgeLines) is { } above)
                return above;
        }
        return null;
    }

    private static BodyHashDiagnosis? Run(BodyHashTrial trial, List<int> ends, int first, int last)
    {
        var body = trial.Body.Span;
        for (var size = 1; size < last - first; size++)
        {
            for (var i = last - 1 - size; i >= first && !trial.IsExhausted; i--)
            {
                var (from, to) = (ends[i], ends[i + size]);
                // The line end before a delimiter belongs to the delimiter, so the line may have been added with the one before it.
                if (trial.Matches(body[..from], body[to..]) || (i + size == ends.Count - 1 && trial.Matches(body[..BeforeLineEnd(body, from)], body[to..])))
                {
                    var text = string.Create(CultureInfo.InvariantCulture, $"Lines were put in: the body matches without {size} of its lines ({to - from} octets).");
                    return trial.Found(BodyChange.LinesInserted, text, from, to - from);
                }
            }
        }
        return null;
    }

    /// <summary>The start of the range, the start of each line in it, and its end.</summary>
    private static List<int> LineEnds(ReadOnlySpan<byte> body, int start, int end)
    {
        var ends = new List<int> { start };
        var position = start;
        foreach (var line in new BodyLines(body[start..end]))
            ends.Add(position += line.Length);
        return ends;
    }

    private static bool IsBlank(BodyHashTrial trial, ReadOnlySpan<byte> line)
        => line.Trim(trial.Canonicalization == DkimCanonicalization.Relaxed ? " \t\r\n"u8 : "\r\n"u8).IsEmpty;

    private static int DelimiterBefore(ReadOnlySpan<byte> body, int position)
    {
        var line = BeforeLineEnd(body, position);
        return line == position || line <= 0 ? -1 : body[..line].LastIndexOf((byte)'\n') + 1;
    }

    private static int BeforeLineEnd(ReadOnlySpan<byte> body, int position)
    {
        if (position > 0 && body[position - 1] == '\n')
            position--;
        return position > 0 && body[position - 1] == '\r' ? position - 1 : position;
    }

    private static int LineEndLength(ReadOnlySpan<byte> rest) => rest.StartsWith("\r\n"u8) ? 2 : rest.StartsWith("\n"u8) ? 1 : 0;
}
