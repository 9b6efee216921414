using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Reputation.Formula;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Reputation;

/// <summary>
/// Keeps the verdicts of claimed domains and their streams. Every machine may do so at the same time: what is written follows from the counters
/// alone, and a row that another machine has just written is not worked out again.
/// </summary>
public sealed class ReputationStore(
    IDbContextFactory<PostmasterDb> databases, IOptions<ReputationOptions> options, IOptions<PrivacyOptions> privacy, TimeProvider time)
{
    /// <summary>Streams written at a time: bounds the length of a transaction. Those of one kind are read together.</summary>
    private const int Batch = 50;

    /// <summary>Streams of one domain that get verdicts, those with the latest mail first: a flood of made-up values must not keep the worker busy.</summary>
    private const int MostStreams = 2500;

    /// <summary>Another machine may insert the same rows in between.</summary>
    private const int Tries = 3;

    /// <summary>When this machine last looked at a domain: one that has nothing to say leaves no row that would tell.</summary>
    private readonly ConcurrentDictionary<int, DateTimeOffset> _looked = new();

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    /// <summary>Renews all verdicts that are due; returns how many domains had any.</summary>
    public async Task<int> RefreshDueAsync(CancellationToken ct)
    {
        int[] due = await DueAsync(ct);
        // Machines that begin together take different domains.
        Random.Shared.Shuffle(due);
        int renewed = 0;
        foreach (int domain in due)
        {
            if (await RefreshAsync(domain, force: false, ct))
                renewed++;
        }

        return renewed;
    }

    /// <summary>Renews the verdicts of one domain now, whenever they were last worked out. False: nothing is counted for such a name.</summary>
    public async Task<bool> RefreshAsync(string domain, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        int id = await db.MailDomains.Where(d => d.Name == domain).Select(d => d.Id).FirstOrDefaultAsync(ct);
        return id != 0 && await RefreshAsync(id, force: true, ct);
    }

    /// <summary>Claimed domains with mail that can still count, unless this machine has looked at them lately.</summary>
    private async Task<int[]> DueAsync(CancellationToken ct)
    {
        DateOnly since = Today.AddDays(-TrafficWindow.Length);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<int> domains = await db.MailDomains
            .Where(d => d.LastDay >= since && db.Claims.Any(c => c.Domain == d.Name && (c.State == ClaimState.Proved || c.State == ClaimState.Warned)))
            .Select(d => d.Id).ToListAsync(ct);
        foreach (int gone in _looked.Keys.Except(domains))
            _looked.TryRemove(gone, out _);
        DateTimeOffset now = time.GetUtcNow();
        return [.. domains.Where(d => !_looked.TryGetValue(d, out DateTimeOffset looked) || now - looked >= options.Value.RefreshEvery || looked.UtcDateTime.Date != now.UtcDateTime.Date)];
    }

    private async Task<bool> RefreshAsync(int domainId, bool force, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateOnly today = Today;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        JudgedDomain domain = await StreamWalk.ReadDomainAsync(db, domainId, today, ct);
        _looked[domainId] = now;
        if (domain.Whole is not { } whole)
            return false;
        Dictionary<int, DateTimeOffset> todays = await ComputedAsync(db, domain.Streams, today, ct);
        if (!force && todays.TryGetValue(whole.Id, out DateTimeOffset computed) && now - computed < options.Value.RefreshEvery)
            return false;
        // A stream without events today is worked out once a day. The whole comes last: its row says that all is done.
        List<JudgedStream> due =
        [
            .. domain.Streams.Where(s => s != whole && (force || s.LastDay >= today || !todays.ContainsKey(s.Id))).OrderByDescending(s => s.LastDay).Take(MostStreams),
            whole,
        ];
        foreach (IGrouping<StreamKind, JudgedStream> kind in due.GroupBy(s => s.Kind))
        {
            var verdicts = await StreamWalk.RunAsync(db, domain, [.. kind], privacy.Value.PrivacyFloor, today, ct);
            foreach (JudgedStream[] some in kind.Chunk(Batch))
                await WriteAsync(some, verdicts, now, ct);
        }

        return true;
    }

    private static async Task<Dictionary<int, DateTimeOffset>> ComputedAsync(PostmasterDb db, IReadOnlyList<JudgedStream> streams, DateOnly today, CancellationToken ct) =>
        (await StreamWalk.StoredAsync(db, [.. streams.Select(s => s.Id)], today, today, ct))
            .Where(s => s.Value.Count > 0).ToDictionary(s => s.Key, s => s.Value[0].ComputedAt);

    private async Task WriteAsync(JudgedStream[] streams, IReadOnlyDictionary<int, IReadOnlyList<DayVerdict>> verdicts, DateTimeOffset now, CancellationToken ct)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await WriteOnceAsync(streams, verdicts, now, ct);
                return;
            }
            catch (DbUpdateException) when (attempt < Tries)
            {
                // Another machine wrote some of these rows first: read them and see what is left to change.
            }
        }
    }

    private async Task WriteOnceAsync(JudgedStream[] streams, IReadOnlyDictionary<int, IReadOnlyList<DayVerdict>> verdicts, DateTimeOffset now, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var stored = await StreamWalk.StoredAsync(db, [.. streams.Select(s => s.Id)], today.AddDays(1 - StreamWalk.Revised), today, ct);
        foreach (JudgedStream stream in streams)
        {
            Dictionary<long, ReputationDay> rows = stored[stream.Id].ToDictionary(r => r.Key);
            foreach (DayVerdict verdict in verdicts[stream.Id])
            {
                long key = CellKey.Day(stream.Id, verdict.Day);
                if (!rows.TryGetValue(key, out ReputationDay? row))
                    db.Add(New(key, verdict, now));
                else if (verdict.Day == today || row.Level != verdict.Level || Math.Abs(row.Score - verdict.Score) > 1e-6)
                    Change(row, verdict, now);
            }
        }

        await db.SaveChangesAsync(ct);
    }

    private static ReputationDay New(long key, DayVerdict verdict, DateTimeOffset now) => new()
    {
        Key = key,
        Score = verdict.Score,
        Level = verdict.Level,
        Causes = StoredCauses.Write(verdict.Sheet),
        PerDay = verdict.Sheet.Window.PerDay,
        ComputedAt = now,
    };

    private static void Change(ReputationDay row, DayVerdict verdict, DateTimeOffset now)
    {
        row.Score = verdict.Score;
        row.Level = verdict.Level;
        row.Causes = StoredCauses.Write(verdict.Sheet);
        row.PerDay = verdict.Sheet.Window.PerDay;
        row.ComputedAt = now;
    }
}
