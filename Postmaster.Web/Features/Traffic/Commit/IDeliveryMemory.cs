using System.Runtime.InteropServices;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Commit;

/// <summary>
/// Joins what happens to a message later with its delivery. Called once a commit, inside its transaction, before the cells are written: so a later event
/// finds deliveries of the same commit, and nothing is remembered that was not counted.
/// </summary>
internal interface IDeliveryMemory
{
    /// <summary>Whether deliveries are remembered at all; without, none are collected.</summary>
    bool IsOn { get; }

    /// <summary>
    /// Takes the <see cref="EventDelta.Deliveries"/> of the batches in and counts their <see cref="EventDelta.Later"/> events, each by
    /// <see cref="CommitScope.Count(StreamEntry, long, TrafficCounter, ulong?)"/>, in <see cref="EventDelta.Unjoined"/>, or not at all when it was counted before.
    /// May be called again with the same batches after a commit that failed: it must believe only what the database has committed.
    /// </summary>
    Task JoinAsync(CommitScope scope, IReadOnlyList<EventDelta> batches, CancellationToken ct);
}

/// <summary>Remembers nothing: later events count when they say themselves whose the message is.</summary>
internal sealed class ForgetfulMemory : IDeliveryMemory
{
    public bool IsOn => false;

    public Task JoinAsync(CommitScope scope, IReadOnlyList<EventDelta> batches, CancellationToken ct)
    {
        foreach (EventDelta batch in batches)
        {
            batch.Unjoined = 0;
            foreach (ref readonly LaterEvent later in CollectionsMarshal.AsSpan(batch.Later))
            {
                if (later.Streams.Count == 0)
                    batch.Unjoined++;
                foreach (StreamEntry stream in batch.Of(later.Streams))
                    scope.Count(stream, later.Time, EventCounts.Of(later.Kind), later.Recipient);
            }
        }

        return Task.CompletedTask;
    }
}
