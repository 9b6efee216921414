namespace Postmaster.Web.Model;

/// <summary>Which door a complaint came through.</summary>
public enum IntakeDoor
{
    Lmtp,
    Http,
    Spool,
}

/// <summary>What the mailbox user did.</summary>
public enum Press
{
    Spam,

    /// <summary>"Not junk": takes an earlier press back.</summary>
    NotSpam,

    /// <summary>A button of its own: somebody tries to get at passwords or money.</summary>
    Phishing,

    /// <summary>Malware was found in the message.</summary>
    Virus,
}

public enum KeptState
{
    /// <summary>On disk, not yet read.</summary>
    Kept,

    /// <summary>Read and authenticated; waits for the undo window to end.</summary>
    Held,

    /// <summary>Counted for at least one claimed domain, reports queued.</summary>
    Counted,

    /// <summary>Counted, but no passing signature belongs to a claimed domain: reported to nobody.</summary>
    Unattributed,

    /// <summary>The same mailbox has already complained about the same message.</summary>
    Duplicate,

    /// <summary>Taken back by "not junk" within the undo window; for a "not junk" itself: done.</summary>
    Cancelled,

    /// <summary>The border does not say who complained: shown to operators, never counted.</summary>
    Unvouched,

    /// <summary>No offending message could be found in what came.</summary>
    Unreadable,

    /// <summary>Signed by the portal or by the mailbox's own domain: neither counted nor reported.</summary>
    Stopped,
}

/// <summary>On whose word a signature counts as passing. Never merged into one flag.</summary>
public enum Evidence
{
    None,
    VerifiedAtDelivery,
    BorderResults,
    VerifiedNow,
}

/// <summary>One press of a button as it came in, from the door to its end.</summary>
public sealed class KeptComplaint : IWorkRow
{
    /// <summary>Given by the door that kept it, so that a repeated hand-over is recognised.</summary>
    public required Guid Id { get; init; }

    public required IntakeDoor Door { get; init; }
    public required Press Press { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When the user pressed, as far as the door knows; else when it came in.</summary>
    public required DateTimeOffset PressedAt { get; init; }

    public KeptState State { get; set; }

    /// <summary>The mailbox address, sealed; null when nobody vouched for one.</summary>
    public byte[]? SealedMailbox { get; set; }

    /// <summary>Keyed hash of the mailbox: equal mailboxes are recognised without being named.</summary>
    public byte[]? MailboxKey { get; set; }

    /// <summary>When the provider opened the mailbox, as far as the door says; null: unknown.</summary>
    public DateTimeOffset? MailboxSince { get; init; }

    public required long Size { get; init; }

    /// <summary>What makes a message the same message when it is reported twice; null until read.</summary>
    public byte[]? MessageKey { get; set; }

    /// <summary>Keyed hash of Message-ID and mailbox, as the traffic knows the delivery; null without either.</summary>
    public byte[]? DeliveryKey { get; set; }

    public string? Subject { get; set; }
    public string? MessageId { get; set; }

    /// <summary>The domain of the single From address (RFC 5322 §3.6.2), A-labels; null when there is none.</summary>
    public string? AuthorDomain { get; set; }

    public Evidence Evidence { get; set; }

    /// <summary>The body of an Authentication-Results field (RFC 8601): what the evidence says, for the report.</summary>
    public string? AuthenticationResults { get; set; }

    /// <summary>Distinct <c>d=</c> whose signature passed, space-separated, in the order of the message.</summary>
    public string PassingDomains { get; set; } = "";

    /// <summary>When the message came to the provider, from a trusted field; null when unknown.</summary>
    public DateTimeOffset? ArrivedAt { get; set; }

    /// <summary>Address of the host that handed the message to the provider, from a trusted field; null when unknown or internal.</summary>
    public string? SourceIp { get; set; }

    /// <summary>The envelope sender from a trusted Return-Path, sealed, because it often spells out the recipient; null when unknown.</summary>
    public byte[]? SealedMailFrom { get; set; }

    public string? ListId { get; set; }
    public string? FeedbackId { get; set; }
    public string? CfblFeedbackId { get; set; }

    /// <summary>Why it counts and is reported to nobody: the report could loop; null when it may be reported.</summary>
    public string? NotReported { get; set; }

    /// <summary>When the worker may next take it up: at once, after the undo window, or after a back-off.</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>A worker has it until then; the value is also the worker's proof that it still does.</summary>
    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>Leases since the last step forward: a message that brings the reader down again and again is set aside.</summary>
    public int Attempts { get; set; }

    /// <summary>How often DNS gave no usable answer.</summary>
    public int DnsTries { get; set; }

    /// <summary>Why it ended as it did or is tried again, in words for the operator.</summary>
    public string? Problem { get; set; }

    public DateTimeOffset? EndedAt { get; set; }
}

/// <summary>The bytes that were handed in, apart from the row that the queries read. Deleted after the retention period.</summary>
public sealed class KeptBody
{
    public required Guid KeptId { get; init; }
    /// <summary>Sealed, because mail names its recipient in many places.</summary>
    public required byte[] SealedRaw { get; init; }

    /// <summary>Where the offending message stands in the opened bytes; the whole of them for the HTTP door and the spool.</summary>
    public required int MessageOffset { get; init; }

    public required int MessageLength { get; init; }
}
