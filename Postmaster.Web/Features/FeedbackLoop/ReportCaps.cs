using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>
/// The last stop against loops and floods: so many reports to one address a day, and so many in all a minute. What is over waits in the queue,
/// visible to owner and operator; nothing is dropped.
/// </summary>
internal sealed class ReportCaps(IDbContextFactory<PostmasterDb> databases, IOptions<ReportsOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1), Minute = TimeSpan.FromMinutes(1);

    /// <summary>Why a mail has to wait and how long until the next look; null when it may leave. Notices always may.</summary>
    public async Task<(string Reason, TimeSpan Wait)?> LookAsync(OutboxMessage mail, CancellationToken ct)
    {
        if (mail.Kind is not OutboxKind.FeedbackReport)
            return null;
        DateTimeOffset now = time.GetUtcNow(), dayAgo = now - Day, minuteAgo = now - Minute;
        int day = options.Value.MaxPerAddressPerDay, minute = options.Value.MaxPerMinute;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        IQueryable<OutboxMessage> sent = db.Outbox.Where(m => m.State == OutboxState.Sent && m.Kind == OutboxKind.FeedbackReport);
        if (await sent.CountAsync(m => m.To == mail.To && m.EndedAt > dayAgo, ct) >= day)
            return (string.Create(CultureInfo.InvariantCulture, $"Held back: {day} reports went to this address in the last 24 hours, the most that is allowed (Reports:MaxPerAddressPerDay)."), TimeSpan.FromMinutes(15));
        return await sent.CountAsync(m => m.EndedAt > minuteAgo, ct) >= minute
            ? (string.Create(CultureInfo.InvariantCulture, $"Held back: {minute} reports left in the last minute, the most that is allowed (Reports:MaxPerMinute)."), TimeSpan.FromSeconds(20))
            : null;
    }
}
