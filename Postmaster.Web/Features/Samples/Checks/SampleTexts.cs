using System.Text;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Postmaster.Fbl.Mime;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>What people read of a mail: its plain text and its HTML.</summary>
/// <param name="HtmlPart">Null when there is none.</param>
/// <param name="Document">Of the HTML part; null without one, and when it is nested beyond what is looked into.</param>
/// <param name="HtmlLength">Octets of the HTML, decoded.</param>
internal sealed record SampleTexts(string? Plain, MimePart? HtmlPart, IHtmlDocument? Document, int HtmlLength)
{
    /// <summary>Mail programs cut at a fifth of it; stops mails that are made to be parsed for minutes.</summary>
    private const int MaxOctets = 512 * 1024;

    /// <summary>Elements of the HTML that is parsed; beyond, it is made to exhaust the parser.</summary>
    private const int MaxTags = 20_000;

    public static SampleTexts Of(RawMessage message)
    {
        MimePart? plain = Find(message, "plain"), html = Find(message, "html");
        string? text = plain is null ? null : Decode(plain, out _);
        if (html is null)
            return new SampleTexts(text, null, null, 0);
        string source = Decode(html, out int length);
        IHtmlDocument? document = source.AsSpan().Count('<') <= MaxTags ? new HtmlParser().ParseDocument(source) : null;
        return new SampleTexts(text, html, document, length);
    }

    private static MimePart? Find(RawMessage message, string subtype) => message.Root.Walk().FirstOrDefault(p =>
        p.ContentType.Is("text", subtype) && p.Headers.First("Content-Disposition")?.Unfolded.StartsWith("attachment", StringComparison.OrdinalIgnoreCase) != true
        && (p.Headers.First("Content-Type") is not null || p.RawBody.Length > 0));

    private static string Decode(MimePart part, out int length)
    {
        part.TryDecode(MaxOctets, out byte[] content);
        length = content.Length < MaxOctets ? content.Length : Math.Max(content.Length, part.RawBody.Length * 3 / 4);
        return CharsetOf(part).GetString(content);
    }

    private static Encoding CharsetOf(MimePart part)
    {
        try
        {
            return part.ContentType.Parameter("charset") is { Length: > 0 } name ? Encoding.GetEncoding(name) : Encoding.UTF8;
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8;
        }
    }
}
