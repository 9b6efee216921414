using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Accounts;

/// <summary>How often account forms may be sent from one place, whatever accounts they name. Looking at a page is free.</summary>
internal sealed class AccountFormsLimit(IOptions<AccountsOptions> accounts) : IRateLimiterPolicy<string>
{
    /// <summary>The name that pages put into <c>EnableRateLimiting</c>.</summary>
    public const string Name = "account-forms";

    public Func<OnRejectedContext, CancellationToken, ValueTask>? OnRejected { get; } = static (context, _) =>
    {
        context.HttpContext.Response.Headers.RetryAfter = "60";
        return ValueTask.CompletedTask;
    };

    public RateLimitPartition<string> GetPartition(HttpContext httpContext) =>
        HttpMethods.IsPost(httpContext.Request.Method)
            ? FixedWindow.PartitionOf(ClientNetwork.Of(httpContext), accounts.Value.FormsPerMinute, TimeSpan.FromMinutes(1))
            : RateLimitPartition.GetNoLimiter("");
}

/// <summary>How many mails visitors can make the portal send to one mailbox (<see cref="MailboxRate"/>). Beyond it the pages say the same and no mail goes out.</summary>
internal sealed class MailLimit(IOptions<AccountsOptions> accounts) : IDisposable
{
    private readonly FixedWindow _mails = FixedWindow.PerHour(accounts.Value.MailsPerHour);

    public bool Allows(MailAddress address) => _mails.Allows(MailboxRate.KeyOf(address));

    public void Dispose() => _mails.Dispose();
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
