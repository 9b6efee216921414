namespace Postmaster.Tests.Support;

/// <summary>
/// A clock that a test moves: instants jump, timers go on in real time, so workers keep running. It goes like the real one, from the next half past twelve on (UTC),
/// so that no hour, day or month ends within a test whenever that is run; ahead and not behind, so that what was signed or issued by the real clock is not of the future.
/// </summary>
internal sealed class MovableTime : TimeProvider
{
    private static readonly TimeSpan Begin = new(12, 30, 0);
    private long _offsetTicks;

    public MovableTime()
    {
        DateTimeOffset now = base.GetUtcNow();
        TimeSpan until = Begin - now.TimeOfDay;
        Advance(until < TimeSpan.Zero ? until + TimeSpan.FromDays(1) : until);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _offsetTicks));

    /// <summary>Back to the real time of the day: for what somebody compares with it who is not ours.</summary>
    public void Synchronize() => Interlocked.Exchange(ref _offsetTicks, 0);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _offsetTicks, by.Ticks);
}
