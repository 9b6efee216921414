using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Bounces;

/// <summary>Finds which message it is that comes back.</summary>
internal static class OriginalMessage
{
    /// <summary>Octets of a Message-ID; a longer one is none of anybody's.</summary>
    private const int MaxId = 998;

    /// <summary>Without angle brackets; null when no message or header comes back, or it has none.</summary>
    /// <param name="text">The words of the bounce, behind which some programs put the message; null: only parts are looked at.</param>
    public static string? FindId(MimePart root, string? text)
    {
        foreach (var part in BounceParts.Outer(root))
        {
            // RFC 6522 §3, RFC 6533 §4: the message, or its header alone.
            if (part.ContentType.IsMessage && part.EmbeddedMessage is { } message)
                return Bare(message.Headers.First("Message-ID")?.Unfolded);
            if (part.ContentType.Is("text", "rfc822-headers") || part.ContentType.Is("text", "rfc822-header") || part.ContentType.Is("message", "global-headers"))
            {
                part.TryDecode(BounceParts.MaxText, out var content);
                return Bare(MessageReader.Read(content, new MessageLimits { MaxMessageBytes = 0 }).Headers.First("Message-ID")?.Unfolded);
            }
        }

        return text is null ? null : InText(text);
    }

    private static string? InText(string text)
    {
        var expected = false;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            var line = text.AsSpan()[range].Trim();
            if (expected)
                return Bare(line);
            if (!line.StartsWith("Message-ID:", StringComparison.OrdinalIgnoreCase))
                continue;
            var value = line["Message-ID:".Length..].Trim();
            if (!value.IsEmpty)
                return Bare(value);
            expected = true; // folded before its value
        }

        return null;
    }

    private static string? Bare(ReadOnlySpan<char> value)
    {
        var open = value.IndexOf('<');
        var close = open < 0 ? -1 : value[open..].IndexOf('>');
        return close is > 1 and <= MaxId ? value.Slice(open + 1, close - 1).ToString() : null;
    }
}
