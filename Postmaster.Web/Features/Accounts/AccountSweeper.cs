using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;

namespace Postmaster.Web.Features.Accounts;

/// <summary>Forgets what nobody came back for: accounts whose address was never confirmed, and links whose time is over.</summary>
internal sealed partial class AccountSweeper(IDbContextFactory<PostmasterDb> databases, TimeProvider time, ILogger<AccountSweeper> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Longer than any link to confirm an address lives, and long enough to answer a question about a mail.</summary>
    private static readonly TimeSpan KeepUnconfirmed = TimeSpan.FromDays(14), KeepLinks = TimeSpan.FromDays(14);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogFault(log, fault);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    internal async Task SweepAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), unconfirmed = now - KeepUnconfirmed, over = now - KeepLinks;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await db.OneTimeLinks.Where(l => l.ExpiresAt < over).ExecuteDeleteAsync(ct);
        await db.Users.Where(u => !u.EmailConfirmed && u.CreatedAt < unconfirmed).ExecuteDeleteAsync(ct);
    }

    [LoggerMessage(1090, LogLevel.Error, "old links and unconfirmed accounts could not be deleted; tried again in an hour")]
    private static partial void LogFault(ILogger log, Exception fault);
}
