using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>Complaints of one domain on one UTC day.</summary>
/// <param name="Complaints">Null: nothing was counted yet then, so there is no number, not even 0.</param>
/// <param name="InPart">Those of them that count in part.</param>
public sealed record ComplaintDay(DateOnly Day, long? Complaints, long InPart = 0);

/// <summary>One kept complaint for the operator's list. The mailbox is left out on purpose.</summary>
public sealed record KeptRow(
    Guid Id, IntakeDoor Door, Press Press, KeptState State, DateTimeOffset ReceivedAt, DateTimeOffset PressedAt, string? Subject, string? AuthorDomain,
    string PassingDomains, Evidence Evidence, long Size, DateTimeOffset DueAt, int Attempts, string? Problem);

/// <summary>One page of a list.</summary>
/// <param name="Page">Counted from 1.</param>
/// <param name="Total">Rows on all pages together.</param>
public sealed record ListPage<T>(IReadOnlyList<T> Rows, int Page, int PageSize, int Total)
{
    public int Pages => Math.Max(1, (Total + PageSize - 1) / PageSize);
}

/// <summary>Which kept complaints an operator wants to see; null means all.</summary>
public sealed record KeptFilter(KeptState? State = null, IntakeDoor? Door = null, int Page = 1, int PageSize = 50);

/// <summary>Numbers and lists of complaints. The caller has checked that the visitor may see the domain.</summary>
public sealed class ComplaintQueries(IDbContextFactory<PostmasterDb> databases, TimeProvider time)
{
    /// <summary>Rows of one page at most.</summary>
    private const int MaxPageSize = 200;

    /// <summary>Days that a cell can have.</summary>
    private static readonly DateOnly Earliest = new(2000, 1, 1), Latest = new(2300, 1, 1);

    /// <summary>One value a day, both ends included, oldest first. Days before anything could be counted, and days to come, have no number.</summary>
    public async Task<IReadOnlyList<ComplaintDay>> DailyAsync(string domain, DateOnly from, DateOnly to, CancellationToken ct) =>
        (await DailyAsync([domain], from, to, ct))[domain];

    /// <summary>The same for several domains; every asked domain is a key.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyList<ComplaintDay>>> DailyAsync(
        IReadOnlyCollection<string> domains, DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        ILookup<string, (DateOnly Day, long Count, long InPart)> counted = await CountedAsync(db, domains, from, to, ct);
        Dictionary<string, DateOnly> first = await FirstDaysAsync(db, domains, ct);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var result = new Dictionary<string, IReadOnlyList<ComplaintDay>>(StringComparer.Ordinal);
        foreach (string domain in domains)
        {
            Dictionary<DateOnly, (long Count, long InPart)> days = counted[domain].ToDictionary(c => c.Day, c => (c.Count, c.InPart));
            var list = new List<ComplaintDay>();
            for (DateOnly day = from; day <= to; day = day.AddDays(1))
            {
                bool known = day <= today && first.TryGetValue(domain, out DateOnly since) && day >= since;
                (long count, long inPart) = days.GetValueOrDefault(day);
                list.Add(new ComplaintDay(day, known ? count : null, known ? inPart : 0));
            }

            result[domain] = list;
        }

