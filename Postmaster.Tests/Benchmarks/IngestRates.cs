using System.Text.Json;
using Postmaster.Tests.Support;

namespace Postmaster.Benchmarks;

/// <summary>
/// Events over HTTP into the product, which runs as a process of its own: made before, sent in batches of 5,000, counted when the answer has come,
/// that is after the commit. By the clock, and by the processor time that the product used, for machines that do other things as well.
/// Deliveries are not remembered here (<see cref="MemoryRates"/> measures that). Beside it the bound: reading the JSON of the same lines and doing nothing with it.
/// </summary>
internal static class IngestRates
{
    private const int Bodies = 40, WarmUp = 160, Rounds = 5, BatchesOfARound = 320;
    private const double Asked = 150_000;

    public static void Measure(Table table) => MeasureAsync(table).GetAwaiter().GetResult();

    /// <summary>Events whose JSON one core reads in a second, doing nothing with it.</summary>
    public static double Bound(byte[] batch) => Rate.Of(() => ReadTokens(batch)).PerSecond * EventMix.LinesOfABatch;

    private static async Task MeasureAsync(Table table)
    {
        var mix = new EventMix(seed: 1);
        var now = TimeProvider.System.GetUtcNow();
        byte[][] bodies = [.. Enumerable.Range(0, Bodies).Select(_ => mix.Batch(now))];
        var bound = Bound(bodies[0]);
        OneCore.Release();
        await MeasureAsync(table, "events into SQLite", database: null, Asked, bodies, bound);
        if (RequiredPrograms.Find("initdb") is not null)
            await MeasureAsync(table, "events into PostgreSQL", await (await PostgresInstance.LastingAsync()).CreateDatabaseAsync(), Asked * 2 / 3, bodies, bound);
        OneCore.Keep();
    }

    private static async Task MeasureAsync(Table table, string what, string? database, double asked, byte[][] bodies, double bound)
    {
        await using var product = await Product.StartAsync(database, joinDays: 0);
        using var feeder = new EventFeeder(product);
        var next = -1;
        (byte[], Action) Next() => (bodies[Interlocked.Increment(ref next) % bodies.Length], static () => { });
        await feeder.SendAsync(WarmUp, Next);
        var rounds = new List<Fed>();
        for (var round = 0; round < Rounds; round++)
        {
            rounds.Add(await feeder.SendAsync(BatchesOfARound, Next));
            Console.Error.WriteLine($"{what}, round {round}: {rounds[^1]}");
        }

        var (slowest, best) = (rounds.Min(r => r.PerSecond), rounds.Max(r => r.PerSecond));
        table.Add(what, new Rate(best, double.NaN), "asked", asked, 1);
        table.Add(what, new Rate(best, double.NaN), "JSON alone, two cores", 2 * bound, null);
        table.Note(FormattableString.Invariant(
            $"{what}: {bodies.Average(b => (double)b.Length) / EventMix.LinesOfABatch:0} octets each, in batches of {EventMix.LinesOfABatch}, answered after the commit, {EventFeeder.UnderWay} under way: {slowest:N0} to {best:N0}/s by the clock in rounds of {BatchesOfARound * EventMix.LinesOfABatch:N0} beside the load generator on the same cores, asked is {asked:N0}/s. The product used {rounds.Min(r => r.Processor):0.00} us of processor time an event; reading the tokens alone {bound:N0}/s on one core."));
        table.Note(FormattableString.Invariant(
            $"{what}: the product had at most {product.MostMegabytes} MB, after each round {string.Join(", ", rounds.Select(r => r.Megabytes))} MB; asked is less than 600 MB."));
    }

    private static void ReadTokens(byte[] lines)
    {
        for (var start = 0; start < lines.Length;)
        {
            var length = lines.AsSpan(start).IndexOf((byte)'\n');
            var json = new Utf8JsonReader(lines.AsSpan(start, length));
            while (json.Read())
            {
            }

            start += length + 1;
        }
    }
}
