using System.Globalization;
using System.Runtime.InteropServices;

namespace Postmaster.Benchmarks;

/// <summary>How often something is done in a second of processor time, and what it allocates each time; not a number where that was not measured.</summary>
/// <remarks>Processor time, not the clock: other programs on the machine must not count.</remarks>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Rate(double PerSecond, double AllocatedBytes)
{
    /// <summary>The compiler works in the background and on the same core: it needs a while until what runs is what a server runs.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(400);
    private const int LeastRounds = 3;
    private const int MostRounds = 10;

    /// <summary>The best round; there are more for as long as they get faster, until the compiler has finished.</summary>
    public static Rate Of(Action action)
    {
        Run(action, WarmUp);
        var best = default(Rate);
        var sinceBest = 0;
        for (var i = 0; i < MostRounds && (i < LeastRounds || sinceBest < 3); i++)
        {
            var rate = Run(action, Round);
            sinceBest = rate.PerSecond > best.PerSecond * 1.01 ? 0 : sinceBest + 1;
            best = rate.PerSecond > best.PerSecond ? rate : best;
        }
        return best;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{PerSecond:N0}/s");

    private static Rate Run(Action action, TimeSpan atLeast)
    {
        var count = 0L;
        var batch = 1;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Used();
        var used = TimeSpan.Zero;
        while (used < atLeast)
        {
            for (var i = 0; i < batch; i++)
                action();
            count += batch;
            used = Used() - start;
            if (used < atLeast / 20)
                batch *= 2;
        }
        return new Rate(count / used.TotalSeconds, (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)count);
    }

    private static TimeSpan Used() => Environment.CpuUsage.TotalTime;
}
