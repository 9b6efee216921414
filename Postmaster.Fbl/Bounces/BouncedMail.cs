using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Bounces;

/// <summary>What became of one recipient, as the bounce tells it. All text is outside text.</summary>
/// <param name="Address">The address that failed, without its type; null when the bounce names none that can be read.</param>
/// <param name="OriginalAddress">The address that the sender wrote (RFC 3464 §2.3.1); null when not told.</param>
/// <param name="Status">Null when no enhanced code stands anywhere.</param>
/// <param name="ReplyCode">The SMTP code that the last server answered; null when not told.</param>
/// <param name="Diagnostic">One line; null when nothing is told.</param>
public sealed record BouncedRecipient(BounceKind Kind, string? Address, string? OriginalAddress, EnhancedStatus? Status, int? ReplyCode, string? Diagnostic)
{
    /// <summary>Whether this speaks of an address, in its own case or another: local-parts are folded on the way.</summary>
    public bool IsFor(MailAddress to) => Same(Address, to) || Same(OriginalAddress, to);

    private static bool Same(string? text, MailAddress to) =>
        MailAddress.TryParse(text, out var address, out _) && address.Domain.Equals(to.Domain) && string.Equals(address.LocalPart, to.LocalPart, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What a mail to an envelope sender says.</summary>
/// <param name="Recipients">Empty unless it is a bounce; in the order of the mail, at most <see cref="BounceReader.MaxRecipients"/>.</param>
/// <param name="OriginalMessageId">Of the message that comes back, without angle brackets; null when it does not come back. Anybody can write it.</param>
public sealed record BouncedMail(BounceKind Kind, BounceForm Form, IReadOnlyList<BouncedRecipient> Recipients, string? OriginalMessageId)
{
    /// <summary>Whether it tells of a message that could not be delivered, or not yet.</summary>
    public bool IsBounce => Kind is BounceKind.Permanent or BounceKind.Temporary or BounceKind.Delayed or BounceKind.Delivered;

    internal static BouncedMail Of(BounceKind kind) => new(kind, BounceForm.None, [], OriginalMessageId: null);
}
