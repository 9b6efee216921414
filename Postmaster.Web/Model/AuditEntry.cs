namespace Postmaster.Web.Model;

/// <summary>Who changed what. Entries are only ever added; they outlive the claim that they speak of.</summary>
public sealed class AuditEntry
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required DateTimeOffset At { get; init; }

    /// <summary>Null: it concerns no claim.</summary>
    public Guid? ClaimId { get; init; }

    /// <summary>A-labels; empty when it concerns no domain.</summary>
    public required string Domain { get; init; }

    /// <summary>The account that did it; null: no account, see <see cref="By"/>.</summary>
    public Guid? UserId { get; init; }

    /// <summary>Who it was, as it was called at the time: an account's address, "a link in a mail", "the portal".</summary>
    public required string By { get; init; }

    /// <summary>What was done: a short sentence of ours without a full stop.</summary>
    public required string What { get; init; }

    /// <summary>From what to what, or why; may hold outside text. Null: nothing more to say.</summary>
    public string? Detail { get; init; }
}
