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
    private static readonly Dictionary<DateOnly, TrafficCounts> NoDays = [];

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
        FlooredDays days = (await KindAsync(db, domain, stream.Kind, from, to, ct)).Days.GetValueOrDefault(stream.Id) ?? FlooredDays.ComplaintsOf(NoDays, Floor);
        TrafficSeries series = await SeriesAsync(db, days, from, to, tellTraps: false, ct);
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

    /// <summary>By hour, without what people did; kept for the last days alone.</summary>
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
            // Of an hour that is old enough to be deleted nothing is known any more.
            bool isKnown = counts is not null || (hour <= now && hour >= now.AddDays(-options.Value.HourDays) && (told.GetValueOrDefault(DateOnly.FromDateTime(hour.UtcDateTime)) & (1 << hour.UtcDateTime.Hour)) != 0);
            points.Add(new TrafficHourPoint(hour, isKnown ? VisibleTraffic.OfHour(counts ?? new TrafficCounts()) : null));
        }

        return points;
    }

    /// <summary>The streams of one kind that had mail in the range.</summary>
    public async Task<StreamTable> StreamsAsync(string domain, StreamKind kind, DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        (List<MailStream> streams, IReadOnlyDictionary<int, FlooredDays> days) = await KindAsync(db, domain, kind, from, to, ct);
        List<StreamTraffic> rows = [.. streams.Where(s => HasDay(days[s.Id], from, to)).Select(s => Row(s, VisibleTraffic.Of(days[s.Id], from, to)))
            .OrderBy(r => r.IsOther).ThenByDescending(r => r.Traffic.Messages).ThenBy(r => r.Value, StringComparer.Ordinal)];
        return new StreamTable(kind, rows, rows.Exists(r => r.IsOther));
    }

    /// <summary>The streams of whatever kind that are said to be of a mail type and had mail in the range, most mail first.</summary>
    public async Task<IReadOnlyList<StreamTraffic>> StreamsOfTypeAsync(string domain, MailType type, DateOnly from, DateOnly to, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<StreamKind> kinds = await Streams(db, domain)
            .Where(s => s.LastDay >= from && (s.OperatorType == type || (s.OperatorType == MailType.Unknown && s.OwnerType == type))).Select(s => s.Kind).Distinct().ToListAsync(ct);
        List<StreamTraffic> rows = [];
        foreach (StreamKind kind in kinds.Order())
            rows.AddRange((await StreamsAsync(domain, kind, from, to, ct)).Rows.Where(r => r.Type == type));
        return [.. rows.OrderByDescending(r => r.Traffic.Messages).ThenBy(r => r.Value, StringComparer.Ordinal)];
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
        Dictionary<int, FlooredDays> days = (await CellsAsync(db, [.. wholes.Select(w => w.Id)], from, to, ct)).ToDictionary(d => d.Key, d => FlooredDays.Whole(d.Value, Floor));
        return wholes.Where(w => HasDay(days[w.Id], from, to)).ToDictionary(w => w.Name, w => VisibleTraffic.Of(days[w.Id], from, to), StringComparer.Ordinal);
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
        int stream = await Streams(db, domain).Where(s => s.Kind == kind).Select(s => s.Id).FirstOrDefaultAsync(ct);
        Dictionary<DateOnly, TrafficCounts> cells = stream == 0 ? NoDays : (await CellsAsync(db, [stream], from, to, ct))[stream];
        return await SeriesAsync(db, FlooredDays.Whole(cells, Floor), from, to, tellTraps: kind == StreamKind.Whole, ct);
    }

    private async Task<TrafficSeries> SeriesAsync(PostmasterDb db, FlooredDays counted, DateOnly from, DateOnly to, bool tellTraps, CancellationToken ct)
    {
        HashSet<DateOnly> told = [.. await db.FeederDays.AsNoTracking().Where(d => d.Day >= from && d.Day <= to).Select(d => d.Day).Distinct().ToListAsync(ct)];
        var days = new List<TrafficPoint>();
        for (DateOnly day = from; day <= to; day = day.AddDays(1))
        {
            // Complaints reach the portal by other doors too: a day of which no feeder told may still have some, and then only they are known.
            bool isKnown = day <= Today && (told.Contains(day) || counted.Counted.GetValueOrDefault(day) is { Messages: > 0 });
            days.Add(new TrafficPoint(day, isKnown ? VisibleTraffic.Of(counted, day) : null));
        }

        if (days.TrueForAll(d => d.Traffic is null))
            return new TrafficSeries(days, null, null);
        string? traps = tellTraps ? TrapWords.Of(counted.Counted.Where(d => d.Key >= from && d.Key <= to).Select(d => (d.Key, d.Value)), Today) : null;
        return new TrafficSeries(days, VisibleTraffic.Of(counted, from, to), traps);
    }

    /// <summary>The streams of one kind with their days, which takes those of all of them: what is hidden of one must not be told by the others.</summary>
    private async Task<(List<MailStream> Streams, IReadOnlyDictionary<int, FlooredDays> Days)> KindAsync(
        PostmasterDb db, string domain, StreamKind kind, DateOnly from, DateOnly to, CancellationToken ct)
    {
        DateOnly border = PrivacyFloor.Border(from);
        List<MailStream> streams = await Streams(db, domain).Where(s => s.Kind == StreamKind.Whole || (s.Kind == kind && s.LastDay >= border)).ToListAsync(ct);
        Dictionary<int, Dictionary<DateOnly, TrafficCounts>> cells = await CellsAsync(db, [.. streams.Select(s => s.Id)], from, to, ct);
        Dictionary<DateOnly, TrafficCounts> whole = NoDays;
        if (streams.Find(s => s.Kind == StreamKind.Whole) is { } all && cells.Remove(all.Id, out Dictionary<DateOnly, TrafficCounts>? days))
        {
            whole = days;
            streams.Remove(all);
        }

        return (streams, FlooredDays.Parts(whole, cells, Floor));
    }

    /// <summary>Counters by stream and day, from where the runs of days begin that reach into the range.</summary>
    private static async Task<Dictionary<int, Dictionary<DateOnly, TrafficCounts>>> CellsAsync(PostmasterDb db, IReadOnlyCollection<int> streams, DateOnly from, DateOnly to, CancellationToken ct)
    {
        var cells = streams.ToDictionary(s => s, _ => new Dictionary<DateOnly, TrafficCounts>());
        foreach (Cell cell in await CellReader.DaysAsync(db, streams, PrivacyFloor.Border(from), to, ct))
        {
            (int stream, DateOnly day) = CellKey.OfDay(cell.Key);
            cells[stream].Add(day, cell.Counts);
        }

        return cells;
    }

    private static bool HasDay(FlooredDays days, DateOnly from, DateOnly to) => days.Counted.Keys.Any(d => d >= from && d <= to);
}
