namespace Postmaster.Fbl.Bounces;

/// <summary>Finds the codes in what a server said.</summary>
internal static class StatusWords
{
    /// <summary>The first SMTP code of a failure that begins a word, and the first enhanced code.</summary>
    public static (int? ReplyCode, EnhancedStatus? Status) Find(ReadOnlySpan<char> text)
    {
        int? reply = null;
        EnhancedStatus? status = null;
        for (var i = 0; i < text.Length && (reply is null || status is null); i++)
        {
            if (text[i] is not ('2' or '4' or '5') || i > 0 && (char.IsAsciiLetterOrDigit(text[i - 1]) || text[i - 1] is '.' or ':' or '[' or '-' && i > 1 && char.IsAsciiDigit(text[i - 2])))
                continue;
            if (status is null && EnhancedStatus.TryParseStart(text[i..], out var found))
                status = found;
            else if (reply is null && text[i] != '2' && IsReplyCode(text[i..]))
                reply = ((text[i] - '0') * 100) + ((text[i + 1] - '0') * 10) + (text[i + 2] - '0');
        }

        return (reply, status);
    }

    /// <summary>What the codes say; null when there is none.</summary>
    public static BounceKind? KindOf(EnhancedStatus? status, int? replyCode) => status switch
    {
        { Class: 2 } => BounceKind.Delivered,
        { Class: 4 } or { IsFull: true } => BounceKind.Temporary,
        { Class: 5 } => BounceKind.Permanent,
        // RFC 5321 §4.2.3: 452 and 552 say that there is no room.
        _ => replyCode switch { >= 400 and < 500 or 552 => BounceKind.Temporary, >= 500 => BounceKind.Permanent, _ => null },
    };

    // RFC 5321 §4.2: three digits, the second 0 to 5; then a space, a hyphen or the end. "550 octets" and the like are met seldom enough.
    private static bool IsReplyCode(ReadOnlySpan<char> text) =>
        text.Length >= 3 && text[1] is >= '0' and <= '5' && char.IsAsciiDigit(text[2]) && (text.Length == 3 || text[3] is ' ' or '-' or '\t' or '\'' or ';' or ',' or ':' or '#');
}
