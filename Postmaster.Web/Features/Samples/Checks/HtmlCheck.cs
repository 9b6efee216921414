using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>What people see: a way out in the text, a plain-text twin, size, images, links that say what they do, nothing active or hidden. Nothing is fetched.</summary>
internal sealed class HtmlCheck : ISampleCheck
{
    /// <summary>Gmail cuts HTML here; what follows, often the unsubscribe link, is not seen.</summary>
    public const int CutOctets = 102 * 1024;

    private const int MaxShown = 20;

    public ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        var topic = new SampleTopicWriter(SampleTopics.Html, "Text and HTML");
        var texts = SampleTexts.Of(evidence.Message);
        CheckParts(topic, texts);
        if (texts.Document is { } document)
        {
            CheckImages(topic, document);
            CheckLinks(topic, document);
            CheckActive(topic, document);
            CheckHidden(topic, document);
        }

        CheckWayOut(topic, evidence, texts);
        if (topic.IsEmpty)
            topic.Add(SampleSeverity.Ok, "ok", texts.HtmlPart is null ? "Plain text only." : string.Create(CultureInfo.InvariantCulture, $"HTML of {texts.HtmlLength / 1024.0:0.#} KB with a plain-text twin."));
        return ValueTask.FromResult<SampleTopic?>(topic.ToTopic());
    }

    private static void CheckParts(SampleTopicWriter topic, SampleTexts texts)
    {
        if (texts.HtmlPart is not { } html)
            return;
        ByteRange range = new(html.Offset, html.Raw.Length, "HTML part");
        if (string.IsNullOrWhiteSpace(texts.Plain))
            topic.Add(SampleSeverity.Warning, "no_plain_text", "There is no plain-text part. Send multipart/alternative with the same words as text/plain before the HTML.", "RFC 2046 §5.1.4", [range]);
        if (texts.HtmlLength > CutOctets)
            topic.Add(SampleSeverity.Warning, "cut", string.Create(CultureInfo.InvariantCulture, $"The HTML has {texts.HtmlLength / 1024} KB. Gmail cuts it at 102 KB, and what stands below is not seen. Shorten it."), null, [range]);
        if (texts.Document is null)
            topic.Add(SampleSeverity.Warning, "too_complex", "The HTML has more elements than are looked at. Make it simpler.", null, [range]);
    }

    private static void CheckImages(SampleTopicWriter topic, IHtmlDocument document)
    {
        List<IElement> images = [.. document.Images.Where(i => !IsPixel(i))];
        int bare = images.Count(i => i.GetAttribute("alt") is null);
        if (bare > 0)
            topic.Add(SampleSeverity.Warning, "images_without_alt", $"{bare} of {images.Count} images have no alt text. Many people see the mail without images: say in alt what each shows, or alt=\"\" for ornaments.", details: images.Where(i => i.GetAttribute("alt") is null).Select(i => i.GetAttribute("src") ?? "(no src)").Take(MaxShown));
        if (images.Count > 0 && Words(document) < 10)
            topic.Add(SampleSeverity.Warning, "only_images", "The mail is nearly all images. Write what it says as text.");
    }

    /// <summary>One that counts who opens the mail; it shows nothing.</summary>
    private static bool IsPixel(IElement image) => image.GetAttribute("width") is "0" or "1" && image.GetAttribute("height") is "0" or "1";

    private static void CheckLinks(SampleTopicWriter topic, IHtmlDocument document)
    {
        List<string> mismatched = [], addresses = [], plain = [];
        foreach (IElement anchor in document.QuerySelectorAll("a[href]"))
        {
            string href = anchor.GetAttribute("href")!.Trim();
            if (!Uri.TryCreate(href, UriKind.Absolute, out Uri? target) || target.Scheme is not ("http" or "https"))
                continue;
            if (target.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
                addresses.Add(href);
            if (target.Scheme is "http")
                plain.Add(href);
            string shown = anchor.TextContent.Trim();
            if (HostShown(shown) is { } host && !SameSite(host, target.IdnHost))
                mismatched.Add($"{shown} leads to {target.IdnHost}");
        }

        if (mismatched.Count > 0)
            topic.Add(SampleSeverity.Warning, "link_mismatch", "Links show one host and lead to another, as in phishing. Write words instead of addresses, or let the address be the true one.", details: mismatched.Take(MaxShown));
        if (addresses.Count > 0)
            topic.Add(SampleSeverity.Warning, "link_to_address", "Links lead to bare IP addresses. Use the name of your site.", details: addresses.Take(MaxShown));
        if (plain.Count > 0)
            topic.Add(SampleSeverity.Info, "http_links", $"{plain.Count} {(plain.Count == 1 ? "link is" : "links are")} http:. Use https:.", details: plain.Take(MaxShown));
    }

    /// <summary>The host when the text of a link is itself an address; null for words.</summary>
    private static string? HostShown(string text)
    {
        if (text.Length is 0 or > 200 || text.Any(char.IsWhiteSpace) || text.Contains('@', StringComparison.Ordinal))
            return null;
        string url = text.Contains("://", StringComparison.Ordinal) ? text : text.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? "https://" + text : "";
        return Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" ? uri!.IdnHost : null;
    }

    private static bool SameSite(string a, string b)
    {
        a = a.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? a[4..] : a;
        b = b.StartsWith("www.", StringComparison.OrdinalIgnoreCase) ? b[4..] : b;
        return a.Equals(b, StringComparison.OrdinalIgnoreCase) || a.EndsWith("." + b, StringComparison.OrdinalIgnoreCase) || b.EndsWith("." + a, StringComparison.OrdinalIgnoreCase);
    }

    private static void CheckActive(SampleTopicWriter topic, IHtmlDocument document)
    {
        List<string> active = [.. document.QuerySelectorAll("script, iframe, object, embed, applet").Select(e => "<" + e.LocalName + ">")];
        active.AddRange(document.All.SelectMany(e => e.Attributes).Where(a => a.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase)).Select(a => a.Name + "=").Take(MaxShown));
        active.AddRange(document.QuerySelectorAll("a[href]").Where(a => a.GetAttribute("href")!.TrimStart().StartsWith("javascript:", StringComparison.OrdinalIgnoreCase)).Select(_ => "javascript:"));
        if (active.Count > 0)
            topic.Add(SampleSeverity.Critical, "active", $"The HTML holds {string.Join(", ", active.Distinct(StringComparer.OrdinalIgnoreCase).Take(MaxShown))}. Mail programs take it out, and filters count it as an attack. Link to a page instead.");
        if (document.QuerySelector("form") is not null)
            topic.Add(SampleSeverity.Warning, "form", "The HTML holds a form. Many mail programs do not send it, and it looks like phishing. Link to a page instead.");
    }

    private static void CheckHidden(SampleTopicWriter topic, IHtmlDocument document)
    {
        // A line or two of hidden text is the preview that mail programs show beside the subject.
        const int preview = 400;
        List<string> hidden = [.. document.QuerySelectorAll("[style]").Where(e => Hides(e.GetAttribute("style")!)).Select(e => e.TextContent.Trim()).Where(t => t.Length > preview).Take(MaxShown)];
        if (hidden.Count > 0)
            topic.Add(SampleSeverity.Warning, "hidden_text", "The HTML holds a lot of text that nobody sees. Filters take it for deceit. Drop it.", details: hidden.Select(t => t[..100] + "..."));
    }

    private static bool Hides(string style) => string.Concat(style.Where(c => !char.IsWhiteSpace(c))) is var bare
        && (bare.Contains("display:none", StringComparison.OrdinalIgnoreCase) || bare.Contains("visibility:hidden", StringComparison.OrdinalIgnoreCase)
            || bare.Contains("font-size:0", StringComparison.OrdinalIgnoreCase));

    private static void CheckWayOut(SampleTopicWriter topic, SampleEvidence evidence, SampleTexts texts)
    {
        if (evidence.Headers.First("List-Unsubscribe") is null && evidence.Headers.First("List-Id") is null)
            return; // not mail to a list
        if (texts.Document is { } document && !WayOut.IsIn(document))
            topic.Add(SampleSeverity.Warning, "no_unsubscribe_link", "The HTML has no visible link to unsubscribe. Put one where people look for it, in the same size as the text.", evidence: [new ByteRange(texts.HtmlPart!.Offset, texts.HtmlPart.Raw.Length, "HTML part")]);
        if (!string.IsNullOrWhiteSpace(texts.Plain) && !WayOut.IsIn(texts.Plain))
            topic.Add(SampleSeverity.Warning, "no_unsubscribe_text", "The plain text does not say how to unsubscribe. Add the link there, too.");
    }

    private static int Words(IHtmlDocument document) => (document.Body?.TextContent ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
}
