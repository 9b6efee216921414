using System.Globalization;
using System.Runtime.InteropServices;
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
internal sealed class ReportCaps(IDbContextFactory<PostmasterDb> databases, IOptions<ReportsOptions> options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1), Minute = TimeSpan.FromMinutes(1), DayLook = TimeSpan.FromMinutes(15), MinuteLook = TimeSpan.FromSeconds(20);

    /// <summary>
    /// After a count a process sends this part of what is left before it counts again, so that eight of them together stay within a cap and a cap that is
    /// far away costs little.
    /// </summary>
    private const int ShareOfRoom = 8;

    private const int MaxKnown = 10_000;

    private readonly Dictionary<(OutboxHold Cap, string To), Room> _rooms = [];
    private readonly SemaphoreSlim _oneLooks = new(1);

    /// <summary>What may leave and is not written down as sent yet: how many, and by mail what it counts for.</summary>
    private readonly Dictionary<(OutboxHold Cap, string To), int> _underWay = [];
    private readonly Dictionary<Guid, List<(OutboxHold Cap, string To)>> _passed = [];

    /// <summary>Null when the mail may leave: it counts from now on, and <see cref="Ended"/> has to be told. Notices always may.</summary>
    public Task<ReportCap?> LookAsync(OutboxMessage mail, CancellationToken ct) =>
        OneLooksAsync(mail, FindAsync, [(mail.Incidents > 1 ? OutboxHold.RollUpDay : OutboxHold.AddressDay, mail.To), (OutboxHold.AddressMinute, mail.To), (OutboxHold.AllMinute, "")], ct);

    /// <summary>Null when a member of a group may get the mail: its mailbox is one like another, whatever else sends reports to it.</summary>
    public Task<ReportCap?> LookAsync(OutboxMessage mail, string member, CancellationToken ct) =>
        OneLooksAsync(mail, (one, token) => FindAsync(one, member, token), [(mail.Incidents > 1 ? OutboxHold.RollUpDay : OutboxHold.AddressDay, member), (OutboxHold.AddressMinute, member)], ct);

    /// <summary>A mail that might leave has left, or has not, and that is written down.</summary>
    public void Ended(OutboxMessage mail)
    {
        lock (_underWay)
        {
            if (!_passed.Remove(mail.Id, out List<(OutboxHold, string)>? keys))
                return;
            foreach ((OutboxHold, string) key in keys)
            {
                if (--CollectionsMarshal.GetValueRefOrNullRef(_underWay, key) == 0)
                    _underWay.Remove(key);
            }
        }
    }

    public void Dispose() => _oneLooks.Dispose();

    /// <param name="counts">What the mail counts for when it may leave.</param>
    private async Task<ReportCap?> OneLooksAsync(
        OutboxMessage mail, Func<OutboxMessage, CancellationToken, Task<ReportCap?>> find, (OutboxHold, string)[] counts, CancellationToken ct)
    {
        if (mail.Kind is not (OutboxKind.FeedbackReport or OutboxKind.NotSpamReport))
            return null;
        await _oneLooks.WaitAsync(ct);
        try
        {
            if (await find(mail, ct) is { } cap)
                return cap;
            lock (_underWay)
            {
                foreach ((OutboxHold, string) key in counts)
                    CollectionsMarshal.GetValueRefOrAddDefault(_underWay, key, out _)++;
                if (!_passed.TryGetValue(mail.Id, out List<(OutboxHold, string)>? passed))
                    _passed.Add(mail.Id, passed = []);
                passed.AddRange(counts);
            }

            return null;
        }
        finally
        {
            _oneLooks.Release();
        }
    }

    private int UnderWay((OutboxHold, string) key)
    {
        lock (_underWay)
            return _underWay.GetValueOrDefault(key);
    }

    private async Task<ReportCap?> FindAsync(OutboxMessage mail, CancellationToken ct)
    {
        if (await FindAsync(mail, mail.To, ct) is { } cap)
            return cap;
        int limit = options.Value.MaxPerMinute;
        return await IsFullAsync((OutboxHold.AllMinute, ""), limit, Minute, Reports, (db, since) => CopiesAsync(db, since, ct), ct)
            ? new(OutboxHold.AllMinute, Held(limit, "reports left in the last minute", "MaxPerMinute"), MinuteLook)
            : null;
    }

    /// <param name="to">The mailbox that the mail goes to.</param>
    private async Task<ReportCap?> FindAsync(OutboxMessage mail, string to, CancellationToken ct)
    {
        ReportsOptions limits = options.Value;
        bool many = mail.Incidents > 1;
        (OutboxHold by, int limit, string words, string key) = many
            ? (OutboxHold.RollUpDay, limits.RollUpsPerAddressPerDay, "reports of many complaints went to this address in the last 24 hours", "RollUpsPerAddressPerDay")
            : (OutboxHold.AddressDay, limits.MaxPerAddressPerDay, "reports went to this address in the last 24 hours", "MaxPerAddressPerDay");
        if (await IsFullAsync((by, to), limit, Day, db => Reports(db).Where(m => m.To == to && m.Incidents > 1 == many), (db, since) => InGroupsAsync(db, to, many, since, ct), ct))
            return new(by, Held(limit, words, key), DayLook);
        limit = limits.MaxPerAddressPerMinute;
        return await IsFullAsync((OutboxHold.AddressMinute, to), limit, Minute, db => Reports(db).Where(m => m.To == to), (db, since) => InGroupsAsync(db, to, many: null, since, ct), ct)
            ? new(OutboxHold.AddressMinute, Held(limit, "reports went to this address in the last minute", "MaxPerAddressPerMinute"), MinuteLook)
            : null;
    }

    private static IQueryable<OutboxMessage> Reports(PostmasterDb db) =>
        db.Outbox.Where(m => m.State == OutboxState.Sent && (m.Kind == OutboxKind.FeedbackReport || m.Kind == OutboxKind.NotSpamReport));

    /// <summary>Reports that a mailbox got as a member of groups.</summary>
    private static Task<int> InGroupsAsync(PostmasterDb db, string member, bool? many, DateTimeOffset since, CancellationToken ct) => (
        from delivery in db.GroupDeliveries
        where delivery.State == GroupDeliveryState.Accepted && delivery.At > since && db.GroupMembers.Any(m => m.Id == delivery.MemberId && m.Address == member)
        join mail in db.Outbox on delivery.OutboxId equals mail.Id
        where (mail.Kind == OutboxKind.FeedbackReport || mail.Kind == OutboxKind.NotSpamReport) && (many == null || mail.Incidents > 1 == many)
        select delivery).CountAsync(ct);

    /// <summary>Mails that left as copies for members: each report has one of them counted with its row.</summary>
    private static async Task<int> CopiesAsync(PostmasterDb db, DateTimeOffset since, CancellationToken ct)
    {
        IQueryable<Guid> copies = db.GroupDeliveries.Where(d => d.OwnCopy && d.State == GroupDeliveryState.Accepted && d.At > since).Select(d => d.OutboxId);
        int all = await copies.CountAsync(ct);
        return all == 0 ? 0 : all - await copies.Distinct().CountAsync(ct);
    }

    /// <summary>Whether one more report that tells of many complaints may go to the address today.</summary>
    public async Task<bool> MayRollUpAsync(PostmasterDb db, string to, CancellationToken ct)
    {
        DateTimeOffset since = time.GetUtcNow() - Day;
        return await db.Outbox.CountAsync(m => m.To == to && m.Incidents > 1 && (m.State == OutboxState.Queued || (m.State == OutboxState.Sent && m.EndedAt > since)), ct)
            < options.Value.RollUpsPerAddressPerDay;
    }

    /// <param name="sent">The mails that count, without regard to when they were sent.</param>
    /// <param name="alsoSent">How many more count, since when.</param>
    private async Task<bool> IsFullAsync(
        (OutboxHold Cap, string To) key, int limit, TimeSpan window, Func<PostmasterDb, IQueryable<OutboxMessage>> sent, Func<PostmasterDb, DateTimeOffset, Task<int>> alsoSent, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_rooms.TryGetValue(key, out Room? known) && known.Until > now && --known.Left >= 0)
            return false;
        DateTimeOffset since = now - window;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        // What is under way is asked for first: meanwhile written down, it counts twice rather than not at all.
        int underWay = UnderWay(key);
        int left = limit - underWay - await sent(db).Where(m => m.EndedAt > since).CountAsync(ct);
        if (left > 0)
            left -= await alsoSent(db, since);
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

        public required int Left { get; set; }
    }
}
