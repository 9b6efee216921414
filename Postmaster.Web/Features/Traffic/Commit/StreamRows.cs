using System.Data.Common;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>Ids that hold once the transaction is committed.</summary>
internal sealed record NewRows(IReadOnlyDictionary<DomainEntry, int> Domains, IReadOnlyDictionary<StreamEntry, int> Streams)
{
    /// <summary>The transaction is committed.</summary>
    public void Take()
    {
        foreach ((DomainEntry domain, int id) in Domains)
            domain.Id = id;
        foreach ((StreamEntry stream, int id) in Streams)
            stream.Id = id;
    }
}

/// <summary>The last day of a stream or domain as its row has it now.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct DayChange(StreamEntry? Stream, DomainEntry? Domain, DateOnly Day)
{
    /// <summary>The transaction is committed.</summary>
    public void Take()
    {
        if (Stream is not null)
            Stream.LastDay = Day;
        if (Domain is not null)
            Domain.LastDay = Day;
    }
}

/// <summary>The rows of domains and streams. Another machine may make the same at the same time: whoever is second finds the first one's.</summary>
internal static class StreamRows
{
    /// <summary>Ids in one statement.</summary>
    private const int Chunk = 500;

    private const string AddDomain = """INSERT INTO "MailDomains" ("Name", "FirstDay", "LastDay") VALUES (@name, @first, @last) ON CONFLICT DO NOTHING""";
    private const string FindDomain = """SELECT "Id" FROM "MailDomains" WHERE "Name" = @name""";

    private const string AddStream = """
        INSERT INTO "MailStreams" ("DomainId", "Kind", "Value", "OwnerType", "OperatorType", "FirstDay", "LastDay") VALUES (@domain, @kind, @value, 0, 0, @first, @last)
        ON CONFLICT DO NOTHING
        """;

    private const string FindStream = """SELECT "Id" FROM "MailStreams" WHERE "DomainId" = @domain AND "Kind" = @kind AND "Value" = @value""";

    /// <summary>Makes the rows that are missing, in one order on all machines.</summary>
    public static async Task<NewRows> AddAsync(PostmasterDb db, CellSums days, IReadOnlyList<PendingBatch> batches, CancellationToken ct)
    {
        Dictionary<StreamEntry, (int First, int Last)> missing = Missing(days, batches);
        var domains = new Dictionary<DomainEntry, int>();
        var streams = new Dictionary<StreamEntry, int>();
        if (missing.Count == 0)
            return new NewRows(domains, streams);
        await using DbCommand addDomain = Command(db, AddDomain, "@name", "@first", "@last"), findDomain = Command(db, FindDomain, "@name");
        foreach (var domain in missing.Where(s => s.Key.Domain.Id == 0).GroupBy(s => s.Key.Domain, s => s.Value).OrderBy(d => d.Key.Name, StringComparer.Ordinal))
        {
            addDomain.Parameters[1].Value = DateOnly.FromDayNumber(domain.Min(d => d.First));
            addDomain.Parameters[2].Value = DateOnly.FromDayNumber(domain.Max(d => d.Last));
            domains.Add(domain.Key, await AddAsync(addDomain, findDomain, ct, domain.Key.Name));
        }

        await using DbCommand add = Command(db, AddStream, "@domain", "@kind", "@value", "@first", "@last"), find = Command(db, FindStream, "@domain", "@kind", "@value");
        foreach ((int domain, StreamEntry stream, (int first, int last)) in missing.Select(s => (Domain: s.Key.Domain.Id != 0 ? s.Key.Domain.Id : domains[s.Key.Domain], s.Key, s.Value))
            .OrderBy(s => s.Domain).ThenBy(s => s.Key.Kind).ThenBy(s => s.Key.Value, StringComparer.Ordinal))
        {
            add.Parameters[3].Value = DateOnly.FromDayNumber(first);
            add.Parameters[4].Value = DateOnly.FromDayNumber(last);
            streams.Add(stream, await AddAsync(add, find, ct, domain, (short)stream.Kind, stream.Value));
        }

        return new NewRows(domains, streams);
    }

