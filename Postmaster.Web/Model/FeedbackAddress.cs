namespace Postmaster.Web.Model;

/// <summary>
/// Where the reports of one claim go. It gets nothing but the confirmation mail until its link was used.
/// Naming another address or removing this one ends it at once.
/// </summary>
public sealed class FeedbackAddress
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid ClaimId { get; init; }
    public required string Address { get; init; }
    public required Guid RequestedBy { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset? ConfirmedAt { get; set; }

    /// <summary>A group kept in the portal, under an address of the portal's own; see <see cref="FeedbackGroup"/>.</summary>
    public bool IsGroup { get; init; }

    /// <summary>When it was replaced, removed or declined; null while it stands.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>When whoever holds the mailbox said "this was not me".</summary>
    public DateTimeOffset? DeclinedAt { get; set; }

    /// <summary>When whoever reads it, or an owner, ended the reports; they come back only when the address is confirmed again. Null: nobody did since the last confirmation.</summary>
    public DateTimeOffset? LeftAt { get; set; }

    /// <summary>Since when reports wait because they came back; null: they go out. A new confirmation ends it.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>When it was last confirmed again after a pause; null: never.</summary>
    public DateTimeOffset? ResumedAt { get; set; }

    /// <summary>What the address's server answered when it was paused: one line, outside text.</summary>
    public string? PauseAnswer { get; set; }

    /// <summary>Which mailbox the confirmation mails go to; see <see cref="MailboxRate"/>.</summary>
    public required string RateKey { get; init; }

    /// <summary>Confirmation mails sent for this request, the last one at <see cref="LastMailAt"/>.</summary>
    public int MailsSent { get; set; }

    public DateTimeOffset? LastMailAt { get; set; }

    /// <summary>Reports to a paused address are queued, too, and wait.</summary>
    public bool TakesReports => ConfirmedAt is not null && EndedAt is null;

    public bool IsPaused => PausedAt is not null;

    /// <summary>No more reports until somebody confirms the address again.</summary>
    public void Leave(DateTimeOffset now)
    {
        LeftAt = now;
        ConfirmedAt = null;
        PausedAt = null;
        PauseAnswer = null;
    }

    /// <summary>Whoever holds the mailbox has agreed, for the first time or again.</summary>
    public void Confirm(DateTimeOffset now)
    {
        if (IsPaused)
            ResumedAt = now;
        ConfirmedAt ??= now;
        LeftAt = null;
        PausedAt = null;
        PauseAnswer = null;
    }
}
