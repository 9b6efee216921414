using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>Whether people who read a mail see how to leave the list.</summary>
internal static class WayOut
{
    /// <summary>Words of the languages that our senders write, in the forms in which links use them.</summary>
    private static readonly string[] Words =
    [
        "unsubscribe", "opt out", "opt-out", "optout", "manage preferences", "email preferences", "mail preferences", "abmelden", "abbestellen", "austragen",
        "désabonner", "désinscrire", "desinscription", "désinscription", "darse de baja", "cancelar suscripción", "cancelar la suscripción", "cancelar inscrição",
        "disiscriviti", "annulla iscrizione", "cancella iscrizione", "uitschrijven", "afmelden", "avregistrera", "avprenumerera", "afmeld", "wypisz", "odhlásit", "отписаться", "отказаться",
    ];

    public static bool IsIn(IHtmlDocument document) =>
        document.QuerySelectorAll("a[href]").Any(a => !IsHidden(a) && (Says(a.TextContent) || Says(a.GetAttribute("href")!) || Says(a.ParentElement?.TextContent ?? "")));

    /// <summary>The words, with something to follow near them.</summary>
    public static bool IsIn(string plain) => Says(plain) && (plain.Contains("http", StringComparison.OrdinalIgnoreCase) || plain.Contains('@', StringComparison.Ordinal));

    private static bool Says(string text) => Words.Any(w => text.Contains(w, StringComparison.OrdinalIgnoreCase));

    private static bool IsHidden(IElement link)
    {
        for (IElement? element = link; element is not null; element = element.ParentElement)
        {
            string style = element.GetAttribute("style")?.Replace(" ", "", StringComparison.Ordinal) ?? "";
            if (element.HasAttribute("hidden") || style.Contains("display:none", StringComparison.OrdinalIgnoreCase) || style.Contains("visibility:hidden", StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }
}
