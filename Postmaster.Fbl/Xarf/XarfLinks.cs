using System.Buffers;
using System.Text;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Xarf;

/// <summary>Finds the link of a phishing mail.</summary>
internal static class XarfLinks
{
    /// <summary>Octets of a part that are looked through; the link is what the mail is about, so it stands early.</summary>
    private const int MaxText = 256 * 1024;

    /// <summary>Characters of a link; longer ones are passed over.</summary>
    private const int MaxLink = 2048;

    private static readonly SearchValues<char> LinkEnds = SearchValues.Create("\"'<>()[]{}|\\^` \t\r\n");

    /// <summary>The first web link of the first part that has one, in HTML before plain text; null when there is none.</summary>
    public static Uri? First(RawMessage message)
    {
        var texts = message.Root.Walk().Where(part => part.ContentType.Type is "text").OrderBy(part => part.ContentType.Subtype is "html" ? 0 : 1);
        foreach (var part in texts)
        {
            part.TryDecode(MaxText, out var content);
            if (First(Encoding.Latin1.GetString(content)) is { } link)
                return link;
        }
        return null;
    }

    /// <summary>Null when it is no absolute http or https URI.</summary>
    public static Uri? Web(string text) =>
        text.Length <= MaxLink && Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0 ? uri : null;

    private static Uri? First(string text)
    {
        for (var at = Next(text, 0); at >= 0; at = Next(text, at + 1))
        {
            var length = text.AsSpan(at).IndexOfAny(LinkEnds);
            var link = length < 0 ? text[at..] : text.Substring(at, length);
            // Document types and name spaces are no links.
            if (Web(link.Replace("&amp;", "&", StringComparison.Ordinal).TrimEnd('.', ',', ';')) is { } uri && uri.Host is not "www.w3.org" and not "schemas.microsoft.com")
                return uri;
        }
        return null;
    }

    private static int Next(string text, int from)
    {
        var secure = text.IndexOf("https://", from, StringComparison.OrdinalIgnoreCase);
        var plain = text.IndexOf("http://", from, StringComparison.OrdinalIgnoreCase);
        return secure < 0 || plain < 0 ? Math.Max(secure, plain) : Math.Min(secure, plain);
    }
}
