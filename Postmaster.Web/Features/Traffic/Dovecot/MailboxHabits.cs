using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Traffic.Dovecot;

/// <summary>
/// What people do with their mail, from the lines of Dovecot's mail_log: <c>read</c>, <c>deleted_read</c>, <c>deleted_unread</c> and <c>not_spam</c>. Complaints,
/// and taking them back, come by imapsieve, with the message, and are not told here.
/// </summary>
/// <remarks>
/// <para>A mail is deleted when it goes to the Trash, or is marked as deleted without having been put elsewhere before; that it goes from the mailbox then,
/// and that the Trash is emptied, says nothing more. A client without MOVE copies and marks, Outlook may upload a copy (APPEND) and mark: both are moves.</para>
/// <para>A mail that goes from Junk to a mailbox is rescued, unless the user had put it into Junk. What else is done to Junk is no word about the mail, also if
/// it goes to the Trash from there: cleaning up spam is not reading and not deleting.</para>
/// <para>A client may set the flag that a mail was read only because it deletes it: within <see cref="Sweep"/> before the deletion it is no reading.</para>
/// <para>Nobody looks at more than <see cref="ByHand"/> mails in <see cref="Settle"/>: "mark all read", a clean-up of hundreds. None of them counts. That is
/// known only when the time has passed, so each event is held back for so long.</para>
/// Counts once per mail: the server that takes the events sees to that. One thread.
/// </remarks>
internal sealed class MailboxHabits(MailboxNames names)
{
    /// <summary>How long an event is held back, and how far to both sides mails are counted.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    /// <summary>More mails than a person reads or throws away one by one.</summary>
    public const int ByHand = 20;

    private static readonly TimeSpan Sweep = TimeSpan.FromSeconds(2);

    /// <summary>Clients mark and expunge what they have copied at once, when the mailbox is closed, or the next day.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(24);

    /// <summary>Of mails put elsewhere or marked; the oldest are forgotten.</summary>
    private const int MaxRemembered = 100_000;

    /// <summary>A client uploads a copy without saying from where.</summary>
    private const string AnyMailbox = "";

    /// <summary>Stands for the mails that the user put into Junk; no mailbox has such a name.</summary>
    private const string UsersJunk = "\0";

    private readonly Dictionary<string, UserActions> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<MailAt, Leaving> _leaving = [];
    private readonly Queue<(MailAt Mail, DateTimeOffset At)> _oldest = new();

    public void Take(MailLogLine line)
    {
        if (line.MessageId.Length == 0)
            return;
        switch (line.Action)
        {
            case MailLogAction.Copy:
                TakeCopy(line);
                break;
            case MailLogAction.Save:
                Remember(line, AnyMailbox, line.Mailbox);
                if (names.IsJunk(line.Mailbox))
                    Junk(line);
                if (names.IsTrash(line.Mailbox))
                    Delete(line);
                break;
            case MailLogAction.FlagChange when line.IsSeen && names.IsOrdinary(line.Mailbox):
                ActionsOf(line.User).Add(EventKind.Read, line);
                break;
            case MailLogAction.Delete or MailLogAction.Expunge when names.IsOrdinary(line.Mailbox) && !IsLeaving(line):
                Delete(line);
                Remember(line, line.Mailbox, to: null);
                break;
            case MailLogAction.Undelete:
                _leaving.Remove(new MailAt(line.User, line.Mailbox, line.MessageId));
                TakeBack(line);
                break;
        }
    }

    /// <summary>The events that have been held back long enough.</summary>
    /// <param name="now">How far the log has been read, or the clock when it is silent.</param>
    /// <param name="mailboxOf">The address of a login name; null when it has none.</param>
    public IReadOnlyList<TrafficEvent> Settled(DateTimeOffset now, Func<string, string?> mailboxOf)
    {
        List<TrafficEvent> events = [];
        foreach ((string user, UserActions actions) in _users)
        {
            foreach (HeldAction held in actions.Settled(now - Settle))
            {
                if (mailboxOf(user) is { } mailbox)
                    events.Add(new TrafficEvent { Kind = held.Kind, Time = held.Time, MessageId = held.MessageId, Mailbox = mailbox });
            }

            if (actions.IsEmpty)
                _users.Remove(user);
        }

        return events;
    }

    private void TakeCopy(MailLogLine line)
    {
        if (names.IsJunk(line.Source!) && names.IsOrdinary(line.Mailbox) && !_leaving.ContainsKey(new MailAt(line.User, UsersJunk, line.MessageId)))
            ActionsOf(line.User).Add(EventKind.NotSpam, line);
        if (names.IsJunk(line.Mailbox) && !names.IsJunk(line.Source!))
            Junk(line);
        Remember(line, line.Source!, line.Mailbox);
        if (names.IsTrash(line.Source!))
            TakeBack(line);
        else if (names.IsOrdinary(line.Source!) && names.IsTrash(line.Mailbox))
            Delete(line);
    }

    /// <summary>The user's own verdict, so that taking it back is no rescue from the filter's.</summary>
    private void Junk(MailLogLine line)
    {
        Remember(line, UsersJunk, line.Mailbox);
        if (_users.TryGetValue(line.User, out UserActions? actions))
            actions.Withdraw(EventKind.NotSpam, line.MessageId, DateTimeOffset.MinValue);
    }

    private void Delete(MailLogLine line)
    {
        UserActions actions = ActionsOf(line.User);
        bool isSwept = actions.Withdraw(EventKind.Read, line.MessageId, line.Time - Sweep);
        actions.Add(line.IsSeen && !isSwept ? EventKind.DeletedRead : EventKind.DeletedUnread, line);
    }

    /// <summary>A mail that is wanted back at once was not deleted.</summary>
    private void TakeBack(MailLogLine line)
    {
        if (!_users.TryGetValue(line.User, out UserActions? actions))
            return;
        actions.Withdraw(EventKind.DeletedRead, line.MessageId, DateTimeOffset.MinValue);
        actions.Withdraw(EventKind.DeletedUnread, line.MessageId, DateTimeOffset.MinValue);
    }

    private UserActions ActionsOf(string user)
    {
        if (!_users.TryGetValue(user, out UserActions? actions))
            _users.Add(user, actions = new UserActions());
        return actions;
    }

    private void Remember(MailLogLine line, string from, string? to)
    {
        var mail = new MailAt(line.User, from, line.MessageId);
        _leaving[mail] = new Leaving(to, line.Time);
        _oldest.Enqueue((mail, line.Time));
        while (_oldest.Count > MaxRemembered || (_oldest.TryPeek(out var first) && first.At < line.Time - Remembered))
        {
            (MailAt gone, DateTimeOffset at) = _oldest.Dequeue();
            if (_leaving.TryGetValue(gone, out Leaving? leaving) && leaving.At == at)
                _leaving.Remove(gone);
        }
    }

    /// <summary>It was put into another mailbox, or marked and counted already.</summary>
    private bool IsLeaving(MailLogLine line) =>
        IsLeaving(new MailAt(line.User, line.Mailbox, line.MessageId), line) || IsLeaving(new MailAt(line.User, AnyMailbox, line.MessageId), line);

    private bool IsLeaving(MailAt mail, MailLogLine line) =>
        _leaving.TryGetValue(mail, out Leaving? leaving) && leaving.At >= line.Time - Remembered && !string.Equals(leaving.To, line.Mailbox, StringComparison.Ordinal);

    private sealed record MailAt(string User, string Mailbox, string MessageId);

    /// <param name="To">Null: nowhere, it is marked as deleted.</param>
    private sealed record Leaving(string? To, DateTimeOffset At);
}
