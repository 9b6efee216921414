namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>Leaving by one click (RFC 8058): the fields that offer it, and what a mail program posts. Every mail and every door with a link takes them from here.</summary>
internal static class OneClick
{
    private const string Field = "List-Unsubscribe", PostField = "List-Unsubscribe-Post", Value = "One-Click";

    /// <summary>For whoever posts something else.</summary>
    public const string Expected = $"Post {Field}={Value}";

    /// <summary>Both go under the signature (RFC 8058 §4). Without https only the link is told: it is opened in a browser then.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Fields(string url)
    {
        yield return new(Field, $"<{url}>");
        if (MayPost(url))
            yield return new(PostField, $"{Field}={Value}");
    }

    /// <summary>RFC 8058 §3.2: the pair says that it is no program that merely tries the link. Letter for letter, as §3.1 has it.</summary>
    public static bool IsIn(IFormCollection form) => string.Equals(form[Field], Value, StringComparison.Ordinal);

    /// <summary>RFC 8058 §3.1 asks for https; a portal that is tried out on its own machine has none.</summary>
    private static bool MayPost(string url) => Uri.TryCreate(url, UriKind.Absolute, out Uri? link) && (string.Equals(link.Scheme, Uri.UriSchemeHttps, StringComparison.Ordinal) || link.IsLoopback);
}
