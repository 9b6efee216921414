using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Postmaster.Web.Features.Samples;

/// <summary>How often somebody may have a mail checked: each check asks DNS many questions and keeps a mail on the disk.</summary>
public sealed class SampleLimits(IOptions<SamplesOptions> options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _accounts = PerHour(options.Value.PerHour);
    private readonly PartitionedRateLimiter<string> _networks = PerHour(options.Value.AnonymousPerHour);

    /// <summary>
    /// Unsubscriptions an hour by one viewer, and towards one host by all of them. Attack: a mail that somebody signs himself names another's server, and
    /// the button knocks there in our name.
    /// </summary>
    private const int OneClicksPerHour = 10, OneClicksPerHostAndHour = 30;

    private readonly PartitionedRateLimiter<string> _oneClicks = PerHour(OneClicksPerHour);
    private readonly PartitionedRateLimiter<string> _oneClickHosts = PerHour(OneClicksPerHostAndHour);

    /// <summary>Counts one press; false when there were too many in the hour.</summary>
    public bool AllowsOneClick(SampleViewer viewer, HttpContext context, string host)
    {
        using RateLimitLease own = _oneClicks.AttemptAcquire(viewer.AccountId?.ToString("N") ?? Network(context.Connection.RemoteIpAddress));
        if (!own.IsAcquired)
            return false;
        using RateLimitLease theirs = _oneClickHosts.AttemptAcquire(host);
        return theirs.IsAcquired;
    }

    /// <summary>Counts one check or one-time address; false when there were too many in the hour.</summary>
    public bool Allows(SampleViewer viewer, HttpContext context)
    {
        using RateLimitLease lease = viewer.AccountId is { } account
            ? _accounts.AttemptAcquire(account.ToString("N"))
            : _networks.AttemptAcquire(Network(context.Connection.RemoteIpAddress));
        return lease.IsAcquired;
    }

    public void Dispose()
    {
        _accounts.Dispose();
        _networks.Dispose();
        _oneClicks.Dispose();
        _oneClickHosts.Dispose();
    }

    /// <summary>An IPv6 customer owns a /64: counting single addresses there would count nothing.</summary>
    private static string Network(IPAddress? address)
    {
        if (address is null)
            return "";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }

    private static PartitionedRateLimiter<string> PerHour(int permits) =>
        PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetFixedWindowLimiter(
            key, _ => new FixedWindowRateLimiterOptions { PermitLimit = permits, Window = TimeSpan.FromHours(1), QueueLimit = 0 }));
}
