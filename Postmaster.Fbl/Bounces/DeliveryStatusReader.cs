using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Bounces;

/// <summary>Reads the groups of fields of a delivery status (RFC 3464 §2.1): one for the message, then one for each recipient.</summary>
internal static class DeliveryStatusReader
{
    public static IReadOnlyList<BouncedRecipient> Read(MimePart part)
    {
        part.TryDecode(BounceParts.MaxText, out var content);
        var recipients = new List<BouncedRecipient>();
        var position = 0;
        while (position < content.Length && recipients.Count < BounceReader.MaxRecipients)
        {
            var reader = new HeaderReader(content, position, MessageLimits.Default);
            var group = reader.Read(static (_, _) => { }, isMessage: false);
            // The first group speaks of the message; programs that leave it out are met, so the fields decide.
            if (Recipient(group) is { } recipient)
                recipients.Add(recipient);
            position = reader.BodyOffset > position ? reader.BodyOffset : NextLine(content, position);
        }

        return recipients;
    }

    /// <summary>Null for a group that names no recipient and says neither what was done nor why.</summary>
    private static BouncedRecipient? Recipient(HeaderBlock group)
    {
        var final = group.First("Final-Recipient")?.Unfolded;
        var original = group.First("Original-Recipient")?.Unfolded;
        var action = Word(group.First("Action")?.Unfolded).ToLowerInvariant();
        if (final is null && original is null && action.Length == 0)
            return null;
        EnhancedStatus? status = EnhancedStatus.TryParseStart(Word(group.First("Status")?.Unfolded), out var told) ? told : null;
        var diagnostic = group.First("Diagnostic-Code")?.Unfolded is { } code ? AfterType(code) : null;
        if (diagnostic is not null)
        {
            var words = StatusWords.Find(diagnostic);
            // RFC 3463 §2: X.0.0 is for those who know nothing better; what the last server said is better.
            if (status is null || status is { IsVague: true } vague && words.Status?.Class == vague.Class)
                status = words.Status ?? status;
            return Made(action, final, original, status, words.ReplyCode, HeaderWriter.Clean(diagnostic));
        }

        return Made(action, final, original, status, replyCode: null, diagnostic: null);
    }

    private static BouncedRecipient Made(string action, string? final, string? original, EnhancedStatus? status, int? replyCode, string? diagnostic) =>
        new(KindOf(action, status, replyCode), Address(final), Address(original), status, replyCode, diagnostic);

    // RFC 3464 §2.3.3: failed, delayed, delivered, relayed, expanded.
    private static BounceKind KindOf(string action, EnhancedStatus? status, int? replyCode) => action switch
    {
        "delayed" => BounceKind.Delayed,
        "delivered" or "relayed" or "expanded" => BounceKind.Delivered,
        "failed" or "" => StatusWords.KindOf(status, replyCode) ?? BounceKind.Permanent,
        _ => BounceKind.Unclear,
    };

    /// <summary>What stands behind <c>rfc822;</c>, without angle brackets and comments.</summary>
    private static string? Address(string? value)
    {
        if (value is null)
            return null;
        var text = AfterType(value).AsSpan();
        var open = text.IndexOf('<');
        if (open >= 0 && text[open..].IndexOf('>') is > 1 and var length)
            return text.Slice(open + 1, length - 1).Trim().ToString();
        var end = text.IndexOfAny(' ', '\t', '(');
        text = end < 0 ? text : text[..end];
        return text.IsEmpty ? null : text.ToString();
    }

    private static string AfterType(string value) => value[(value.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim();

    private static string Word(string? value)
    {
        var text = value.AsSpan().Trim();
        var end = text.IndexOfAny(" \t(;");
        return (end < 0 ? text : text[..end]).ToString();
    }

    private static int NextLine(ReadOnlySpan<byte> content, int position)
    {
        var end = content[position..].IndexOf((byte)'\n');
        return end < 0 ? content.Length : position + end + 1;
    }
}
