namespace Postmaster.Web.Model;

/// <summary>
/// Several mailboxes that stand behind one feedback address of the portal's own: the address has a row of its own (<see cref="FeedbackAddress.IsGroup"/>) and ends
/// the group with itself. Each report to it is one message to all members.
/// </summary>
public sealed class FeedbackGroup
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The address that reports go to; it stands as confirmed while somebody is a member, and as paused while all members are.</summary>
    public required Guid FeedbackAddressId { get; init; }

    public required Guid ClaimId { get; init; }

    /// <summary>80 random bits in hex, in the group's address and in the link of its reports. All members read it: it opens nothing by itself.</summary>
    public required string Token { get; init; }

    /// <summary>One transaction for each member instead of one for all, so that each report carries the member's own link to leave.</summary>
    public bool PersonalCopies { get; set; }

    /// <summary>Reports that still go out as a copy for each member, because one came back that names no member; 0: none.</summary>
    public int CopiesLeft { get; set; }

    /// <summary>When a report last came back that names no member; null: never, or a member was found since.</summary>
    public DateTimeOffset? UnnamedAt { get; set; }

    /// <summary>What that one said: one line, outside text.</summary>
    public string? UnnamedAnswer { get; set; }

    public required Guid CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One mailbox of a group. It gets nothing but its invitation until the link in it was used.</summary>
public sealed class GroupMember
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid GroupId { get; init; }

    /// <summary>As <c>MailAddress.ToString()</c> writes it; masked some time after the membership ended.</summary>
    public required string Address { get; set; }

    public required Guid InvitedBy { get; init; }
    public required DateTimeOffset InvitedAt { get; init; }

    /// <summary>When whoever holds the mailbox agreed; null: not yet.</summary>
    public DateTimeOffset? ConfirmedAt { get; set; }

    /// <summary>When it left, declined or was removed; null while it stands.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>When whoever holds the mailbox said "this was not me", or left before it had agreed.</summary>
    public DateTimeOffset? DeclinedAt { get; set; }

    /// <summary>When whoever holds the mailbox ended the membership; null: an owner did, or nobody.</summary>
    public DateTimeOffset? LeftAt { get; set; }

    /// <summary>Since when reports leave it out because they came back; null: they go to it. A new confirmation ends it.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>What the address's server answered when it was paused: one line, outside text.</summary>
    public string? PauseAnswer { get; set; }

    /// <summary>When it was last confirmed again after a pause; null: never.</summary>
    public DateTimeOffset? ResumedAt { get; set; }

    /// <summary>Since when it has missed reports, by its pauses; null: it has them all, or nobody wants the others any more.</summary>
    public DateTimeOffset? MissedSince { get; set; }

    /// <summary>Which mailbox the invitations go to; see <see cref="MailboxRate"/>. Empty once the address is masked.</summary>
    public required string RateKey { get; set; }

    /// <summary>Mails with a link sent for this membership, the last one at <see cref="LastMailAt"/>.</summary>
    public int MailsSent { get; set; }

    public DateTimeOffset? LastMailAt { get; set; }

    /// <summary>When its own link to leave was last sent on somebody's wish.</summary>
    public DateTimeOffset? LeaveMailAt { get; set; }

    /// <summary>SHA-256 of the token of its link to leave, which holds 160 random bits.</summary>
    public required byte[] LeaveHash { get; init; }

    /// <summary>That token, sealed: each mail to this member alone carries it.</summary>
    public required byte[] SealedLeaveToken { get; init; }

    public bool IsPaused => PausedAt is not null;

    /// <summary>Whether reports go to it now.</summary>
    public bool TakesReports => ConfirmedAt is not null && EndedAt is null && PausedAt is null;

    /// <summary>Whoever holds the mailbox has agreed, for the first time or again.</summary>
    public void Confirm(DateTimeOffset now)
    {
        if (IsPaused)
            ResumedAt = now;
        ConfirmedAt ??= now;
        PausedAt = null;
        PauseAnswer = null;
    }

    /// <summary>Whoever holds the mailbox wants nothing more of this group.</summary>
    public void Leave(DateTimeOffset now)
    {
        if (ConfirmedAt is null)
            DeclinedAt = now;
        else
            LeftAt = now;
        EndedAt = now;
    }
}

/// <summary>How one report stands with one member.</summary>
public enum GroupDeliveryState
{
    /// <summary>Not taken yet; tried again.</summary>
    Open,

    /// <summary>The relay took it.</summary>
    Accepted,

    /// <summary>The relay refused it for good, or did not take it for too long.</summary>
    Refused,

    /// <summary>It was taken and came back.</summary>
    Bounced,

    /// <summary>The member left, or was paused or removed, before it was taken.</summary>
    Dropped,
}

/// <summary>One report and one member: who was to have it when it first left, and what became of it.</summary>
public sealed class GroupDelivery
{
    public required Guid OutboxId { get; init; }
    public required Guid MemberId { get; init; }
    public GroupDeliveryState State { get; set; }

    /// <summary>When it came into this state, or was last tried.</summary>
    public required DateTimeOffset At { get; set; }

    /// <summary>What was said last: one line, outside text. Null: nothing yet.</summary>
    public string? Answer { get; set; }

    /// <summary>How often it came back for a reason that may pass.</summary>
    public int SoftBounces { get; set; }

    /// <summary>It goes to this member in a transaction of its own, though others get the report, too.</summary>
    public bool OwnCopy { get; init; }
}
