using System.Numerics;

namespace Postmaster.Web.Model;

/// <summary>The counters of a stream in one period, or the sum of several periods or streams.</summary>
public sealed class TrafficCounts
{
    /// <summary>How many counters there are.</summary>
    public static readonly int Length = Enum.GetValues<TrafficCounter>().Length;

    private static readonly TrafficCounter[] Rejections =
    [
        TrafficCounter.RejectedUnknownUser, TrafficCounter.RejectedSpam, TrafficCounter.RejectedPolicy, TrafficCounter.RejectedDmarc, TrafficCounter.RejectedRate,
        TrafficCounter.RejectedReputation, TrafficCounter.RejectedContent, TrafficCounter.RejectedNoPtr, TrafficCounter.RejectedOther,
    ];

    private readonly long[] _values = new long[Length];

    public long this[TrafficCounter counter]
    {
        get => _values[(int)counter];
        set => _values[(int)counter] = value;
    }

    /// <summary>Recipients seen, as a bitmap of their keyed hashes: sums of it are unions, so that nobody counts twice.</summary>
    public RecipientSketch Recipients { get; set; }

    public long Delivered => this[TrafficCounter.DeliveredInbox] + this[TrafficCounter.DeliveredSpam];

    /// <summary>Rejected for whatever reason; deferred mail is not among it.</summary>
    public long Rejected
    {
        get
        {
            long sum = 0;
            foreach (TrafficCounter reason in Rejections)
                sum += this[reason];
            return sum;
        }
    }

    /// <summary>Delivered or rejected.</summary>
    public long Messages => Delivered + Rejected;

    public bool IsEmpty => !_values.AsSpan().ContainsAnyExcept(0L) && Recipients == default;

    public ReadOnlySpan<long> Values => _values;

    public void Add(TrafficCounts other)
    {
        for (int i = 0; i < _values.Length; i++)
            _values[i] += other._values[i];
        Recipients = Recipients.Union(other.Recipients);
    }

    public void Increment(TrafficCounter counter, long by = 1) => _values[(int)counter] += by;

    public static TrafficCounts Sum(IEnumerable<TrafficCounts> parts)
    {
        var sum = new TrafficCounts();
        foreach (TrafficCounts part in parts)
            sum.Add(part);
        return sum;
    }
}

/// <summary>
/// How many different recipients a cell holds, in 64 bits that say nothing about any of them: linear counting over keyed hashes
/// (Whang, Vander-Zanden, Taylor 1990). Good to about a tenth up to 100 recipients, which is what a privacy floor needs; full beyond 250.
/// </summary>
/// <param name="Bits">Bit <c>hash % 64</c> of each recipient.</param>
public readonly record struct RecipientSketch(ulong Bits)
{
    /// <summary>What is answered when all bits are set.</summary>
    public const int Full = 266;

    /// <summary>The estimated number of different recipients, 0 to <see cref="Full"/>; the latter means "that many or more".</summary>
    public int Estimate
    {
        get
        {
            int free = 64 - BitOperations.PopCount(Bits);
            return free == 0 ? Full : (int)Math.Round(64 * Math.Log(64.0 / free));
        }
    }

    public RecipientSketch With(ulong keyedHash) => new(Bits | (1UL << (int)(keyedHash % 64)));

    public RecipientSketch Union(RecipientSketch other) => new(Bits | other.Bits);
}