    /// <summary>Writes the last day of those that have mail of a newer one.</summary>
    public static async Task<List<DayChange>> MoveLastDaysAsync(PostmasterDb db, CommitScope scope, CellSums days, CancellationToken ct)
    {
        List<DayChange> changes = Newer(days);
        foreach (IGrouping<DateOnly, DayChange> day in changes.GroupBy(c => c.Day).OrderBy(g => g.Key))
        {
            foreach (int[] ids in day.Where(c => c.Stream is not null).Select(c => scope.IdOf(c.Stream!)).Order().Chunk(Chunk))
                await db.MailStreams.Where(s => ids.Contains(s.Id) && s.LastDay < day.Key).ExecuteUpdateAsync(set => set.SetProperty(s => s.LastDay, day.Key), ct);
            foreach (int[] ids in day.Where(c => c.Domain is { Id: not 0 }).Select(c => c.Domain!.Id).Order().Chunk(Chunk))
                await db.MailDomains.Where(d => ids.Contains(d.Id) && d.LastDay < day.Key).ExecuteUpdateAsync(set => set.SetProperty(d => d.LastDay, day.Key), ct);
        }

        return changes;
    }

    /// <summary>The streams without a row, each with its first and last day.</summary>
    private static Dictionary<StreamEntry, (int First, int Last)> Missing(CellSums days, IReadOnlyList<PendingBatch> batches)
    {
        var missing = new Dictionary<StreamEntry, (int First, int Last)>();
        foreach (ref readonly CellSum sum in days.All)
        {
            if (sum.Stream is { Id: 0 } stream)
                Widen(missing, stream, sum.Period);
        }

        foreach (EventDelta batch in batches.Select(b => b.Delta))
        {
            foreach (ref readonly LaterEvent later in CollectionsMarshal.AsSpan(batch.Later))
            {
                foreach (StreamEntry stream in batch.Of(later.Streams))
                {
                    if (stream.Id == 0)
                        Widen(missing, stream, (int)(later.Time / TimeSpan.TicksPerDay));
                }
            }
        }

        return missing;
    }

    private static void Widen(Dictionary<StreamEntry, (int First, int Last)> missing, StreamEntry stream, int day)
    {
        ref (int First, int Last) days = ref CollectionsMarshal.GetValueRefOrAddDefault(missing, stream, out bool known);
        days = known ? (Math.Min(days.First, day), Math.Max(days.Last, day)) : (day, day);
    }

    private static List<DayChange> Newer(CellSums days)
    {
        var streams = new Dictionary<StreamEntry, int>();
        foreach (ref readonly CellSum sum in days.All)
        {
            if (sum.Stream is { Id: not 0 } stream && sum.Period > stream.LastDay.DayNumber)
                streams[stream] = Math.Max(sum.Period, streams.GetValueOrDefault(stream));
        }

        var changes = streams.Select(s => new DayChange(s.Key, null, DateOnly.FromDayNumber(s.Value))).ToList();
        changes.AddRange(streams.Where(s => s.Value > s.Key.Domain.LastDay.DayNumber && s.Key.Domain.Id != 0)
            .GroupBy(s => s.Key.Domain).Select(d => new DayChange(null, d.Key, DateOnly.FromDayNumber(d.Max(s => s.Value)))));
        return changes;
    }

    private static async Task<int> AddAsync(DbCommand add, DbCommand find, CancellationToken ct, params object[] key)
    {
        Fill(add, key);
        Fill(find, key);
        await add.ExecuteNonQueryAsync(ct);
        return Convert.ToInt32(await find.ExecuteScalarAsync(ct), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void Fill(DbCommand command, object[] values)
    {
        for (int i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
    }

    private static DbCommand Command(PostmasterDb db, string sql, params string[] parameters)
    {
        DbCommand command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction!.GetDbTransaction();
        command.CommandText = sql;
        foreach (string name in parameters)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
