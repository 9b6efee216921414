using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>One press of a button as a door hands it on: the octets and what the door knows about them.</summary>
public sealed record KeepRequest
{
    /// <summary>The same id again is the same complaint.</summary>
    public required Guid Id { get; init; }

    public required IntakeDoor Door { get; init; }
    public required Press Press { get; init; }

    /// <summary>Who complained; null when nobody vouches for it.</summary>
    public required MailAddress? Mailbox { get; init; }

    /// <summary>When the provider opened the mailbox; null: unknown.</summary>
    public DateTimeOffset? MailboxSince { get; init; }

    /// <summary>When the user pressed; null: now. A time in the future counts as now.</summary>
    public DateTimeOffset? PressedAt { get; init; }

    /// <summary>Everything that came in.</summary>
    public required ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>Where the offending message stands in <see cref="Raw"/>; null: no message was found.</summary>
    public required Range? Message { get; init; }

    /// <summary>One clean line for the operator's list, for what will not be read further; null otherwise.</summary>
    public string? Subject { get; init; }

    /// <summary>Why it cannot be counted, in words for the operator; null when it can.</summary>
    public string? Problem { get; init; }
}

/// <summary>What became of a request to keep.</summary>
public abstract record KeepOutcome
{
    private KeepOutcome()
    {
    }

    /// <summary>On the disk; the door may acknowledge it.</summary>
    /// <param name="Again">It was there before.</param>
    public sealed record Kept(Guid Id, bool Again) : KeepOutcome;

    /// <summary>There is no room. The sender has to try again later.</summary>
    public sealed record StorageFull : KeepOutcome;
}
