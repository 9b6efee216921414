using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Bounces;

/// <summary>Finds the parts of a bounce. What stands inside a message that came back is not looked at.</summary>
internal static class BounceParts
{
    /// <summary>Octets of a part that are read; the words of a bounce stand at its top.</summary>
    public const int MaxText = 64 * 1024;

    /// <summary>The first message/* part with one of the subtypes.</summary>
    public static MimePart? Find(MimePart root, params ReadOnlySpan<string> subtypes)
    {
        foreach (var part in Outer(root))
        {
            foreach (var subtype in subtypes)
            {
                if (part.ContentType.Is("message", subtype))
                    return part;
            }
        }

        return null;
    }

    /// <summary>The first text/plain part, decoded; null when there is none.</summary>
    public static string? Text(MimePart root)
    {
        foreach (var part in Outer(root))
        {
            if (part.ContentType.Is("text", "plain"))
                return Decode(part);
        }

        return null;
    }

    public static string Decode(MimePart part)
    {
        part.TryDecode(MaxText, out var content);
        return MailCharset.DecodeHeader(content);
    }

    /// <summary>All parts from top to bottom, those of attached messages left out.</summary>
    public static IEnumerable<MimePart> Outer(MimePart root)
    {
        var waiting = new Stack<MimePart>();
        waiting.Push(root);
        while (waiting.TryPop(out var part))
        {
            yield return part;
            for (var i = part.ContentType.IsMultipart ? part.Parts.Count - 1 : -1; i >= 0; i--)
                waiting.Push(part.Parts[i]);
        }
    }
}
