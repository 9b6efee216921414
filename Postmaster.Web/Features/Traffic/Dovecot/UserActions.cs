using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Traffic.Dovecot;

/// <summary>What a user did to a mail, held back until it is known whether it was done by hand.</summary>
internal sealed record HeldAction(EventKind Kind, DateTimeOffset Time, string MessageId);

/// <summary>The last actions of one user.</summary>
internal sealed class UserActions
{
    /// <summary>Beyond it a clean-up is under way, and its first actions are known not to have been done by hand.</summary>
    private const int MaxHeld = 200;

    private readonly List<HeldAction> _held = [];

    /// <summary>The times of all actions, also of those that have left.</summary>
    private readonly Queue<(bool IsRead, DateTimeOffset Time)> _times = new();

    public bool IsEmpty => _held.Count == 0 && _times.Count == 0;

    public void Add(EventKind kind, MailLogLine line)
    {
        if (_held.Exists(h => h.Kind == kind && string.Equals(h.MessageId, line.MessageId, StringComparison.Ordinal)))
            return; // other flags were changed, or the client copied it twice
        _times.Enqueue((kind == EventKind.Read, line.Time));
        if (_times.Count > 2 * MaxHeld)
            _times.Dequeue();
        _held.Add(new HeldAction(kind, line.Time, line.MessageId));
        if (_held.Count > MaxHeld)
            _held.RemoveAt(0);
    }

    /// <summary>Takes an action back that is not older than so; false when there is none.</summary>
    public bool Withdraw(EventKind kind, string messageId, DateTimeOffset since) =>
        _held.RemoveAll(h => h.Kind == kind && h.Time >= since && string.Equals(h.MessageId, messageId, StringComparison.Ordinal)) > 0;

    /// <summary>Takes out what happened until then, and gives of it what was done by hand.</summary>
    public IReadOnlyList<HeldAction> Settled(DateTimeOffset until)
    {
        List<HeldAction> due = [.. _held.Where(h => h.Time <= until)];
        _held.RemoveAll(h => h.Time <= until);
        due.RemoveAll(d => _times.Count(t => t.IsRead == (d.Kind == EventKind.Read) && (t.Time - d.Time).Duration() <= MailboxHabits.Settle) > MailboxHabits.ByHand);
        while (_times.TryPeek(out var oldest) && oldest.Time < until - (2 * MailboxHabits.Settle))
            _times.Dequeue();
        return due;
    }
}
