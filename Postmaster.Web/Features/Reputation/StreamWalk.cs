using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation;

/// <summary>A stream as far as verdicts need it.</summary>
internal sealed record JudgedStream(int Id, StreamKind Kind, string Value, string? Title, MailType Type, DateOnly LastDay);

/// <summary>The streams of a domain that have mail of which anything could be said.</summary>
/// <param name="Whole">Null: there has been no mail.</param>
/// <param name="Mix">Of the domain, by its streams' mail types.</param>
internal sealed record JudgedDomain(JudgedStream? Whole, IReadOnlyList<JudgedStream> Streams, TypeMix Mix)
{
    /// <summary>A stream is weighed by its own type or, when nobody named one, like the domain.</summary>
    public SignalWeights WeightsOf(JudgedStream stream) =>
        stream.Kind != StreamKind.Whole && stream.Type != MailType.Unknown ? SignalWeights.Of(stream.Type) : SignalWeights.Of(Mix);
}

/// <summary>
/// Reads what the formula needs. The verdicts of the last <see cref="Revised"/> days are always worked out anew from the counters, because events
/// may come late; what is older stands as it was stored. So the result depends on the counters alone, whoever works it out and how often.
/// </summary>
internal static class StreamWalk
{
    /// <summary>Days, today included. Events that come later than that (<c>Traffic:MaxPast</c> is 31 days unless it is set) count, but no longer change a verdict.</summary>
    public const int Revised = 32;

    /// <summary>The streams whose mail can still count, and the mix of the domain's mail.</summary>
    public static async Task<JudgedDomain> ReadDomainAsync(PostmasterDb db, int domainId, DateOnly today, CancellationToken ct)
    {
        DateOnly since = today.AddDays(-(Revised + TrafficWindow.Length));
        List<MailStream> rows = await db.MailStreams.AsNoTracking()
            .Where(s => s.DomainId == domainId && s.Kind != StreamKind.Unauthenticated && (s.LastDay >= since || s.Kind == StreamKind.Whole))
            .OrderBy(s => s.Id).ToListAsync(ct);
        List<JudgedStream> streams = [.. rows.Select(s => new JudgedStream(s.Id, s.Kind, s.Value, s.Title, s.Type, s.LastDay))];
        JudgedStream? whole = streams.Find(s => s.Kind == StreamKind.Whole);
        if (whole is null)
            return new JudgedDomain(null, streams, TypeMix.Only(MailType.Unknown));
        List<JudgedStream> typed = streams.FindAll(s => s.Kind != StreamKind.Whole && s.Type != MailType.Unknown);
        var mail = await DaysAsync(db, [whole.Id, .. typed.Select(s => s.Id)], today.AddDays(1 - TrafficWindow.Length), today, ct);
        return new JudgedDomain(whole, streams, TypeMix.Of(
            TrafficWindow.Mail(mail[whole.Id], today), whole.Type, typed.Select(s => (s.Kind, s.Type, TrafficWindow.Mail(mail[s.Id], today)))));
    }

    /// <summary>The verdicts of the last <see cref="Revised"/> days, today's the last, of each stream.</summary>
    public static async Task<IReadOnlyDictionary<int, IReadOnlyList<DayVerdict>>> RunAsync(
        PostmasterDb db, JudgedDomain domain, IReadOnlyList<JudgedStream> streams, int floor, DateOnly today, CancellationToken ct)
    {
        DateOnly from = today.AddDays(1 - Revised);
        var days = await FlooredAsync(db, domain, streams, floor, from.AddDays(1 - TrafficWindow.Length), today, ct);
        var before = await StoredAsync(db, [.. streams.Select(s => s.Id)], from.AddDays(-LevelRule.Memory), from.AddDays(-1), ct);
        return streams.ToDictionary(s => s.Id, s =>
            VerdictWalk.Run(days[s.Id], domain.WeightsOf(s), Unbroken(before[s.Id], from), from, today));
    }

    /// <summary>
    /// What may be told of streams, by stream. All streams of the same kinds are read with them, because what one hides the others must not tell.
    /// </summary>
    private static async Task<Dictionary<int, FlooredDays>> FlooredAsync(
        PostmasterDb db, JudgedDomain domain, IReadOnlyList<JudgedStream> streams, int floor, DateOnly from, DateOnly to, CancellationToken ct)
    {
        HashSet<StreamKind> kinds = [.. streams.Select(s => s.Kind).Append(StreamKind.Whole)];
        List<JudgedStream> read = [.. domain.Streams.Where(s => kinds.Contains(s.Kind))];
        var cells = await DaysAsync(db, [.. read.Select(s => s.Id)], PrivacyFloor.Border(from), to, ct);
        Dictionary<DateOnly, TrafficCounts> whole = domain.Whole is { } all ? cells[all.Id] : [];
        var floored = new Dictionary<int, FlooredDays>();
        foreach (IGrouping<StreamKind, JudgedStream> kind in read.GroupBy(s => s.Kind))
        {
            if (kind.Key == StreamKind.Whole)
            {
                floored[kind.First().Id] = FlooredDays.Whole(whole, floor);
                continue;
            }

            foreach ((int id, FlooredDays days) in FlooredDays.Parts(whole, kind.ToDictionary(s => s.Id, s => cells[s.Id]), floor))
                floored[id] = days;
        }

        return floored;
    }

    /// <summary>Stored verdicts by stream, oldest first. A stream without any has an empty list.</summary>
    public static async Task<IReadOnlyDictionary<int, List<ReputationDay>>> StoredAsync(
        PostmasterDb db, IReadOnlyList<int> streams, DateOnly from, DateOnly to, CancellationToken ct)
    {
        var found = streams.ToDictionary(id => id, _ => new List<ReputationDay>());
        int length = to.DayNumber - from.DayNumber + 1;
        foreach (int[] some in streams.Chunk(Math.Max(1, 1000 / Math.Max(1, length))))
        {
            List<long> keys = [.. some.SelectMany(id => Enumerable.Range(0, length).Select(i => CellKey.Day(id, from.AddDays(i))))];
            foreach (ReputationDay row in await db.ReputationDays.Where(r => keys.Contains(r.Key)).OrderBy(r => r.Key).ToListAsync(ct))
                found[CellKey.OfDay(row.Key).Stream].Add(row);
        }

        return found;
    }

    /// <summary>Counters by stream and day.</summary>
    public static async Task<IReadOnlyDictionary<int, Dictionary<DateOnly, TrafficCounts>>> DaysAsync(
        PostmasterDb db, IReadOnlyList<int> streams, DateOnly from, DateOnly to, CancellationToken ct)
    {
        var days = streams.ToDictionary(id => id, _ => new Dictionary<DateOnly, TrafficCounts>());
        foreach (Cell cell in await CellReader.DaysAsync(db, streams, from, to, ct))
        {
            (int stream, DateOnly day) = CellKey.OfDay(cell.Key);
            days[stream][day] = cell.Counts;
        }

        return days;
    }

    /// <summary>The days that lead up to a day without a gap, the latest first.</summary>
    private static List<DayLevel> Unbroken(List<ReputationDay> rows, DateOnly day)
    {
        Dictionary<DateOnly, ReputationDay> byDay = rows.ToDictionary(r => CellKey.OfDay(r.Key).Day);
        var levels = new List<DayLevel>();
        for (int i = 1; byDay.TryGetValue(day.AddDays(-i), out ReputationDay? row); i++)
            levels.Add(new DayLevel(row.Score, row.Level));
        return levels;
    }
}
