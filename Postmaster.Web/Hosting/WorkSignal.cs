using System.Threading.Channels;

namespace Postmaster.Web.Hosting;

/// <summary>Wakes a worker when there is something to do, so that it need not wait for its next look. Losing a call is harmless.</summary>
public abstract class WorkSignal(TimeProvider time)
{
    private readonly Channel<bool> _calls = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Wake() => _calls.Writer.TryWrite(true);

    /// <summary>Returns when woken or after <paramref name="longest"/>.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken ct)
    {
        using var regular = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, regular.Token);
        try
        {
            await _calls.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The regular look.
        }
    }
}

/// <summary>A complaint was kept, or became due.</summary>
public sealed class ComplaintSignal(TimeProvider time) : WorkSignal(time);

/// <summary>A mail was put into the outbox.</summary>
public sealed class OutboxSignal(TimeProvider time) : WorkSignal(time);

/// <summary>A sample was kept, or is to be checked again.</summary>
public sealed class SampleSignal(TimeProvider time) : WorkSignal(time);
