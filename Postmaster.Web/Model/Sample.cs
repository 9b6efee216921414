namespace Postmaster.Web.Model;

public enum SampleState
{
    /// <summary>A one-time address was given out; its mail has not come.</summary>
    Waiting,

    /// <summary>On disk, not yet looked at, or to be looked at again.</summary>
    Kept,

    /// <summary>There is a report.</summary>
    Checked,

    /// <summary>The program failed on it again and again.</summary>
    Failed,
}

/// <summary>
/// A mail that somebody had checked, and what was found. It belongs to one account, or to one visitor without an account, and to nobody else,
/// operators included; it goes when it expires.
/// </summary>
public sealed class Sample : IWorkRow
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Null: it belongs to the visitor of <see cref="VisitorKey"/>.</summary>
    public Guid? OwnerId { get; init; }

    /// <summary>SHA-256 of the visitor's cookie; null when an account owns it.</summary>
    public byte[]? VisitorKey { get; init; }

    public SampleState State { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the mail came; until then, when its address was given out.</summary>
    public required DateTimeOffset ReceivedAt { get; set; }

    /// <summary>From then on nobody sees it; a worker deletes it.</summary>
    public required DateTimeOffset ExpiresAt { get; set; }

    /// <summary>SHA-256 of the token in the one-time address; null for a mail that was pasted or uploaded.</summary>
    public byte[]? AddressHash { get; init; }

    /// <summary>SHA-256 of the token in the link that the owner shares; null while nothing is shared.</summary>
    public byte[]? ShareHash { get; set; }

    /// <summary>Goes into the token of the link, so that a link that was revoked never works again.</summary>
    public Guid? ShareNonce { get; set; }

    /// <summary>Octets; 0 until the mail is there.</summary>
    public long Size { get; set; }

    /// <summary>Decoded, in one clean line, sealed; null until checked and for a mail without one.</summary>
    public byte[]? SealedSubject { get; set; }

    /// <summary>The report as JSON, sealed, because it quotes the mail; null until checked.</summary>
    public byte[]? SealedReport { get; set; }

    /// <summary>What came of unsubscribing by one click, as JSON, sealed; null until the owner pressed the button.</summary>
    public byte[]? SealedOneClick { get; set; }

    public DateTimeOffset? CheckedAt { get; set; }

    /// <summary>Topics by what they ask for, for the list.</summary>
    public int ToFix { get; set; }

    public int ToLookAt { get; set; }
    public int NotKnown { get; set; }

    /// <summary>When the worker may next take it up.</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>A worker has it until then; the value is also the worker's proof that it still does.</summary>
    public DateTimeOffset? LeaseUntil { get; set; }

    /// <summary>Leases since it was last asked for: a mail that brings the checker down again and again is given up.</summary>
    public int Attempts { get; set; }
}

/// <summary>The octets of a sample, and what was seen of their delivery, apart from the row that the list reads.</summary>
public sealed class SampleBody
{
    public required Guid SampleId { get; init; }
    public required byte[] SealedRaw { get; init; }

    /// <summary>Client, HELO, envelope sender and TLS as JSON, sealed; null for a mail that was pasted or uploaded.</summary>
    public byte[]? SealedEnvelope { get; init; }
}
