using Postmaster.Tests.Support;

namespace Postmaster.Benchmarks;

/// <summary>
/// Events over HTTP in batches of 5,000, acknowledged after commit, when every delivery is remembered for later joining: with nothing remembered, and
/// with ever more, which must not slow it down. The product is a process of its own, all cores are its and its feeders'. By the clock.
/// </summary>
internal static class MemoryRates
{
    private const int Asked = 40_000, Batches = 320;

    /// <summary>The deliveries remembered at each measurement.</summary>
    private static readonly long[] Few = [0, 1_000_000, 5_000_000], Full = [0, 10_000_000, 25_000_000, 50_000_000];

    /// <param name="full">Up to 50 million deliveries: some minutes and 4 GB.</param>
    public static void Measure(Table table, bool full) => MeasureAsync(table, full).GetAwaiter().GetResult();

    private static async Task MeasureAsync(Table table, bool full)
    {
        OneCore.Release();
        await MeasureAsync(table, full ? Full : Few, "SQLite", database: null, Asked);
        if (RequiredPrograms.Find("initdb") is not null)
            await MeasureAsync(table, full ? Full[..2] : Few[..2], "PostgreSQL", await (await PostgresInstance.LastingAsync()).CreateDatabaseAsync(), Asked * 2 / 3.0);
        OneCore.Keep();
    }

    private static async Task MeasureAsync(Table table, long[] kept, string name, string? database, double asked)
    {
        await using Product product = await Product.StartAsync(database, joinDays: 14);
        using var http = new EventFeeder(product);
        var feeder = new MemoryFeeder(product, http, TimeProvider.System.GetUtcNow());
        double bound = 2 * IngestRates.Bound(feeder.Sample), first = 0;
        await feeder.SendAsync(MemoryFeeder.WarmUp);
        foreach (long deliveries in kept)
        {
            await feeder.FillAsync(deliveries);
            await feeder.SendAsync(EventFeeder.UnderWay); // what was filled last becomes known first
            Fed fed = await feeder.SendAsync(Batches);
            first = first == 0 ? fed.PerSecond : first;
            string what = FormattableString.Invariant($"remembered events into {name}, {feeder.Filled / 1_000_000.0:0} million kept");
            table.Add(what, new Rate(fed.PerSecond, double.NaN), "asked", asked, 1);
            table.Add(what, new Rate(fed.PerSecond, double.NaN), "JSON alone, two cores", bound, null);
            table.Note(FormattableString.Invariant(
                $"{what}: {fed}, at most {product.MostMegabytes} MB; {fed.PerSecond / first:0.00} of the rate with none; {fed.Unjoined} later events unjoined."));
        }
    }
}
