using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Postmaster.Web.Features.Traffic.Intake;

namespace Postmaster.Benchmarks;

/// <summary>What was measured while batches were sent.</summary>
/// <param name="PerSecond">Events, by the clock.</param>
/// <param name="Processor">Microseconds of the product's processor time an event.</param>
/// <param name="Unjoined">Later events of whose messages the product knew nothing.</param>
internal sealed record Fed(double PerSecond, double Processor, long Unjoined, long Megabytes)
{
    public override string ToString() => FormattableString.Invariant($"{PerSecond:N0}/s by the clock, {Processor:0.00} us of processor each, {Megabytes} MB");
}

/// <summary>Sends batches over HTTP, several at a time; each counts when its answer has come, which is after the commit.</summary>
internal sealed class EventFeeder(Product product) : IDisposable
{
    public const int UnderWay = 16;
    private static readonly string Whole = string.Create(CultureInfo.InvariantCulture, $"{{\"accepted\":{EventMix.LinesOfABatch},\"bad\":0,");
    private readonly HttpClient _http = new() { BaseAddress = product.Url, Timeout = TimeSpan.FromSeconds(60) };
    private int _key;
    private long _unjoined;

    /// <param name="batch">Gives the next batch, and is told when it has been answered.</param>
    public async Task<Fed> SendAsync(int batches, Func<(byte[] Octets, Action Answered)> batch)
    {
        var (left, unjoined, processor, started) = (batches, _unjoined, product.ProcessorTime, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, UnderWay).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var (octets, answered) = batch();
                await SendAsync(octets);
                answered();
            }
        })));
        var events = (double)batches * EventMix.LinesOfABatch;
        return new Fed(
            events / Stopwatch.GetElapsedTime(started).TotalSeconds, (product.ProcessorTime - processor).TotalMicroseconds / events, _unjoined - unjoined, product.Megabytes);
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(byte[] octets)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/intake/events") { Content = new ByteArrayContent(octets) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + Product.Token);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", Interlocked.Increment(ref _key).ToString(CultureInfo.InvariantCulture));
        using var response = await _http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode || !answer.StartsWith(Whole, StringComparison.Ordinal))
            throw new InvalidOperationException($"{response.StatusCode}: {answer}");
        Interlocked.Add(ref _unjoined, IngestAnswer.FromJson(answer)!.Unjoined);
    }
}
