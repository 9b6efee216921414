using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation;

/// <summary>
/// Verdicts and their causes, for pages and the API. A name is a claimed domain in A-labels; who may ask is decided before.
/// The verdict of a domain or stream is worked out at each call, lists of many are read from what the worker stored.
/// </summary>
public sealed class ReputationQueries(IDbContextFactory<PostmasterDb> databases, IOptions<PrivacyOptions> privacy, TimeProvider time)
{
    /// <summary>Streams that are looked through for the one that causes most: those with most mail.</summary>
    private const int CulpritStreams = 60;

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>The verdict on all authenticated mail of a domain, as of now.</summary>
    public async Task<ReputationNow> NowAsync(string domain, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        JudgedDomain? judged = await FindAsync(db, domain, ct);
        return NowOf(judged, judged?.Whole, await WalkAsync(db, judged, judged?.Whole, ct));
    }

    /// <summary>All that the overview of a domain says of verdicts, from one walk over its days.</summary>
    /// <param name="from">Of the series, like <paramref name="to"/>; it is empty when there is no verdict now.</param>
    /// <param name="kinds">Where to look for the stream that causes most of the complaints, as soon as they cost anything: the first kinds that have one.</param>
    public async Task<ReputationOverview> OverviewAsync(string domain, DateOnly from, DateOnly to, IReadOnlyList<IReadOnlyCollection<StreamKind>> kinds, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        JudgedDomain? judged = await FindAsync(db, domain, ct);
        IReadOnlyList<DayVerdict> verdicts = await WalkAsync(db, judged, judged?.Whole, ct);
        ReputationNow now = NowOf(judged, judged?.Whole, verdicts);
        if (judged?.Whole is not { } whole || now.Verdict is not { } verdict)
            return new ReputationOverview(now, [], null);
        Culprit? culprit = null;
        for (int i = 0; culprit is null && i < kinds.Count && verdict.Sheet.Causes.Any(c => c.Signal == Signal.Complaints); i++)
            culprit = await CulpritAsync(db, judged, Signal.Complaints, kinds[i], ct);
        return new ReputationOverview(now, await SeriesAsync(db, whole, verdicts, from, to, ct), culprit);
    }

    /// <summary>The verdict on one stream or IP address of a domain. Null: the domain has no such stream, or it has had no mail for months.</summary>
    public async Task<ReputationNow?> StreamNowAsync(string domain, int streamId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        JudgedDomain? judged = await FindAsync(db, domain, ct);
        return judged?.Streams.FirstOrDefault(s => s.Id == streamId) is { } stream ? NowOf(judged, stream, await WalkAsync(db, judged, stream, ct)) : null;
    }

    /// <summary>What a stream of a domain is called. Null: the domain has none of that id.</summary>
    public async Task<NamedStream?> StreamAsync(string domain, int streamId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await (
            from stream in db.MailStreams
            join owner in db.MailDomains on stream.DomainId equals owner.Id
            where stream.Id == streamId && owner.Name == domain && stream.Kind != StreamKind.Unauthenticated
            select new NamedStream(stream.Id, stream.Kind, stream.Value, stream.Title)).FirstOrDefaultAsync(ct);
    }

