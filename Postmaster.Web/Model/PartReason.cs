namespace Postmaster.Web.Model;

/// <summary>Why a complaint counts in part: it says more about who pressed than about the mail. It is reported like any other.</summary>
public enum PartReason
{
    /// <summary>Many messages moved to Junk at once: somebody cleaned up.</summary>
    BulkMove,

    /// <summary>A mailbox that presses about everything.</summary>
    ReportsEverything,

    /// <summary>Mailboxes opened lately that press about one domain together.</summary>
    NewMailboxes,
}
