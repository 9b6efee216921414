using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic;

/// <summary>
/// What is counted of a domain's traffic, for pages, exports and the API. A name is a claimed domain in A-labels; who may ask is decided before. The
/// privacy floor is applied here, so that no page can show what is below it.
/// </summary>
public sealed class TrafficQueries(IDbContextFactory<PostmasterDb> databases, IOptions<PrivacyOptions> privacy, IOptions<TrafficOptions> options, TimeProvider time)
{
    private int Floor => privacy.Value.PrivacyFloor;

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>All mail that is authenticated as the domain, by day.</summary>
    public Task<TrafficSeries> DaysAsync(string domain, DateOnly from, DateOnly to, CancellationToken ct) =>
        DaysAsync(domain, StreamKind.Whole, from, to, ct);

    /// <summary>Mail whose author domain this is, without any authentication for it: somebody else's, or the owner's own that was forgotten.</summary>
    public Task<TrafficSeries> UnauthenticatedAsync(string domain, DateOnly from, DateOnly to, CancellationToken ct) =>
        DaysAsync(domain, StreamKind.Unauthenticated, from, to, ct);

    /// <summary>One stream of a domain by day; null: the domain has no such stream.</summary>
    public async Task<(StreamTraffic Stream, TrafficSeries Series)?> StreamAsync(string domain, int streamId, DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        MailStream? stream = await Streams(db, domain).FirstOrDefaultAsync(s => s.Id == streamId && s.Kind != StreamKind.Whole && s.Kind != StreamKind.Unauthenticated, ct);
        if (stream is null)
            return null;
        TrafficSeries series = await SeriesAsync(db, [stream.Id], from, to, tellTraps: false, ct);
        return (Row(stream, series.Total ?? VisibleTraffic.Of(new TrafficCounts(), Floor)), series);
    }

    /// <summary>For operators, whatever domain it is of. Null: there is none.</summary>
    public async Task<NamedMailStream?> FindStreamAsync(int streamId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await (
            from stream in db.MailStreams.AsNoTracking()
            join domain in db.MailDomains on stream.DomainId equals domain.Id
            where stream.Id == streamId && stream.Kind != StreamKind.Whole && stream.Kind != StreamKind.Unauthenticated
            select new NamedMailStream(domain.Name, stream.Kind, stream.Value, stream.Title, stream.OwnerType, stream.OperatorType)).FirstOrDefaultAsync(ct);
    }

    /// <summary>By hour; kept for the last days alone.</summary>
    public async Task<IReadOnlyList<TrafficHourPoint>> HoursAsync(string domain, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DateTimeOffset now = time.GetUtcNow();
        DateOnly firstDay = DateOnly.FromDateTime(from.UtcDateTime), lastDay = DateOnly.FromDateTime(to.UtcDateTime);
        Dictionary<DateOnly, int> told = (await db.FeederDays.AsNoTracking().Where(d => d.Day >= firstDay && d.Day <= lastDay).ToListAsync(ct))
            .GroupBy(d => d.Day).ToDictionary(g => g.Key, g => g.Aggregate(0, (bits, d) => bits | d.Hours));
        int whole = await Streams(db, domain).Where(s => s.Kind == StreamKind.Whole).Select(s => s.Id).FirstOrDefaultAsync(ct);
        Dictionary<DateTimeOffset, TrafficCounts> cells = (await CellReader.HoursAsync(db, whole == 0 ? [] : [whole], from, to, ct)).ToDictionary(c => CellKey.OfHour(c.Key).Hour, c => c.Counts);
        var points = new List<TrafficHourPoint>();
        for (DateTimeOffset hour = new(from.UtcDateTime.Date.AddHours(from.UtcDateTime.Hour), TimeSpan.Zero); hour <= to; hour = hour.AddHours(1))
        {
            TrafficCounts? counts = cells.GetValueOrDefault(hour);
            bool isKnown = counts is not null || (hour <= now && (told.GetValueOrDefault(DateOnly.FromDateTime(hour.UtcDateTime)) & (1 << hour.UtcDateTime.Hour)) != 0);
            points.Add(new TrafficHourPoint(hour, isKnown ? VisibleTraffic.Of(counts ?? new TrafficCounts(), Floor) : null));
        }

        return points;
    }

    /// <summary>The streams of one kind that had mail in the range.</summary>
    public async Task<StreamTable> StreamsAsync(string domain, StreamKind kind, DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<MailStream> streams = await Streams(db, domain).Where(s => s.Kind == kind && s.LastDay >= from).ToListAsync(ct);
        Dictionary<int, TrafficCounts> sums = await SumsAsync(db, [.. streams.Select(s => s.Id)], from, to, ct);
        List<StreamTraffic> rows = [.. streams.Where(s => sums.ContainsKey(s.Id)).Select(s => Row(s, VisibleTraffic.Of(sums[s.Id], Floor)))
            .OrderBy(r => r.IsOther).ThenByDescending(r => r.Traffic.Messages).ThenBy(r => r.Value, StringComparer.Ordinal)];
        return new StreamTable(kind, rows, rows.Exists(r => r.IsOther));
    }

