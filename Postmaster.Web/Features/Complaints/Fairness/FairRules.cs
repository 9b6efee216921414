using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints.Fairness;

/// <summary>A complaint about a domain, as far as the rule of new mailboxes looks at it.</summary>
/// <param name="Mailbox">Keyed hash, as text.</param>
/// <param name="IsNew">Whether the mailbox was new when it pressed.</param>
internal readonly record struct PressOfMailbox(string Mailbox, bool IsNew);

/// <summary>
/// When a complaint counts in part, by numbers alone. Such a complaint is reported like any other, because whoever pressed wants no more of that mail;
/// in rates and reputation <see cref="PerFull"/> of them count as one, and pages say how many there are.
/// </summary>
internal static class FairRules
{
    /// <summary>Complaints in part that weigh as much as one.</summary>
    public const int PerFull = 20;

    /// <summary>The time in which presses of one mailbox are added up.</summary>
    public static readonly TimeSpan Month = TimeSpan.FromDays(30);

    /// <summary>The complaints about a domain among which a group is looked for: the latest, and not older than <see cref="GroupSpan"/>.</summary>
    public const int GroupSample = 400;

    public static readonly TimeSpan GroupSpan = TimeSpan.FromDays(14);

    /// <summary>Null: in full.</summary>
    /// <param name="burst">Presses of the mailbox around this one, itself among them.</param>
    /// <param name="before">Its presses in the month before.</param>
    public static PartReason? OfMailbox(int burst, int before, FairnessOptions options)
    {
        if (options.BurstPresses > 0 && burst > options.BurstPresses)
            return PartReason.BulkMove;
        return options.MonthPresses > 0 && before >= options.MonthPresses ? PartReason.ReportsEverything : null;
    }

    /// <summary>Whether new mailboxes, this press's among them, make up more than half of what is said against a domain.</summary>
    /// <param name="lately">Complaints about the domain, this one among them.</param>
    public static bool IsGroup(IReadOnlyCollection<PressOfMailbox> lately, FairnessOptions options) =>
        options.GroupMailboxes > 0
        && lately.Where(p => p.IsNew).Select(p => p.Mailbox).Distinct(StringComparer.Ordinal).Count() >= options.GroupMailboxes
        && lately.Count(p => p.IsNew) * 2 > lately.Count;

    /// <summary>What complaints weigh together, rounded up: never nothing when there is one.</summary>
    /// <param name="inPart">How many of <paramref name="all"/> count in part.</param>
    public static long Weighed(long all, long inPart)
    {
        long part = Math.Clamp(inPart, 0, all);
        return all - part + ((part + PerFull - 1) / PerFull);
    }
}
