using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Traffic.Commit;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Features.Traffic.Intake;

namespace Postmaster.Web.Features.Traffic;

/// <summary>What became of a batch.</summary>
public abstract record IntakeOutcome
{
    private IntakeOutcome()
    {
    }

    /// <summary>On disk, now or before (<see cref="IngestAnswer.Duplicate"/>).</summary>
    public sealed record Counted(IngestAnswer Answer) : IntakeOutcome;

    /// <summary>No line of it could be read; nothing is stored.</summary>
    public sealed record Unreadable(IngestAnswer Answer) : IntakeOutcome;

    /// <summary>It has more than one batch may have; nothing is stored.</summary>
    public sealed record TooLarge(string Reason) : IntakeOutcome;

    /// <summary>The feeder used its idempotency key for other lines before; nothing is stored.</summary>
    public sealed record KeyTaken : IntakeOutcome;

    /// <summary>As many batches as may be are being read or written; nothing is stored.</summary>
    public sealed record Busy : IntakeOutcome;

    /// <summary>The database did not take it; nothing is stored.</summary>
    public sealed record NotStored : IntakeOutcome;
}

/// <summary>The one entry for events, whatever door they come by: lines of the schema, read, attributed, counted, committed.</summary>
public sealed class EventIntake : IDisposable
{
    private readonly StreamDirectory _directory;
    private readonly DirectoryLoader _loader;
    private readonly TrafficKeys _keys;
    private readonly EventStore _store;
    private readonly EventCommitter _committer;
    private readonly IDeliveryMemory _memory;
    private readonly TrafficOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<EventIntake> _log;
    private readonly SemaphoreSlim _places;
    private readonly ConcurrentDictionary<int, SemaphoreSlim> _placesOfFeeder = new();
    private readonly ConcurrentBag<EventTally> _idle = [];

    internal EventIntake(
        StreamDirectory directory, DirectoryLoader loader, TrafficKeys keys, EventStore store, EventCommitter committer, IDeliveryMemory memory,
        IOptions<TrafficOptions> options, TimeProvider time, ILogger<EventIntake> log)
    {
        (_directory, _loader, _keys, _store, _committer, _memory, _options, _time, _log) = (directory, loader, keys, store, committer, memory, options.Value, time, log);
        _places = new SemaphoreSlim(_options.MaxRequests);
    }

    /// <summary>Takes events from inside the product.</summary>
    public Task<IntakeOutcome> AcceptAsync(int feederId, string? idempotencyKey, IEnumerable<TrafficEvent> events, CancellationToken ct) =>
        AcceptAsync(feederId, idempotencyKey, TrafficEventWriter.Lines(events), ct);

    /// <inheritdoc cref="AcceptAsync(int, string?, Stream, CancellationToken)"/>
    public async Task<IntakeOutcome> AcceptAsync(int feederId, string? idempotencyKey, ReadOnlyMemory<byte> lines, CancellationToken ct)
    {
        using var body = new MemoryStream(lines.ToArray(), writable: false);
        return await AcceptAsync(feederId, idempotencyKey, body, ct);
    }

    /// <summary>Takes a batch; returns when it is on disk, or when it is known that nothing of it is. Once read whole it is written even if the caller goes.</summary>
    /// <param name="idempotencyKey">The same key of the same feeder counts once, and is refused with another body; null: counts each time.</param>
    /// <param name="body">Lines, unpacked. What it throws comes through, and nothing of the batch is stored then.</param>
    public async Task<IntakeOutcome> AcceptAsync(int feederId, string? idempotencyKey, Stream body, CancellationToken ct)
    {
        SemaphoreSlim own = _placesOfFeeder.GetOrAdd(feederId, static (_, places) => new SemaphoreSlim(places), MostPlacesOfOne);
        if (!await own.WaitAsync(0, ct))
            return new IntakeOutcome.Busy();
        if (!await _places.WaitAsync(0, ct))
        {
            own.Release();
            return new IntakeOutcome.Busy();
        }

        EventTally? tally = null;
        try
        {
            byte[]? key = idempotencyKey is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(idempotencyKey));
            using IncrementalHash? hash = key is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            if (key is not null && await _store.FindAsync(feederId, key, ct) is { } before)
                return before.BodyHash is null || (await ReadAsync(body, hash!, ct) && before.Is(hash!.GetCurrentHash())) ? new IntakeOutcome.Counted(before.Answer) : new IntakeOutcome.KeyTaken();
            await _loader.EnsureAsync(ct);
            if (!_idle.TryTake(out tally))
                tally = new EventTally(_directory);
            DateTimeOffset now = _time.GetUtcNow();
            tally.Begin(await _keys.OpenAsync(ct), _memory.IsOn, now - _options.MaxPast, now + _options.MaxFuture);
            BatchEnd end = await new LineSplitter(_options).ReadAsync(body, tally, hash, ct);
            return end == BatchEnd.Complete ? await CommitAsync(feederId, key, hash?.GetCurrentHash(), tally.Delta) : new IntakeOutcome.TooLarge(Reason(end));
        }
        finally
        {
            if (tally is not null)
                _idle.Add(tally);
            _places.Release();
            own.Release();
        }
    }

    public void Dispose()
    {
        _places.Dispose();
        foreach (SemaphoreSlim own in _placesOfFeeder.Values)
            own.Dispose();
    }

    /// <summary>One feeder, slow or hostile, leaves a quarter of the places to the others.</summary>
    private int MostPlacesOfOne => Math.Max(1, _options.MaxRequests * 3 / 4);

    /// <summary>Reads the body of what may be a repetition. False: it has more than any batch, so it is none.</summary>
    private async Task<bool> ReadAsync(Stream body, IncrementalHash hash, CancellationToken ct)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(EventLimits.Line);
        try
        {
            long total = 0;
            int read;
            while ((read = await body.ReadAsync(buffer, ct)) > 0 && (total += read) <= _options.MaxBatchBytes)
                hash.AppendData(buffer, 0, read);
            return read == 0;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<IntakeOutcome> CommitAsync(int feederId, byte[]? key, byte[]? bodyHash, EventDelta batch)
    {
        if (batch.Accepted == 0)
            return new IntakeOutcome.Unreadable(IngestAnswer.Of(batch));
        try
        {
            if (await _committer.CommitAsync(new PendingBatch(feederId, key, bodyHash, batch)) is not { } answer)
                return new IntakeOutcome.KeyTaken();
            _log.EventsCounted(feederId, answer.Accepted, answer.Bad, answer.Unjoined);
            return new IntakeOutcome.Counted(answer);
        }
        catch (NotStoredException)
        {
            return new IntakeOutcome.NotStored();
        }
    }

    private string Reason(BatchEnd end) => end == BatchEnd.TooManyLines
        ? $"A request may have {_options.MaxBatchLines} lines here (Traffic:MaxBatchLines)."
        : $"A request may have {_options.MaxBatchBytes} octets here, unpacked (Traffic:MaxBatchBytes).";
}
