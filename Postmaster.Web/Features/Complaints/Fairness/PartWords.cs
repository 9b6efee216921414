using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints.Fairness;

/// <summary>Why a complaint counts in part, for people.</summary>
internal static class PartWords
{
    public static string Sentence(PartReason reason) => reason switch
    {
        PartReason.BulkMove => "it was one of many messages that the same person moved to Junk at once",
        PartReason.ReportsEverything => "the same mailbox has called very many messages spam in 30 days",
        _ => "it is one of several mailboxes opened lately that together make up most of what is said against this domain",
    };
}
