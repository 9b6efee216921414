namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>What the lines of a message are like. The ranges are the first of each kind.</summary>
internal sealed class SampleLines
{
    public int TooLong { get; private set; }

    public List<ByteRange> TooLongRanges { get; } = [];

    public int LongHeaderLines { get; private set; }

    public List<ByteRange> LongHeaderRanges { get; } = [];

    public int LineEnds { get; private set; }

    public int BareLineFeeds { get; private set; }

    public int BareCarriageReturns { get; private set; }

    public List<ByteRange> BareRanges { get; } = [];

    /// <summary>Where the first NUL stands; -1 when there is none.</summary>
    public int Nul { get; private set; } = -1;

    public static SampleLines Measure(ReadOnlySpan<byte> message, int bodyOffset, int hardLimit, int softLimit, int maxRanges)
    {
        var lines = new SampleLines { Nul = message.IndexOf((byte)0) };
        for (int start = 0; start < message.Length;)
        {
            int feed = message[start..].IndexOf((byte)'\n');
            int end = feed < 0 ? message.Length : start + feed;
            bool crlf = feed > 0 && message[end - 1] == '\r';
            int length = end - start - (crlf ? 1 : 0);
            if (feed >= 0)
            {
                lines.LineEnds++;
                lines.BareLineFeeds += crlf ? 0 : 1;
            }

            lines.Weigh(start, length, start < bodyOffset, hardLimit, softLimit, maxRanges);
            for (int at = start; message[at..(start + length)].IndexOf((byte)'\r') is var cr and >= 0; at += cr + 1)
            {
                lines.BareCarriageReturns++;
                if (lines.BareRanges.Count < maxRanges)
                    lines.BareRanges.Add(new ByteRange(at + cr, 1, "CR"));
            }

            start = end + 1;
        }

        return lines;
    }

    private void Weigh(int start, int length, bool header, int hardLimit, int softLimit, int maxRanges)
    {
        if (length > hardLimit)
        {
            TooLong++;
            if (TooLongRanges.Count < maxRanges)
                TooLongRanges.Add(new ByteRange(start, length, "long line"));
        }
        else if (header && length > softLimit)
        {
            LongHeaderLines++;
            if (LongHeaderRanges.Count < maxRanges)
                LongHeaderRanges.Add(new ByteRange(start, length, "long header line"));
        }
    }
}
