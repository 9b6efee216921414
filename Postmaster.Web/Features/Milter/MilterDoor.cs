using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Milter;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Milter;

/// <summary>A transaction that waits to be looked at.</summary>
internal sealed record SeenTransaction(MilterTransaction Transaction, DateTimeOffset At);

/// <summary>
/// Between the sessions, which must not wait, and the worker, which waits for DNS: a queue with an end. What does not fit is let go and counted in the log.
/// </summary>
internal sealed class MilterDoor(IOptions<MilterOptions> options, TimeProvider time, ILogger<MilterDoor> log) : IMilterHandler
{
    /// <summary>A flood is one line of the log a minute.</summary>
    private static readonly TimeSpan BetweenComplaints = TimeSpan.FromMinutes(1);

    private readonly Channel<SeenTransaction> _waiting = Channel.CreateBounded<SeenTransaction>(options.Value.MaxQueued);
    private readonly Lock _gate = new();
    private DateTimeOffset _complainedAt = DateTimeOffset.MinValue;
    private long _uncounted;

    public ChannelReader<SeenTransaction> Waiting => _waiting.Reader;

    /// <summary>Takes no more; what waits can still be read.</summary>
    public void Close() => _waiting.Writer.TryComplete();

    public void Observe(MilterTransaction transaction)
    {
        if (!IsIncoming(transaction))
        {
            transaction.Dispose();
            return;
        }

        if (transaction.Loss is not MilterLoss.None)
            Complain();
        if (_waiting.Writer.TryWrite(new SeenTransaction(transaction, time.GetUtcNow())))
            return;
        transaction.Dispose();
        Complain();
    }

    /// <summary>Who logged in sends out: a provider's own user, who is nobody's reputation here.</summary>
    private bool IsIncoming(MilterTransaction transaction) =>
        transaction.AuthenticatedAs is null && (options.Value.CountInternalClients || (transaction.Client.Address is { } address && !PublicIp.IsInternal(address)));

    private void Complain()
    {
        long count;
        lock (_gate)
        {
            _uncounted++;
            DateTimeOffset now = time.GetUtcNow();
            if (now - _complainedAt < BetweenComplaints)
                return;
            (count, _uncounted, _complainedAt) = (_uncounted, 0, now);
        }

        log.MilterUncounted(count);
    }
}
