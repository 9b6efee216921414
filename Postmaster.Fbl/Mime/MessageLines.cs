using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Mime;

/// <summary>Octets of a message.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OctetRange(int Offset, int Length);

/// <summary>What the lines of a message are like. The ranges are the first of each kind.</summary>
public sealed class MessageLines
{
    /// <summary>RFC 5322 §2.1.1: what a line must not have more of, and should not.</summary>
    private const int HardLimit = 998, SoftLimit = 78;

    /// <summary>Attack: a message of a million long lines.</summary>
    private const int MaxRanges = 10;

    private readonly List<OctetRange> _tooLong = [], _longInHeader = [], _bareCarriageReturns = [];

    /// <summary>Lines of more than 998 octets.</summary>
    public int TooLong { get; private set; }

    public IReadOnlyList<OctetRange> TooLongRanges => _tooLong;

    /// <summary>Lines of the header that have more than 78 octets, and not too many.</summary>
    public int LongInHeader { get; private set; }

    public IReadOnlyList<OctetRange> LongInHeaderRanges => _longInHeader;

    public int LineEnds { get; private set; }

    /// <summary>Of <see cref="LineEnds"/>.</summary>
    public int BareLineFeeds { get; private set; }

    public int BareCarriageReturns { get; private set; }

    public IReadOnlyList<OctetRange> BareCarriageReturnRanges => _bareCarriageReturns;

    /// <summary>Where the first NUL stands; -1 when there is none.</summary>
    public int Nul { get; private init; } = -1;

    public static MessageLines Of(RawMessage raw)
    {
        var message = raw.Bytes.Span;
        var lines = new MessageLines { Nul = message.IndexOf((byte)0) };
        for (var start = 0; start < message.Length;)
        {
            var feed = message[start..].IndexOf((byte)'\n');
            var end = feed < 0 ? message.Length : start + feed;
            var crlf = feed > 0 && message[end - 1] == '\r';
            var length = end - start - (crlf ? 1 : 0);
            if (feed >= 0)
            {
                lines.LineEnds++;
                lines.BareLineFeeds += crlf ? 0 : 1;
            }

            lines.Weigh(new OctetRange(start, length), inHeader: start < raw.BodyOffset);
            for (var at = start; message[at..(start + length)].IndexOf((byte)'\r') is var cr and >= 0; at += cr + 1)
            {
                lines.BareCarriageReturns++;
                Note(lines._bareCarriageReturns, new OctetRange(at + cr, 1));
            }

            start = end + 1;
        }
        return lines;
    }

    private void Weigh(OctetRange line, bool inHeader)
    {
        if (line.Length > HardLimit)
        {
            TooLong++;
            Note(_tooLong, line);
        }
        else if (inHeader && line.Length > SoftLimit)
        {
            LongInHeader++;
            Note(_longInHeader, line);
        }
    }

    private static void Note(List<OctetRange> ranges, OctetRange range)
    {
        if (ranges.Count < MaxRanges)
            ranges.Add(range);
    }
}
