using Postmaster.Fbl.Mime;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>The two fields by which a mail lets its reader unsubscribe with one click (RFC 8058 §3.1).</summary>
internal static class OneClick
{
    public const string Field = "List-Unsubscribe", PostField = "List-Unsubscribe-Post", Body = "List-Unsubscribe=One-Click";

    /// <summary>Where a mail program would send the POST; null unless both fields are there once, in their form, and one valid signature covers both (§4).</summary>
    public static Uri? TargetOf(SampleEvidence evidence)
    {
        HeaderBlock headers = evidence.Headers;
        if (headers.Count(Field) != 1 || headers.Count(PostField) != 1 || !headers.First(PostField)!.Unfolded.Equals(Body, StringComparison.OrdinalIgnoreCase))
            return null;
        var way = ListUnsubscribe.Parse(headers.First(Field)!.Unfolded);
        return !way.IsMalformed && IsCovered(evidence) && way.Https.ToList() is [var only] ? only : null;
    }

    /// <summary>RFC 8058 §4: one valid signature covers both, in all their instances.</summary>
    public static bool IsCovered(SampleEvidence evidence) => evidence.Valid.Any(d => evidence.IsCovered(d, Field) && evidence.IsCovered(d, PostField));
}
