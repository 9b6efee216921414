using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Bounces;

// The Bounces folder: what comes back to an envelope sender. RFC 3464 (delivery status) in RFC 6522 (multipart/report), RFC 6533 (the same with UTF-8),
// RFC 3463 (status codes), and the plain words of qmail, Exim, Postfix, Exchange and sendmail; RFC 3834 (answers of machines), which are no bounces.
// Left out: per-message fields of RFC 3464 §2.2, bounces that are HTML alone, and bounces in other languages than English without a delivery status.

/// <summary>Says what a mail to an envelope sender is. Every mail has an answer; nothing in it is to be trusted, because anybody can write one.</summary>
public static class BounceReader
{
    /// <summary>Recipients that are read: as many as every server takes in one transaction (RFC 5321 §4.5.3.1.8). Stops a bounce that is a thousand bounces.</summary>
    public const int MaxRecipients = 100;

    /// <param name="nullReversePath">Whether it came with MAIL FROM:&lt;&gt;, as bounces have to (RFC 5321 §4.5.5).</param>
    public static BouncedMail Read(RawMessage mail, bool nullReversePath)
    {
        if (BounceParts.Find(mail.Root, "delivery-status", "global-delivery-status") is { } status && mail.Root.ContentType.IsMultipart
            && DeliveryStatusReader.Read(status) is { Count: > 0 } recipients)
            return new BouncedMail(Together(recipients), BounceForm.DeliveryStatus, recipients, OriginalMessage.FindId(mail.Root, text: null));

        // RFC 8098 and RFC 5965: other reports are of machines, and no bounces.
        var type = mail.Root.ContentType;
        if (type.Is("multipart", "report") && type.Parameter("report-type")?.ToLowerInvariant() is "disposition-notification" or "feedback-report")
            return BouncedMail.Of(BounceKind.AutoReply);

        var machine = nullReversePath || MachineSigns.IsMailSystem(mail.Headers);
        if ((machine || MachineSigns.IsAutomatic(mail.Headers)) && PlainBounceReader.Read(mail) is { } plain)
            return plain;
        if (MachineSigns.IsAutomatic(mail.Headers))
            return BouncedMail.Of(BounceKind.AutoReply);
        return BouncedMail.Of(machine ? BounceKind.Unclear : BounceKind.Reply);
    }

    /// <summary>Reads one reply of a server, such as <c>550 5.1.1 No such user</c>. A text without a code is <see cref="BounceKind.Unclear"/>.</summary>
    public static BouncedRecipient ReadReply(string reply)
    {
        var (code, status) = StatusWords.Find(reply);
        return new BouncedRecipient(StatusWords.KindOf(status, code) ?? BounceKind.Unclear, Address: null, OriginalAddress: null, status, code, reply);
    }

    /// <summary>The first text/plain part of a mail, its first <see cref="BounceParts.MaxText"/> octets; null when there is none. Outside text.</summary>
    public static string? PlainText(RawMessage mail) => BounceParts.Text(mail.Root);

    /// <summary>The worst that happened to any recipient.</summary>
    internal static BounceKind Together(IReadOnlyList<BouncedRecipient> recipients) => recipients.Min(r => r.Kind);
}
