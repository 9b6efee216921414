using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Lists;

/// <summary>
/// The two fields by which a mail lets its reader unsubscribe with one click (RFC 8058 §3.1), and whether a receiver may offer it. Leaves out: the POST itself.
/// </summary>
public static class OneClick
{
    public const string Field = "List-Unsubscribe", PostField = "List-Unsubscribe-Post", Body = "List-Unsubscribe=One-Click";

    /// <summary>Whether both fields are there once, in their form and with an https URI, and one valid signature covers both (§4).</summary>
    /// <param name="dkim">All verdicts on the message.</param>
    public static bool IsOffered(HeaderBlock headers, IEnumerable<DkimResult> dkim) => HttpsOf(headers).Count > 0 && IsCovered(headers, dkim);

    /// <summary>Where a mail program would send the POST; null unless it is offered, and at one URI only.</summary>
    /// <inheritdoc cref="IsOffered"/>
    public static Uri? TargetOf(HeaderBlock headers, IEnumerable<DkimResult> dkim) => HttpsOf(headers) is [var only] && IsCovered(headers, dkim) ? only : null;

    /// <summary>RFC 8058 §4: one valid signature covers both, in all their instances.</summary>
    public static bool IsCovered(HeaderBlock headers, IEnumerable<DkimResult> dkim) => dkim.Any(d => d.IsValid && d.Covers(headers, Field) && d.Covers(headers, PostField));

    private static List<Uri> HttpsOf(HeaderBlock headers)
    {
        if (headers.Count(Field) != 1 || headers.Count(PostField) != 1 || !headers.First(PostField)!.Unfolded.Equals(Body, StringComparison.OrdinalIgnoreCase))
            return [];
        var way = ListUnsubscribe.Parse(headers.First(Field)!.Unfolded);
        return way.IsMalformed ? [] : [.. way.Https];
    }
}
