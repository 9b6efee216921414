using System.Diagnostics;
using System.Globalization;
using Postmaster.Tests.Support;

namespace Postmaster.Benchmarks;

/// <summary>
/// Events over HTTP in batches of 5,000, acknowledged after commit, when every delivery is remembered for later joining: with nothing remembered, and
/// with ever more, which must not slow it down. A server and its feeders in this process, all cores. By the clock.
/// </summary>
internal static class MemoryRates
{
    private const int Feeders = 4, Asked = 40_000, Batches = 120, WarmUp = 24;
    private const long Megabyte = 1024 * 1024;

    /// <summary>The deliveries remembered at each measurement.</summary>
    private static readonly long[] Few = [0, 1_000_000, 2_000_000], Full = [0, 10_000_000, 25_000_000, 50_000_000];

    /// <param name="full">Up to 50 million deliveries: some minutes and 3 GB.</param>
    public static void Measure(Table table, bool full)
    {
        OneCore.Release();
        MeasureAsync(table, full ? Full : Few, "SQLite", connectionString: null, Asked).GetAwaiter().GetResult();
        if (RequiredPrograms.Find("initdb") is not null)
            MeasureAsync(table, full ? Full[..2] : Few[..2], "PostgreSQL", PostgresAsync().GetAwaiter().GetResult(), Asked * 2 / 3.0).GetAwaiter().GetResult();
        OneCore.Keep();
    }

    private static async Task<string> PostgresAsync() => await (await PostgresInstance.SharedAsync()).CreateDatabaseAsync();

    private static async Task MeasureAsync(Table table, long[] kept, string database, string? connectionString, double asked)
    {
        await using MemoryPortal portal = await MemoryPortal.StartAsync(connectionString);
        await SendAsync(portal, WarmUp);
        double first = 0;
        foreach (long deliveries in kept)
        {
            await portal.FillAsync(deliveries);
            await SendAsync(portal, Feeders); // what was filled last becomes a partition first
            GC.Collect();
            double rate = await SendAsync(portal, Batches);
            first = first == 0 ? rate : first;
            table.Add(
                string.Create(CultureInfo.InvariantCulture, $"remembered events into {database}, {portal.Filled / 1_000_000.0:0} million kept"),
                new Rate(rate, double.NaN), "asked", asked, 1);
            using var self = Process.GetCurrentProcess();
            table.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"{database}, {portal.Filled / 1_000_000.0:0} million deliveries kept: {rate / first:0.00} of the rate with none, {self.WorkingSet64 / Megabyte} MB with the feeders, {portal.Unjoined} later events unjoined."));
        }
    }

    /// <summary>Events a second.</summary>
    private static async Task<double> SendAsync(MemoryPortal portal, int batches)
    {
        long started = Stopwatch.GetTimestamp();
        int left = batches;
        await Task.WhenAll(Enumerable.Range(0, Feeders).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
                await portal.SendAsync();
        }));
        return (double)batches * MemoryPortal.BatchEvents / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