    /// <summary>The kinds of stream by which the domain's mail can be told apart in the range, with how many streams each has.</summary>
    public async Task<IReadOnlyDictionary<StreamKind, int>> KindsAsync(string domain, DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await Streams(db, domain).Where(s => s.Kind != StreamKind.Whole && s.Kind != StreamKind.Unauthenticated && s.LastDay >= from && s.FirstDay <= to)
            .GroupBy(s => s.Kind).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, ct);
    }

    /// <summary>The sums of several domains over a range, for lists. Domains of which nothing is counted are left out.</summary>
    public async Task<IReadOnlyDictionary<string, VisibleTraffic>> TotalsAsync(IReadOnlyCollection<string> domains, DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<string> names = [.. domains];
        var wholes = await (
            from domain in db.MailDomains
            join stream in db.MailStreams on domain.Id equals stream.DomainId
            where names.Contains(domain.Name) && stream.Kind == StreamKind.Whole
            select new { domain.Name, stream.Id }).ToListAsync(ct);
        Dictionary<int, TrafficCounts> sums = await SumsAsync(db, [.. wholes.Select(w => w.Id)], from, to, ct);
        return wholes.Where(w => sums.ContainsKey(w.Id)).ToDictionary(w => w.Name, w => VisibleTraffic.Of(sums[w.Id], Floor), StringComparer.Ordinal);
    }

    /// <summary>How fresh and how complete the numbers are. Feeders tell of all domains, so this is the same for each.</summary>
    public async Task<TrafficFreshness> FreshnessAsync(DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await Coverage.FreshnessAsync(db, from, to, time.GetUtcNow(), options.Value.SilentAfter, ct);
    }

    internal static IQueryable<MailStream> Streams(PostmasterDb db, string domain) =>
        from stream in db.MailStreams.AsNoTracking() join d in db.MailDomains on stream.DomainId equals d.Id where d.Name == domain select stream;

    private static StreamTraffic Row(MailStream stream, VisibleTraffic traffic) =>
        new(stream.Id, stream.Kind, stream.Value, stream.Title, stream.OwnerType, stream.OperatorType, traffic);

    private async Task<TrafficSeries> DaysAsync(string domain, StreamKind kind, DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<int> streams = await Streams(db, domain).Where(s => s.Kind == kind).Select(s => s.Id).ToListAsync(ct);
        return await SeriesAsync(db, streams, from, to, tellTraps: kind == StreamKind.Whole, ct);
    }

    private async Task<TrafficSeries> SeriesAsync(PostmasterDb db, List<int> streams, DateOnly from, DateOnly to, bool tellTraps, CancellationToken ct)
    {
        HashSet<DateOnly> told = [.. await db.FeederDays.AsNoTracking().Where(d => d.Day >= from && d.Day <= to).Select(d => d.Day).Distinct().ToListAsync(ct)];
        Dictionary<DateOnly, TrafficCounts> cells = (await CellReader.DaysAsync(db, streams, from, to, ct)).ToDictionary(c => CellKey.OfDay(c.Key).Day, c => c.Counts);
        var days = new List<TrafficPoint>();
        for (DateOnly day = from; day <= to; day = day.AddDays(1))
        {
            TrafficCounts? counts = cells.GetValueOrDefault(day);
            // Complaints reach the portal by other doors too: a day of which no feeder told may still have some, and then only they are known.
            bool isKnown = day <= Today && (told.Contains(day) || counts is { Messages: > 0 });
            days.Add(new TrafficPoint(day, isKnown ? VisibleTraffic.Of(counts ?? new TrafficCounts(), Floor) : null));
        }

        if (days.TrueForAll(d => d.Traffic is null))
            return new TrafficSeries(days, null, null);
        string? traps = tellTraps ? TrapWords.Of(cells.Select(c => (c.Key, c.Value)), Today) : null;
        return new TrafficSeries(days, VisibleTraffic.Of(TrafficCounts.Sum(cells.Values), Floor), traps);
    }

    private static async Task<Dictionary<int, TrafficCounts>> SumsAsync(PostmasterDb db, IReadOnlyCollection<int> streams, DateOnly from, DateOnly to, CancellationToken ct)
    {
        var sums = new Dictionary<int, TrafficCounts>();
        foreach (Cell cell in await CellReader.DaysAsync(db, streams, from, to, ct))
        {
            int stream = CellKey.OfDay(cell.Key).Stream;
            if (!sums.TryGetValue(stream, out TrafficCounts? sum))
                sums.Add(stream, sum = new TrafficCounts());
            sum.Add(cell.Counts);
        }

        return sums;
    }
}
