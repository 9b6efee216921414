using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>On whose word a signature counts as passing, in words for a page; each kind keeps its own label.</summary>
internal static class EvidenceWords
{
    /// <summary>A label for a table.</summary>
    public static string Label(this Evidence evidence) => evidence switch
    {
        Evidence.VerifiedAtDelivery => "Verified at delivery",
        Evidence.BorderResults => "Border's results",
        Evidence.VerifiedNow => "Verified now",
        _ => "None",
    };

    /// <summary>The same as a sentence.</summary>
    public static string Sentence(this Evidence evidence) => evidence switch
    {
        Evidence.VerifiedAtDelivery => "The DKIM signature was verified when the mail was delivered.",
        Evidence.BorderResults => "The DKIM signature passed at our border, which wrote it into the mail's Authentication-Results field at delivery.",
        Evidence.VerifiedNow => "The DKIM signature was verified again when the complaint came in.",
        _ => "No signature was found to pass.",
    };
}
