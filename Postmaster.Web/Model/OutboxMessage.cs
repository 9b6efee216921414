namespace Postmaster.Web.Model;

public enum OutboxKind
{
    FeedbackReport,

    /// <summary>A mail of the portal itself: confirmation, invitation, password, notice.</summary>
    Notice,

    /// <summary>A day's complaints of one claim.</summary>
    Digest,

    /// <summary>A report about a message of the portal's own, for an owner who wants to see whether his programs read it.</summary>
    TestReport,

    /// <summary>A report to an address that the message itself named (RFC 9477).</summary>
    InvitedReport,
}

public enum OutboxState
{
    Queued,
    Sent,

    /// <summary>The relay refused it for good, or it could not be sent for too long.</summary>
    Failed,

    /// <summary>Nobody wants it any more: the address was changed or removed.</summary>
    Cancelled,
}

/// <summary>A mail that has to leave. A report is composed when it is sent; a notice carries its text, sealed.</summary>
public sealed class OutboxMessage : IWorkRow
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required OutboxKind Kind { get; init; }
    public required string To { get; init; }

    /// <summary>The message behind a report; null for a notice. One address gets one report a kept complaint, replays apart.</summary>
    public Guid? KeptId { get; init; }

    /// <summary>An owner asked for the report once more.</summary>
    public bool IsReplay { get; init; }

    /// <summary>Where a test report goes; null for everything else.</summary>
    public Guid? FeedbackAddressId { get; init; }

    /// <summary>The sealed <c>NoticeContent</c>; null for a report and after sending.</summary>
    public byte[]? SealedContent { get; set; }

    /// <summary>The same at every attempt, so that a receiver recognises a repeated mail. Without angle brackets.</summary>
    public required string MessageId { get; init; }

    /// <summary>Stands in the envelope sender, so that a bounce finds this row.</summary>
    public required string BounceToken { get; init; }

    public OutboxState State { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset DueAt { get; set; }
    public DateTimeOffset? LeaseUntil { get; set; }
    public int Attempts { get; set; }

    /// <summary>What the relay said last, or why it was not asked.</summary>
    public string? LastAnswer { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>When its time of trying began anew, after it came back or was held; null: when it was put here.</summary>
    public DateTimeOffset? ReleasedAt { get; set; }
}

/// <summary>Which complaint a report tells of, and on whose wish it goes out.</summary>
public sealed class ReportDelivery
{
    public required Guid ComplaintId { get; init; }
    public required Guid OutboxId { get; init; }
    public required Guid FeedbackAddressId { get; init; }
}
