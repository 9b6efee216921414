using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.Traffic.Commit;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>The counts of batches on their way to the cells' rows.</summary>
public sealed class CellSumsTests
{
    [Fact]
    public void Sums_of_several_batches_make_the_rows_that_counting_one_by_one_makes()
    {
        var random = new Random(20261122);
        var domain = new DomainEntry(1, "example.org");
        StreamEntry[] streams = [.. Enumerable.Range(1, 300).Select(i => new StreamEntry(i, domain, StreamKind.Ip, $"192.0.2.{i}"))];
        ulong[] sets = [1, 1UL << (TrafficCounts.Length - 1), .. Enumerable.Range(0, 6).Select(_ => (ulong)random.NextInt64() & ((1UL << TrafficCounts.Length) - 1))];
        var truth = new Dictionary<(StreamEntry? Stream, int Id, int Period), long[]>();
        var all = new CellSums();
        var batch = new CellSums();
        for (int round = 0; round < 4; round++)
        {
            batch.Clear();
            for (int i = 0; i < 5000; i++)
            {
                (StreamEntry stream, int period, ulong set, ulong recipient) = (streams[random.Next(streams.Length)], 700_000 + random.Next(3), sets[random.Next(sets.Length)], (ulong)random.NextInt64());
                RecipientSketch sketch = default(RecipientSketch).With(recipient);
                // Every third one as the memory of deliveries does, by the id of its row.
                if (i % 3 == 0)
                    batch.Add(stream.Serial, period, set, sketch);
                else
                    batch.Add(stream, period, set, octets: i, sketch);
                Count(truth, i % 3 == 0 ? (null, stream.Serial, period) : (stream, 0, period), set, i % 3 == 0 ? 0 : i, sketch);
            }

            all.Add(batch);
        }

        Assert.Equal(
            truth.OrderBy(t => t.Key.Stream?.Serial).ThenBy(t => t.Key.Id).ThenBy(t => t.Key.Period).SelectMany(t => t.Value),
            Rows(all).OrderBy(t => t.Key.Stream?.Serial).ThenBy(t => t.Key.Id).ThenBy(t => t.Key.Period).SelectMany(t => t.Value));
    }

    [Fact]
    public void Every_counter_has_a_bit() => Assert.InRange(TrafficCounts.Length, 1, 64);

    private static Dictionary<(StreamEntry? Stream, int Id, int Period), long[]> Rows(CellSums sums)
    {
        var rows = new Dictionary<(StreamEntry? Stream, int Id, int Period), long[]>();
        foreach (CellSum sum in sums.All)
        {
            (StreamEntry?, int, int) cell = (sum.Stream, sum.Stream is null ? sum.StreamId : 0, sum.Period);
            if (!rows.TryGetValue(cell, out long[]? row))
                rows.Add(cell, row = new long[CellBatch.Width]);
            sum.AddTo(row);
        }

        return rows;
    }

    private static void Count(Dictionary<(StreamEntry? Stream, int Id, int Period), long[]> truth, (StreamEntry? Stream, int Id, int Period) cell, ulong set, int octets, RecipientSketch sketch)
    {
        if (!truth.TryGetValue(cell, out long[]? row))
            truth.Add(cell, row = new long[CellBatch.Width]);
        for (int counter = 0; counter < TrafficCounts.Length; counter++)
            row[counter] += (long)(set >> counter) & 1;
        row[(int)TrafficCounter.Octets] += octets;
        row[^1] |= (long)sketch.Bits;
    }
}