    /// <summary>The verdict of each UTC day of a range, both ends included; days without one are there without numbers. The last day may be today, which still runs.</summary>
    /// <param name="streamId">Null: the whole domain.</param>
    public async Task<IReadOnlyList<ReputationPoint>> SeriesAsync(string domain, DateOnly from, DateOnly to, CancellationToken ct, int? streamId = null)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        JudgedDomain? judged = await FindAsync(db, domain, ct);
        JudgedStream? stream = streamId is null ? judged?.Whole : judged?.Streams.FirstOrDefault(s => s.Id == streamId);
        // The last days may have got events since the worker looked.
        return await SeriesAsync(db, stream, to > Today.AddDays(-StreamWalk.Revised) ? await WalkAsync(db, judged, stream, ct) : [], from, to, ct);
    }

    /// <summary>The streams of one kind with their latest stored verdict, the worst first, those without a verdict last.</summary>
    /// <param name="kind"><see cref="StreamKind.Ip"/> for the table by address.</param>
    public async Task<IReadOnlyList<StreamReputation>> StreamsAsync(string domain, StreamKind kind, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await FindAsync(db, domain, ct) is not { } judged)
            return [];
        List<JudgedStream> streams = [.. judged.Streams.Where(s => s.Kind == kind)];
        DateOnly today = Today;
        var stored = await StreamWalk.StoredAsync(db, [.. streams.Select(s => s.Id)], today.AddDays(-1), today, ct);
        return [.. streams.Select(s => StreamReputation.Of(s, stored[s.Id].LastOrDefault()))
            .OrderBy(s => s.Latest?.Score ?? double.MaxValue).ThenByDescending(s => s.PerDay).ThenBy(s => s.Value, StringComparer.Ordinal)];
    }

    /// <summary>For a list of domains: the latest level and a line of scores. Names of which nothing is counted are left out.</summary>
    /// <param name="days">Length of the line, today included.</param>
    public async Task<IReadOnlyDictionary<string, ReputationLine>> LinesAsync(IReadOnlyCollection<string> domains, int days, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<string> names = [.. domains];
        var wholes = await (
            from domain in db.MailDomains
            join stream in db.MailStreams on domain.Id equals stream.DomainId
            where names.Contains(domain.Name) && stream.Kind == StreamKind.Whole
            select new { domain.Name, stream.Id }).ToListAsync(ct);
        DateOnly today = Today, from = today.AddDays(1 - days);
        var stored = await StreamWalk.StoredAsync(db, [.. wholes.Select(w => w.Id)], from, today, ct);
        return wholes.ToDictionary(w => w.Name, w => ReputationLine.Of(stored[w.Id], from, today), StringComparer.Ordinal);
    }

    /// <summary>The stream in which most of what a signal counts was counted in the last 30 days: "31 of the 41 complaints". Null: none stands out, or it may not be shown.</summary>
    /// <param name="kinds">Kinds of stream to look through, such as lists and message types.</param>
    public async Task<Culprit?> CulpritAsync(string domain, Signal signal, IReadOnlyCollection<StreamKind> kinds, CancellationToken ct)
    {
        // Which stream hits traps would help to find them, and what else people do is told of a stream only beside its siblings.
        if (signal == Signal.Traps || (ReputationFormula.IsOfPeople(signal) && signal != Signal.Complaints))
            return null;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await FindAsync(db, domain, ct) is { } judged ? await CulpritAsync(db, judged, signal, kinds, ct) : null;
    }

    private async Task<Culprit?> CulpritAsync(PostmasterDb db, JudgedDomain judged, Signal signal, IReadOnlyCollection<StreamKind> kinds, CancellationToken ct)
    {
        if (judged.Whole is not { } whole)
            return null;
        DateOnly today = Today;
        List<JudgedStream> candidates = [.. judged.Streams.Where(s => kinds.Contains(s.Kind) && s.Value.Length > 0 && !string.Equals(s.Value, MailStream.Other, StringComparison.Ordinal))];
        if (candidates.Count > CulpritStreams)
        {
            var stored = await StreamWalk.StoredAsync(db, [.. candidates.Select(s => s.Id)], today, today, ct);
            candidates = [.. candidates.OrderByDescending(s => stored[s.Id].LastOrDefault()?.PerDay ?? 0).Take(CulpritStreams)];
        }

        var days = await StreamWalk.DaysAsync(db, [whole.Id, .. candidates.Select(s => s.Id)], PrivacyFloor.Border(today.AddDays(1 - TrafficWindow.Length)), today, ct);
        if (Count(whole) is not { } all || all == 0)
            return null;
        return candidates.Select(s => (Stream: s, Count: Count(s))).Where(s => s.Count is { } count && count * 2 > all)
            .OrderByDescending(s => s.Count).ThenBy(s => s.Stream.Kind)
            .Select(s => new Culprit(s.Stream.Id, s.Stream.Kind, s.Stream.Value, s.Stream.Title, s.Count!.Value, all)).FirstOrDefault();

        // Null: nothing, or hidden.
        long? Count(JudgedStream stream) =>
            TrafficWindow.Of(FlooredDays.ComplaintsOf(days[stream.Id], privacy.Value.PrivacyFloor), today) is { } window && window.HiddenOf(signal) is null ? window[signal].Count : null;
    }

    private async Task<JudgedDomain?> FindAsync(PostmasterDb db, string domain, CancellationToken ct)
    {
        int id = await db.MailDomains.Where(d => d.Name == domain).Select(d => d.Id).FirstOrDefaultAsync(ct);
        return id == 0 ? null : await StreamWalk.ReadDomainAsync(db, id, Today, ct);
    }

    private async Task<IReadOnlyList<DayVerdict>> WalkAsync(PostmasterDb db, JudgedDomain? domain, JudgedStream? stream, CancellationToken ct) =>
        domain is null || stream is null ? [] : (await StreamWalk.RunAsync(db, domain, [stream], privacy.Value.PrivacyFloor, Today, ct))[stream.Id];

    /// <param name="verdicts">Of the last days: they win over what is stored.</param>
    private static async Task<IReadOnlyList<ReputationPoint>> SeriesAsync(
        PostmasterDb db, JudgedStream? stream, IReadOnlyList<DayVerdict> verdicts, DateOnly from, DateOnly to, CancellationToken ct)
    {
        var points = new Dictionary<DateOnly, ReputationPoint>();
        if (stream is not null)
        {
            foreach (ReputationDay row in (await StreamWalk.StoredAsync(db, [stream.Id], from, to, ct))[stream.Id])
                points[CellKey.OfDay(row.Key).Day] = ReputationPoint.Of(row);
        }

        foreach (DayVerdict verdict in verdicts)
            points[verdict.Day] = ReputationPoint.Of(verdict);
        return [.. Enumerable.Range(0, Math.Max(0, to.DayNumber - from.DayNumber + 1)).Select(i => from.AddDays(i))
            .Select(day => points.GetValueOrDefault(day) ?? ReputationPoint.None(day))];
    }

    private ReputationNow NowOf(JudgedDomain? domain, JudgedStream? stream, IReadOnlyList<DayVerdict> days)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (domain is null || stream is null)
            return new ReputationNow(now, null, TypeMix.Only(MailType.Unknown), null, null, 0);
        TypeMix mix = stream.Kind != StreamKind.Whole && stream.Type != MailType.Unknown ? TypeMix.Only(stream.Type) : domain.Mix;
        // After thirty days without mail the last verdict is no longer one of today.
        if (days.Count == 0 || days[^1].Day != Today)
            return new ReputationNow(now, null, mix, null, null, 0);
        int same = 1;
        while (same < days.Count && days[^(same + 1)].Level == days[^1].Level && days[^(same + 1)].Day == days[^1].Day.AddDays(-same))
            same++;
        bool changed = same < days.Count && days[^(same + 1)].Day == days[^same].Day.AddDays(-1);
        return new ReputationNow(now, days[^1], mix, days[^same].Day, changed ? days[^(same + 1)].Level : null, same);
    }
}
