using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Postmaster.Web.Features.Intake;

/// <summary>How much the HTTP door lets in: by address and minute, and by octets in memory.</summary>
internal sealed class HttpDoorLimits(IOptions<IntakeOptions> options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _requests = PerMinute(options.Value.RequestsPerMinute);
    private readonly PartitionedRateLimiter<string> _wrongTokens = PerMinute(options.Value.WrongTokensPerMinute);

    private long _inFlight;

    /// <summary>Room in memory for so many more octets of bodies; false when all requests together would hold too much.</summary>
    public bool TryTake(long octets)
    {
        if (Interlocked.Add(ref _inFlight, octets) <= options.Value.MaxInFlightBytes)
            return true;
        Return(octets);
        return false;
    }

    public void Return(long octets) => Interlocked.Add(ref _inFlight, -octets);

    /// <summary>Null: go on; else how long to wait.</summary>
    public TimeSpan? Request(HttpContext context) => Take(_requests, context);

    /// <summary>Null: one more guess is bearable; else how long to wait.</summary>
    public TimeSpan? WrongToken(HttpContext context) => Take(_wrongTokens, context);

    public void Dispose()
    {
        _requests.Dispose();
        _wrongTokens.Dispose();
    }

    private static TimeSpan? Take(PartitionedRateLimiter<string> limiter, HttpContext context)
    {
        using RateLimitLease lease = limiter.AttemptAcquire(context.Connection.RemoteIpAddress?.ToString() ?? "");
        if (lease.IsAcquired)
            return null;
        return lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) && wait > TimeSpan.Zero ? wait : TimeSpan.FromSeconds(1);
    }

    private static PartitionedRateLimiter<string> PerMinute(int permits) =>
        PartitionedRateLimiter.Create<string, string>(address => RateLimitPartition.GetFixedWindowLimiter(
            address, _ => new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));
}
