namespace Postmaster.Web.Model;

/// <summary>A counted complaint of one mailbox about one message, for one claimed domain.</summary>
public sealed class Complaint
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid KeptId { get; init; }

    /// <summary>The claimed domain it counts for: the signing domain or the nearest claimed parent.</summary>
    public required string Domain { get; init; }

    /// <summary>The <c>d=</c> of the signature that passed.</summary>
    public required string SigningDomain { get; init; }

    public required DateTimeOffset PressedAt { get; init; }

    /// <summary>When the original came to the provider, from a trusted field; null when unknown.</summary>
    public DateTimeOffset? ArrivedAt { get; init; }

    /// <summary>With the mailbox address taken out wherever it stands.</summary>
    public string? Subject { get; init; }

    public string? MessageId { get; init; }
    public string? ListId { get; init; }
    public string? FeedbackId { get; init; }

    /// <summary>Address of the host that handed the original to the provider, from a trusted field; null when unknown.</summary>
    public string? SourceIp { get; init; }

    /// <summary>Which button it was: never <see cref="Model.Press.NotSpam"/>.</summary>
    public Press Press { get; init; }

    /// <summary>CFBL-Feedback-ID (RFC 9477 §3.2), cleaned like the others; null without one.</summary>
    public string? CfblFeedbackId { get; init; }

    /// <summary>When the same mailbox took the message out of Junk, after the complaint had counted; null: it did not.</summary>
    public DateTimeOffset? RescuedAt { get; set; }

    /// <summary>When somebody of the domain marked it as handled; null: nobody yet.</summary>
    public DateTimeOffset? HandledAt { get; set; }

    /// <summary>Who did; stays when the account goes.</summary>
    public Guid? HandledBy { get; set; }

    /// <summary>Where the archive's search finds it; null: nowhere yet, it is among the newest.</summary>
    public int? ArchiveBlockId { get; set; }

    public int? ArchivePlace { get; set; }

    /// <summary>Why it counts in part; null: it counts in full.</summary>
    public PartReason? InPart { get; init; }

    /// <summary>Why no report was made: it could loop; null when one may be.</summary>
    public string? NotReported { get; init; }

    /// <summary>Keyed hash of who left what by it; null when nobody waits for its report to be delivered.</summary>
    public long? PersonKey { get; set; }

    public required Evidence Evidence { get; init; }
    public string? AuthenticationResults { get; init; }
}

public enum CountKind
{
    /// <summary>Complaints whose message carried no passing signature of a claimed domain; domain is empty.</summary>
    Unattributed,

    /// <summary>Later events of which nobody knows whose message they speak of; domain is empty, the day is that of the event.</summary>
    Unjoined,
}

/// <summary>A counter of one UTC day.</summary>
public sealed class DailyCount
{
    public required string Domain { get; init; }
    public required DateOnly Day { get; init; }
    public required CountKind Kind { get; init; }
    public required long Count { get; set; }
}
