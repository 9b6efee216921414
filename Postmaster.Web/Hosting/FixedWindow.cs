using System.Threading.RateLimiting;

namespace Postmaster.Web.Hosting;

/// <summary>So much in a while, and no more, for each of many: a mailbox, an account, a network. Counts in memory, so each process counts for itself.</summary>
internal sealed class FixedWindow(int permits, TimeSpan window) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(key => PartitionOf(key, permits, window));

    public static FixedWindow PerMinute(int permits) => new(permits, TimeSpan.FromMinutes(1));

    public static FixedWindow PerHour(int permits) => new(permits, TimeSpan.FromHours(1));

    /// <summary>The same as a policy of the web server wants it.</summary>
    public static RateLimitPartition<string> PartitionOf(string key, int permits, TimeSpan window) => RateLimitPartition.GetFixedWindowLimiter(
        key, _ => new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = window });

    /// <summary>Counts one more; false when that is too much.</summary>
    public bool Allows(string key) => Take(key) is null;

    /// <summary>Counts one more.</summary>
    /// <returns>Null when that is within the limit; else how long to wait.</returns>
    public TimeSpan? Take(string key)
    {
        using RateLimitLease lease = _limiter.AttemptAcquire(key);
        if (lease.IsAcquired)
            return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) && wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1);
    }

    public void Dispose() => _limiter.Dispose();
}
