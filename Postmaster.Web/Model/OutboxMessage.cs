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

    /// <summary>A counted complaint was taken back: a report of type not-spam (RFC 6430).</summary>
    NotSpamReport,
}

public enum OutboxState
{
    Queued,
    Sent,

    /// <summary>The relay refused it for good, or it could not be sent for too long.</summary>
    Failed,

    /// <summary>Nobody wants it any more: the address was changed or removed.</summary>
    Cancelled,

    /// <summary>Told together with others in one report, <see cref="OutboxMessage.RolledIntoId"/>; it leaves no more by itself.</summary>
    RolledUp,
}

/// <summary>Which limit keeps a report in the queue.</summary>
public enum OutboxHold
{
    /// <summary>So many reports to one address in 24 hours.</summary>
    AddressDay,

    /// <summary>So many reports to one address in a minute.</summary>
    AddressMinute,

    /// <summary>So many reports to all addresses in a minute.</summary>
    AllMinute,

    /// <summary>So many reports that tell of many complaints, to one address in 24 hours.</summary>
    RollUpDay,

    /// <summary>The address came back too often and is to be proved again.</summary>
    Paused,

    /// <summary>So many reports a day to addresses that mail itself names.</summary>
    InvitedDay,
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

    /// <summary>Equal for reports that may become one: same address, claims, domains, stream and type. Null: it always goes out by itself.</summary>
    public string? AlikeKey { get; set; }

    /// <summary>How many complaints' reports this one mail stands for; more than 1: a roll-up, and <see cref="KeptId"/> is the newest of them.</summary>
    public int Incidents { get; set; } = 1;

    /// <summary>The mail that tells of this one's complaint instead.</summary>
    public Guid? RolledIntoId { get; set; }

    /// <summary>The limit that kept it back when it was last looked at; null: none.</summary>
    public OutboxHold? HeldBy { get; set; }

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
