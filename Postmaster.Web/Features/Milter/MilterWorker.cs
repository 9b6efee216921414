using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Milter;

/// <summary>
/// Looks at the transactions that the sessions left, several at a time, and hands their events in, some together. When the intake is slow this waits, the
/// queue fills, and what comes then is let through uncounted: neither mail nor memory depends on it.
/// </summary>
internal sealed class MilterWorker(
    MilterDoor door, MilterEvaluator evaluator, MilterEvents intake, IOptions<MilterOptions> options, IOptions<TrafficOptions> traffic, TimeProvider time, ILogger<MilterWorker> log) : BackgroundService
{
    /// <summary>For one transaction. Stops a sender whose name servers answer each question after a while.</summary>
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(60);

    /// <summary>How long the first event of a batch waits for others.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>How long a host that stops goes on looking at what waits, and then, tries to hand in what is left.</summary>
    private static readonly TimeSpan LastLooks = TimeSpan.FromSeconds(5), LastTry = TimeSpan.FromSeconds(4);

    private const int MaxQueuedEvents = 2000;
    private const int MaxBatchBytes = 1024 * 1024;

    private readonly int _maxBatchEvents = Math.Min(1000, traffic.Value.MaxBatchLines);

    private readonly Channel<TrafficEvent> _ready = Channel.CreateBounded<TrafficEvent>(new BoundedChannelOptions(MaxQueuedEvents) { SingleReader = true });

    /// <summary>By then the listener has stopped, so what waits comes to an end.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        door.Close();
        if (ExecuteTask is { } running)
            await running.WaitAsync(LastLooks, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Half the processors at most, so that no session waits behind mails that are being looked at.
        TaskScheduler aside = new ConcurrentExclusiveSchedulerPair(TaskScheduler.Default, Math.Max(1, Environment.ProcessorCount / 2)).ConcurrentScheduler;
        Task[] looking = [.. Enumerable.Range(0, options.Value.Workers).Select(_ => Beside(() => LookAsync(stoppingToken)))];
        Task handing = Beside(() => HandInAsync(stoppingToken));
        await Task.WhenAll(looking);
        _ready.Writer.Complete();
        await handing;

        Task Beside(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, aside).Unwrap();
    }

    private async Task LookAsync(CancellationToken ct)
    {
        try
        {
            await foreach (SeenTransaction seen in door.Waiting.ReadAllAsync(ct))
            {
                foreach (TrafficEvent e in await LookAtAsync(seen, ct))
                    await _ready.Writer.WriteAsync(e, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The host stops, and has waited: what is still in the queue is not counted.
        }
    }

    private async Task<IReadOnlyList<TrafficEvent>> LookAtAsync(SeenTransaction seen, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(LongestLook, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return await evaluator.EvaluateAsync(seen, either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            log.MilterTooSlow(LongestLook.TotalSeconds);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            log.MilterFault(fault);
        }
        finally
        {
            seen.Transaction.Dispose();
        }

        return [];
    }

    private async Task HandInAsync(CancellationToken ct)
    {
        var lines = new ArrayBufferWriter<byte>();
        using var writer = new TrafficEventWriter(lines);
        // Runs until the channel is completed, so that a host that stops hands in what was looked at.
        while (await _ready.Reader.WaitToReadAsync(CancellationToken.None))
        {
            try
            {
                lines.ResetWrittenCount();
                int count = await GatherAsync(writer, lines, ct);
                await HandInAsync(lines.WrittenMemory, count, ct);
            }
            catch (Exception fault)
            {
                log.MilterFault(fault);
            }
        }
    }

    private async Task<int> GatherAsync(TrafficEventWriter writer, ArrayBufferWriter<byte> lines, CancellationToken ct)
    {
        int count = 0;
        using var limit = new CancellationTokenSource(Gathering, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            do
            {
                while (count < _maxBatchEvents && lines.WrittenCount < MaxBatchBytes && _ready.Reader.TryRead(out TrafficEvent? e))
                {
                    writer.Write(e);
                    count++;
                }
            }
            while (count < _maxBatchEvents && lines.WrittenCount < MaxBatchBytes && await _ready.Reader.WaitToReadAsync(either.Token));
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // It has waited long enough.
        }

        return count;
    }

    /// <summary>The key of the batch makes a repetition after an answer that was lost count once.</summary>
    private async Task HandInAsync(ReadOnlyMemory<byte> lines, int count, CancellationToken ct)
    {
        string key = Guid.NewGuid().ToString("N");
        for (TimeSpan pause = FirstPause; ; pause = pause < LongestPause / 2 ? pause * 2 : LongestPause)
        {
            bool last = ct.IsCancellationRequested;
            using var limit = last ? new CancellationTokenSource(LastTry, time) : CancellationTokenSource.CreateLinkedTokenSource(ct);
            Exception? problem = null;
            try
            {
                if (await intake.TryAcceptAsync(key, lines, limit.Token))
                    return;
            }
            catch (Exception fault)
            {
                problem = fault;
            }

            if (last)
            {
                log.MilterEventsLost(count);
                return;
            }

            if (ct.IsCancellationRequested)
                continue; // once more, in the time that is left
            log.MilterEventsDelayed(count, pause.TotalSeconds, problem);
            await Task.Delay(pause, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
