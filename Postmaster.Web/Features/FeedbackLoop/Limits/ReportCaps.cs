using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Limits;

/// <summary>Why a mail has to wait, and how long until the next look.</summary>
internal sealed record ReportCap(OutboxHold By, string Reason, TimeSpan Wait);

/// <summary>
/// The last stop against loops and floods: so many reports to one address a day and a minute, and so many in all a minute. What is over waits in the queue,
/// visible to owner and operator, and may be told together with its like (<see cref="RollUps"/>); nothing is dropped.
/// </summary>
internal sealed class ReportCaps(IDbContextFactory<PostmasterDb> databases, IOptions<ReportsOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1), Minute = TimeSpan.FromMinutes(1), DayLook = TimeSpan.FromMinutes(15), MinuteLook = TimeSpan.FromSeconds(20);

    /// <summary>
    /// After a count a process sends this part of what is left before it counts again, so that eight of them together stay within a cap and a cap that is
    /// far away costs little.
    /// </summary>
    private const int ShareOfRoom = 8;

    private const int MaxKnown = 10_000;

    private readonly ConcurrentDictionary<(OutboxHold Cap, string To), Room> _rooms = new();

    /// <summary>Null when the mail may leave. Notices always may.</summary>
    public async Task<ReportCap?> LookAsync(OutboxMessage mail, CancellationToken ct)
    {
        if (mail.Kind is not (OutboxKind.FeedbackReport or OutboxKind.NotSpamReport))
            return null;
        ReportsOptions limits = options.Value;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        IQueryable<OutboxMessage> all = db.Outbox.Where(m => m.State == OutboxState.Sent && (m.Kind == OutboxKind.FeedbackReport || m.Kind == OutboxKind.NotSpamReport));
        IQueryable<OutboxMessage> same = all.Where(m => m.To == mail.To);
        if (mail.Incidents > 1)
        {
            if (await IsFullAsync((OutboxHold.RollUpDay, mail.To), same.Where(m => m.Incidents > 1), limits.RollUpsPerAddressPerDay, Day, ct))
                return new(OutboxHold.RollUpDay, Held(limits.RollUpsPerAddressPerDay, "reports of many complaints went to this address in the last 24 hours", "RollUpsPerAddressPerDay"), DayLook);
        }
        else if (await IsFullAsync((OutboxHold.AddressDay, mail.To), same.Where(m => m.Incidents == 1), limits.MaxPerAddressPerDay, Day, ct))
        {
            return new(OutboxHold.AddressDay, Held(limits.MaxPerAddressPerDay, "reports went to this address in the last 24 hours", "MaxPerAddressPerDay"), DayLook);
        }

        if (await IsFullAsync((OutboxHold.AddressMinute, mail.To), same, limits.MaxPerAddressPerMinute, Minute, ct))
            return new(OutboxHold.AddressMinute, Held(limits.MaxPerAddressPerMinute, "reports went to this address in the last minute", "MaxPerAddressPerMinute"), MinuteLook);
        return await IsFullAsync((OutboxHold.AllMinute, ""), all, limits.MaxPerMinute, Minute, ct)
            ? new(OutboxHold.AllMinute, Held(limits.MaxPerMinute, "reports left in the last minute", "MaxPerMinute"), MinuteLook)
            : null;
    }

    /// <summary>Whether one more report that tells of many complaints may go to the address today.</summary>
    public async Task<bool> MayRollUpAsync(PostmasterDb db, string to, CancellationToken ct)
    {
        DateTimeOffset since = time.GetUtcNow() - Day;
        return await db.Outbox.CountAsync(m => m.To == to && m.Incidents > 1 && (m.State == OutboxState.Queued || (m.State == OutboxState.Sent && m.EndedAt > since)), ct)
            < options.Value.RollUpsPerAddressPerDay;
    }

    private async Task<bool> IsFullAsync((OutboxHold Cap, string To) key, IQueryable<OutboxMessage> sent, int limit, TimeSpan window, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_rooms.TryGetValue(key, out Room? known) && known.Until > now && Interlocked.Decrement(ref known.Left) >= 0)
            return false;
        DateTimeOffset since = now - window;
        int left = limit - await sent.Where(m => m.EndedAt > since).CountAsync(ct);
        if (_rooms.Count >= MaxKnown)
            _rooms.Clear();
        _rooms[key] = new Room { Left = left / ShareOfRoom, Until = now + Minute };
        return left <= 0;
    }

    private static string Held(int limit, string what, string key) =>
        string.Create(CultureInfo.InvariantCulture, $"Held back: {limit} {what}, the most that is allowed (Reports:{key}).");

    private sealed class Room
    {
        public required DateTimeOffset Until { get; init; }

        public required int Left;
    }
}
