using Postmaster.Fbl.Bounces;

namespace Postmaster.Web.Model;

/// <summary>What came back for a mail of the outbox: a mail to its envelope sender, or the relay's own refusal.</summary>
public sealed class Bounce
{
    /// <summary>Made of the address and the octets of the mail, so that a repeated hand-over is recognised.</summary>
    public required Guid Id { get; init; }

    /// <summary>The mail that it answers; null for a reply to the reports' From, which names none.</summary>
    public Guid? OutboxId { get; init; }

    /// <summary>Whom that mail went to; null when it names none.</summary>
    public string? To { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>When that mail was handed over; null when it names none.</summary>
    public DateTimeOffset? SentAt { get; init; }

    public required BounceKind Kind { get; init; }

    /// <summary>The relay said so when it was given the mail; no mail came back.</summary>
    public bool ByRelay { get; init; }

    /// <summary>Whether it counts against the address: a permanent failure of it that fits the mail that was sent.</summary>
    public required bool Counts { get; set; }

    /// <summary>Whether it says that there is no such mailbox.</summary>
    public bool NoSuchMailbox { get; init; }

    /// <summary>One line, outside text: what the last server said. Null when nothing is told.</summary>
    public string? Answer { get; init; }

    /// <summary>What was made of it, in words for operators.</summary>
    public required string Outcome { get; set; }

    /// <summary>The mail as it came, sealed; null for the relay's refusals, and after <c>Bounces:Keep</c>.</summary>
    public byte[]? SealedRaw { get; set; }
}
