namespace Postmaster.Web.Demo;

/// <summary>
/// A clock that begins a month ago and is moved to the present while the history is made, so that every date of the demo is what the product
/// itself wrote at that time. Timers run as on any clock.
/// </summary>
internal sealed class DemoClock(DateTimeOffset start) : TimeProvider
{
    private long _behindTicks = (System.GetUtcNow() - start).Ticks;

    public TimeSpan Behind => TimeSpan.FromTicks(Interlocked.Read(ref _behindTicks));

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() - Behind;

    /// <summary>Goes forward, never past the present.</summary>
    public void Advance(TimeSpan by) => Interlocked.Exchange(ref _behindTicks, Math.Max(0, (Behind - by).Ticks));
}
