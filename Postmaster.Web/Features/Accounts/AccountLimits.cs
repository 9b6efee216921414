using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

/// <summary>How often account forms may be sent from one place, whatever accounts they name. Looking at a page is free.</summary>
internal sealed class AccountFormsLimit(IOptions<AccountsOptions> accounts) : IRateLimiterPolicy<string>
{
    /// <summary>The name that pages put into <c>EnableRateLimiting</c>.</summary>
    public const string Name = "account-forms";

    private static readonly TimeSpan _window = TimeSpan.FromMinutes(1);

    public Func<OnRejectedContext, CancellationToken, ValueTask>? OnRejected { get; } = static (context, _) =>
    {
        context.HttpContext.Response.Headers.RetryAfter = "60";
        return ValueTask.CompletedTask;
    };

    public RateLimitPartition<string> GetPartition(HttpContext httpContext) =>
        HttpMethods.IsPost(httpContext.Request.Method)
            ? RateLimitPartition.GetFixedWindowLimiter(Network(httpContext.Connection.RemoteIpAddress), _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = accounts.Value.FormsPerMinute,
                Window = _window,
            })
            : RateLimitPartition.GetNoLimiter("");

    /// <summary>An IPv6 customer owns a /64: counting single addresses there would count nothing.</summary>
    internal static string Network(IPAddress? address)
    {
        if (address is null)
            return "unknown";
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)) : address.ToString();
    }
}

/// <summary>How many mails visitors can make the portal send to one mailbox (<see cref="MailboxRate"/>). Beyond it the pages say the same and no mail goes out.</summary>
internal sealed class MailLimit(IOptions<AccountsOptions> accounts) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _limiter = PartitionedRateLimiter.Create<string, string>(mailbox =>
        RateLimitPartition.GetFixedWindowLimiter(mailbox, _ => new FixedWindowRateLimiterOptions
        {
            PermitLimit = accounts.Value.MailsPerHour,
            Window = TimeSpan.FromHours(1),
        }));

    public bool Allows(MailAddress address)
    {
        using RateLimitLease lease = _limiter.AttemptAcquire(MailboxRate.KeyOf(address));
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}

internal static class AccountLimits
{
    public static void AddAccountLimits(this IServiceCollection services)
    {
        services.AddSingleton<MailLimit>();
        services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.AddPolicy<string, AccountFormsLimit>(AccountFormsLimit.Name);
        });
    }
}
