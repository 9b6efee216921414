namespace Postmaster.Web.Model;

/// <summary>A claim's daily summary of its complaints by mail. It gets nothing but the confirmation mail until its link was used.</summary>
public sealed class Digest
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid ClaimId { get; init; }
    public required string Address { get; init; }
    public required Guid RequestedBy { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Whoever holds the mailbox has agreed, to this or to the claim's reports at the same address.</summary>
    public DateTimeOffset? ConfirmedAt { get; set; }

    /// <summary>When it was replaced, removed, declined or left; null while it stands.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>When whoever holds the mailbox said "this was not me".</summary>
    public DateTimeOffset? DeclinedAt { get; set; }

    /// <summary>When whoever reads the mailbox ended it by a link: it is not sent there again before the mailbox has agreed afresh. Null: nobody did.</summary>
    public DateTimeOffset? LeftAt { get; set; }

    /// <summary>Since when none is made because digests came back; null: they are. A new confirmation ends it.</summary>
    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>When it was last confirmed again after a pause; null: never.</summary>
    public DateTimeOffset? ResumedAt { get; set; }

    /// <summary>What the address's server answered when it was paused: one line, outside text.</summary>
    public string? PauseAnswer { get; set; }

    /// <summary>The hour of the UTC day at which it leaves, 0 to 23.</summary>
    public required int Hour { get; set; }

    /// <summary>Also on a day without complaints.</summary>
    public bool AlsoEmpty { get; set; }

    /// <summary>The next hour at which it is made.</summary>
    public required DateTimeOffset NextAt { get; set; }

    /// <summary>Complaints counted before have been told of; null: none yet.</summary>
    public DateTimeOffset? CoveredUntil { get; set; }

    /// <summary>Which mailbox the confirmation mails go to; see <see cref="MailboxRate"/>.</summary>
    public required string RateKey { get; init; }

    /// <summary>Confirmation mails sent for this request, the last one at <see cref="LastMailAt"/>.</summary>
    public int MailsSent { get; set; }

    public DateTimeOffset? LastMailAt { get; set; }

    public bool IsPaused => PausedAt is not null;

    /// <summary>Whoever holds the mailbox has agreed, for the first time or again after a pause.</summary>
    public void Confirm(DateTimeOffset now)
    {
        if (IsPaused)
            ResumedAt = now;
        ConfirmedAt ??= now;
        PausedAt = null;
        PauseAnswer = null;
    }

    /// <summary>None is made until the mailbox agrees again.</summary>
    /// <param name="untold">From here on nothing has arrived: the digest after the pause tells of it.</param>
    public void Pause(DateTimeOffset now, string? answer, DateTimeOffset untold)
    {
        PausedAt = now;
        PauseAnswer = answer;
        if (untold < CoveredUntil)
            CoveredUntil = untold;
    }
}

/// <summary>One day's digest: the row that only one of several machines can add.</summary>
public sealed class DigestDay
{
    public required Guid DigestId { get; init; }

    /// <summary>The UTC day on which it leaves.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>It tells of what was counted from here on,</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>and before here.</summary>
    public required DateTimeOffset Until { get; init; }

    public required int Complaints { get; init; }
    public required Guid OutboxId { get; init; }
}
