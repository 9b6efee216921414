using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Accounts;

/// <summary>Forgets what nobody came back for: accounts whose address was never confirmed, and links whose time is over.</summary>
internal sealed partial class AccountSweeper(IDbContextFactory<PostmasterDb> databases, TimeProvider time, ILogger<AccountSweeper> log)
    : PeriodicWorker(Interval, time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Longer than any link to confirm an address lives, and long enough to answer a question about a mail.</summary>
    private static readonly TimeSpan KeepUnconfirmed = TimeSpan.FromDays(14), KeepLinks = TimeSpan.FromDays(14);

    protected override Task TurnAsync(CancellationToken ct) => SweepAsync(ct);

    protected override void TellFault(Exception fault) => LogFault(log, fault);

    internal async Task SweepAsync(CancellationToken ct)
    {
        DateTimeOffset now = Time.GetUtcNow(), unconfirmed = now - KeepUnconfirmed, over = now - KeepLinks;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await db.OneTimeLinks.Where(l => l.ExpiresAt < over).ExecuteDeleteAsync(ct);
        await db.Users.Where(u => !u.EmailConfirmed && u.CreatedAt < unconfirmed).ExecuteDeleteAsync(ct);
    }

    [LoggerMessage(1090, LogLevel.Error, "old links and unconfirmed accounts could not be deleted; tried again in an hour")]
    private static partial void LogFault(ILogger log, Exception fault);
}
