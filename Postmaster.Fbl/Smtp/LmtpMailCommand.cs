using System.Globalization;
using System.Text;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Smtp;

/// <summary>Reads the arguments of MAIL and RCPT. The answer is null when they are good, else the refusal.</summary>
internal static class LmtpMailCommand
{
    public static SmtpReply? TryParse(string argument, string clientName, LmtpSessionOptions options, out LmtpEnvelope? envelope)
    {
        envelope = null;
        if (!SmtpPath.TryParse(argument, "FROM:", out var path))
            return LmtpReplies.BadSyntax;
        // A sender with an over-long local-part (VERP, SRS) or a domain literal is no MailAddress of ours, but its mail is not refused for it.
        var known = MailAddress.TryParse(path.Text, out var address, out _);
        if (!known && path.Text.Length > 0 && !path.Text.Contains('@', StringComparison.Ordinal))
            return LmtpReplies.BadSender;

        var started = new LmtpEnvelope { ClientName = clientName, ReversePath = address, ReversePathText = path.Text };
        foreach (var (name, value) in path.Parameters)
        {
            var refusal = TakeParameter(name, value, ref started);
            if (refusal is not null)
                return refusal;
        }

        if (!started.SmtpUtf8 && !Ascii.IsValid(path.Text))
            return LmtpReplies.NeedsSmtpUtf8;
        // RFC 1870 §6.1: a message declared too large is refused before it is sent.
        if (started.DeclaredSize > options.MaxMessageBytes)
            return LmtpReplies.TooLarge;
        envelope = started;
        return null;
    }

    public static SmtpReply? TryParseRecipient(string argument, bool smtpUtf8, LmtpSessionOptions options, out MailAddress? recipient)
    {
        recipient = null;
        if (!SmtpPath.TryParse(argument, "TO:", out var path))
            return LmtpReplies.BadSyntax;
        // No extension that we advertise has a parameter here (RFC 5321 §4.1.1.11).
        if (path.Parameters.Count > 0)
            return LmtpReplies.UnknownParameter;
        if (!smtpUtf8 && !Ascii.IsValid(path.Text))
            return LmtpReplies.NeedsSmtpUtf8;
        // RFC 5321 §4.1.1.3: "postmaster" alone is ours.
        var text = path.Text.Equals("postmaster", StringComparison.OrdinalIgnoreCase) ? $"{path.Text}@{options.HostName}" : path.Text;
        return MailAddress.TryParse(text, out recipient, out _) ? null : LmtpReplies.BadRecipient;
    }

    private static SmtpReply? TakeParameter(string name, string? value, ref LmtpEnvelope envelope)
    {
        switch (name)
        {
            case "SIZE" when value is { Length: > 0 and <= 20 } && value.All(char.IsAsciiDigit):
                // RFC 1870 §5: up to 20 digits, which may be more than a long holds.
                var size = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var octets) ? octets : long.MaxValue;
                envelope = envelope with { DeclaredSize = size };
                return null;
            case "BODY" when value is not null && value.Equals("8BITMIME", StringComparison.OrdinalIgnoreCase):
                envelope = envelope with { EightBitMime = true };
                return null;
            case "BODY" when value is not null && value.Equals("7BIT", StringComparison.OrdinalIgnoreCase):
                return null;
            case "SMTPUTF8" when value is null:
                envelope = envelope with { SmtpUtf8 = true };
                return null;
            case "SIZE" or "BODY" or "SMTPUTF8":
                return LmtpReplies.BadSyntax;
            default:
                return LmtpReplies.UnknownParameter;
        }
    }
}
