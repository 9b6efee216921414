using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>
/// Which hours each feeder told of, and the first mail that broke each requirement. Both change seldom, so what was written is remembered, and most
/// commits ask nothing. Two machines that add the same row: the loser's commit is tried again and finds it.
/// </summary>
internal sealed class CoverageRows
{
    /// <summary>Remembered days of feeders and domains; beyond it they are forgotten and asked for again.</summary>
    private const int Most = 50_000;

    private readonly Dictionary<(int Feeder, int Day), int> _hours = [];
    private readonly Dictionary<(int Domain, int Day), uint> _examples = [];
    private readonly Dictionary<(int Feeder, int Day), int> _newHours = [];
    private readonly Dictionary<(int Domain, int Day), uint> _newExamples = [];

    /// <summary>Within the commit's transaction, before it is saved.</summary>
    public async Task AddAsync(PostmasterDb db, NewRows made, IReadOnlyList<PendingBatch> batches, CancellationToken ct)
    {
        _newHours.Clear();
        _newExamples.Clear();
        await AddHoursAsync(db, batches, ct);
        await AddExamplesAsync(db, made, batches, ct);
    }

    /// <summary>The transaction is committed.</summary>
    public void Take()
    {
        if (_hours.Count > Most)
            _hours.Clear();
        if (_examples.Count > Most)
            _examples.Clear();
        foreach (((int, int) day, int hours) in _newHours)
            _hours[day] = _hours.GetValueOrDefault(day) | hours;
        foreach (((int, int) day, uint kept) in _newExamples)
            _examples[day] = _examples.GetValueOrDefault(day) | kept;
    }

    private async Task AddHoursAsync(PostmasterDb db, IReadOnlyList<PendingBatch> batches, CancellationToken ct)
    {
        foreach (PendingBatch batch in batches)
        {
            foreach (int hour in batch.Delta.HoursSeen)
            {
                (int, int) day = (batch.FeederId, hour / 24);
                int bit = 1 << (hour % 24);
                if ((_hours.GetValueOrDefault(day) & bit) == 0)
                    _newHours[day] = _newHours.GetValueOrDefault(day) | bit;
            }
        }

        // In one order, so that two machines cannot lock each other out.
        foreach (((int feeder, int number), int hours) in _newHours.OrderBy(h => h.Key))
        {
            DateOnly day = DateOnly.FromDayNumber(number);
            int rows = await db.FeederDays.Where(d => d.Day == day && d.FeederId == feeder).ExecuteUpdateAsync(set => set.SetProperty(d => d.Hours, d => d.Hours | hours), ct);
            if (rows == 0)
                db.FeederDays.Add(new FeederDay { Day = day, FeederId = feeder, Hours = hours });
        }
    }

    private async Task AddExamplesAsync(PostmasterDb db, NewRows made, IReadOnlyList<PendingBatch> batches, CancellationToken ct)
    {
        foreach (IGrouping<(int Id, int Day), FailedExample> group in batches.SelectMany(b => b.Delta.Failed.All)
            .Select(e => (Id: IdOf(made, e.Domain), Example: e)).Where(e => e.Id != 0).GroupBy(e => (e.Id, e.Example.Day), e => e.Example).OrderBy(g => g.Key))
        {
            uint known = _examples.GetValueOrDefault(group.Key);
            List<FailedExample> fresh = [.. group.Where(e => (known & Bit(e)) == 0).DistinctBy(e => e.Requirement)];
            if (fresh.Count == 0)
                continue;
            DateOnly day = DateOnly.FromDayNumber(group.Key.Day);
            List<Requirement> kept = await db.ComplianceExamples.Where(e => e.DomainId == group.Key.Id && e.Day == day).Select(e => e.Requirement).ToListAsync(ct);
            db.ComplianceExamples.AddRange(fresh.Where(e => !kept.Contains(e.Requirement)).Select(e => new ComplianceExample
            {
                DomainId = group.Key.Id, Day = day, Requirement = e.Requirement, Time = new DateTimeOffset(e.Time, TimeSpan.Zero), MessageId = e.MessageId, Ip = e.Ip, Reason = e.Reason,
            }));
            _newExamples[group.Key] = fresh.Aggregate(0u, (bits, e) => bits | Bit(e));
        }
    }

    private static uint Bit(FailedExample example) => 1u << (int)example.Requirement;

    private static int IdOf(NewRows made, DomainEntry domain) => domain.Id != 0 ? domain.Id : made.Domains.GetValueOrDefault(domain);
}