        return result;
    }

    /// <summary>Sums from a UTC day on; a domain without any is left out.</summary>
    internal static async Task<Dictionary<string, long>> SumsAsync(PostmasterDb db, IReadOnlyCollection<string> domains, DateOnly from, CancellationToken ct) =>
        (await CountedAsync(db, domains, from, Latest, ct)).ToDictionary(d => d.Key, d => d.Sum(c => c.Count), StringComparer.Ordinal);

    /// <summary>Complaints of one UTC day about the mail of all claimed domains.</summary>
    internal static Task<long> OfDayAsync(PostmasterDb db, DateOnly day, CancellationToken ct)
    {
        long ofFirst = CellKey.Day(0, day), stride = CellKey.Day(1, day) - ofFirst;
        return (
            from stream in db.MailStreams
            where stream.Kind == StreamKind.Whole && stream.LastDay >= day
                && db.MailDomains.Any(d => d.Id == stream.DomainId && db.Claims.Any(c => c.Domain == d.Name))
            join cell in db.TrafficDays on (stream.Id * stride) + ofFirst equals cell.Key
            select EF.Property<long>(cell, nameof(TrafficCounter.Complaint))).SumAsync(ct);
    }

    /// <summary>Complaints that no claimed domain signed, by UTC day, both ends included.</summary>
    public async Task<long> UnattributedAsync(DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.DailyCounts.Where(c => c.Kind == CountKind.Unattributed && c.Day >= from && c.Day <= to).SumAsync(c => c.Count, ct);
    }

    /// <summary>Up to when the numbers are complete: the arrival of the oldest complaint that is not decided yet, else now.</summary>
    public async Task<DateTimeOffset> CompleteUntilAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.KeptComplaints.Where(k => k.State == KeptState.Kept || k.State == KeptState.Held).MinAsync(k => (DateTimeOffset?)k.ReceivedAt, ct) ?? time.GetUtcNow();
    }

    /// <summary>The operator's list, newest first.</summary>
    public async Task<ListPage<KeptRow>> KeptAsync(KeptFilter filter, CancellationToken ct)
    {
        int size = Math.Clamp(filter.PageSize, 1, MaxPageSize), page = Math.Max(1, filter.Page);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        IQueryable<KeptComplaint> kept = db.KeptComplaints.AsNoTracking();
        if (filter.State is { } state)
            kept = kept.Where(k => k.State == state);
        if (filter.Door is { } door)
            kept = kept.Where(k => k.Door == door);
        int total = await kept.CountAsync(ct);
        List<KeptRow> rows = await kept.OrderByDescending(k => k.ReceivedAt).ThenByDescending(k => k.Id).Skip((page - 1) * size).Take(size)
            .Select(k => new KeptRow(k.Id, k.Door, k.Press, k.State, k.ReceivedAt, k.PressedAt, k.Subject, k.AuthorDomain,
                k.PassingDomains, k.Evidence, k.Size, k.DueAt, k.Attempts, k.Problem))
            .ToListAsync(ct);
        return new ListPage<KeptRow>(rows, page, size, total);
    }

    /// <summary>How many kept complaints there are in each state; a state without any is left out.</summary>
    public async Task<IReadOnlyDictionary<KeptState, int>> StatesAsync(CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.KeptComplaints.GroupBy(k => k.State).Select(g => new { State = g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.State, g => g.Count, ct);
    }

    /// <summary>From when on a 0 is a fact: the day a claim to the domain was first proved, or the first day with a count.</summary>
    private static async Task<Dictionary<string, DateOnly>> FirstDaysAsync(PostmasterDb db, IReadOnlyCollection<string> domains, CancellationToken ct)
    {
        var proved = await db.Claims.Where(c => domains.Contains(c.Domain) && c.ProvedAt != null)
            .GroupBy(c => c.Domain).Select(g => new { Domain = g.Key, First = g.Min(c => c.ProvedAt) }).ToListAsync(ct);
        var first = new Dictionary<string, DateOnly>(StringComparer.Ordinal);
        long stride = CellKey.Day(1, Earliest) - CellKey.Day(0, Earliest);
        var counted = await Whole(db, domains).Select(w => new
        {
            w.Domain,
            First = db.TrafficDays.Where(d => d.Key >= w.Stream * stride && d.Key < (w.Stream + 1) * stride && EF.Property<long>(d, nameof(TrafficCounter.Complaint)) > 0)
                .Min(d => (long?)d.Key),
        }).ToListAsync(ct);
        foreach (var domain in counted)
        {
            if (domain.First is { } known)
                first[domain.Domain] = CellKey.OfDay(known).Day;
        }

        foreach (var claim in proved)
        {
            var day = DateOnly.FromDateTime(claim.First!.Value.UtcDateTime);
            if (!first.TryGetValue(claim.Domain, out DateOnly known) || day < known)
                first[claim.Domain] = day;
        }

        return first;
    }

    /// <summary>Complaints by domain and day, both ends included; days without any are left out.</summary>
    private static async Task<ILookup<string, (DateOnly Day, long Count, long InPart)>> CountedAsync(
        PostmasterDb db, IReadOnlyCollection<string> domains, DateOnly from, DateOnly to, CancellationToken ct)
    {
        long stride = CellKey.Day(1, Earliest) - CellKey.Day(0, Earliest);
        long first = CellKey.Day(0, from < Earliest ? Earliest : from), last = CellKey.Day(0, to > Latest ? Latest : to);
        var cells = await (
            from whole in Whole(db, domains)
            from cell in db.TrafficDays
            where cell.Key >= (whole.Stream * stride) + first && cell.Key <= (whole.Stream * stride) + last && EF.Property<long>(cell, nameof(TrafficCounter.Complaint)) > 0
            select new { whole.Domain, cell.Key, Count = EF.Property<long>(cell, nameof(TrafficCounter.Complaint)), InPart = EF.Property<long>(cell, nameof(TrafficCounter.ComplaintInPart)) }).ToListAsync(ct);
        return cells.ToLookup(c => c.Domain, c => (CellKey.OfDay(c.Key).Day, c.Count, c.InPart), StringComparer.Ordinal);
    }

    /// <summary>The streams of all mail of the domains.</summary>
    private static IQueryable<WholeStream> Whole(PostmasterDb db, IReadOnlyCollection<string> domains) =>
        from domain in db.MailDomains
        where domains.Contains(domain.Name)
        join stream in db.MailStreams on domain.Id equals stream.DomainId
        where stream.Kind == StreamKind.Whole
        select new WholeStream { Stream = stream.Id, Domain = domain.Name };

    private sealed record WholeStream
    {
        public required long Stream { get; init; }
        public required string Domain { get; init; }
    }
}
