using System.ComponentModel.DataAnnotations;

namespace Postmaster.Web.Features.Complaints.Fairness;

/// <summary>From when on a complaint counts in part. Configuration section <c>Fairness</c>; 0 switches a rule off.</summary>
public sealed class FairnessOptions
{
    public const string Section = "Fairness";

    /// <summary>Presses of one mailbox within <see cref="BurstWindow"/> that still count in full; of more, all count in part.</summary>
    [Range(0, 1_000_000, ErrorMessage = "Fairness:BurstPresses must be between 0 (never) and 1000000.")]
    public int BurstPresses { get; set; } = 20;

    /// <summary>Before and after a press. What comes after it is known only as long as the press waits in Complaints:UndoWindow.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00", ErrorMessage = "Fairness:BurstWindow must be between 00:00:01 and 1.00:00:00 (one day).")]
    public TimeSpan BurstWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Presses of one mailbox in 30 days that still count in full; those after them count in part.</summary>
    [Range(0, 1_000_000, ErrorMessage = "Fairness:MonthPresses must be between 0 (never) and 1000000.")]
    public int MonthPresses { get; set; } = 200;

    /// <summary>A mailbox opened so short a time before the press is new. It is known only where the door says when the mailbox was opened.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00", ErrorMessage = "Fairness:NewMailbox must be between 01:00:00 and 365.00:00:00.")]
    public TimeSpan NewMailbox { get; set; } = TimeSpan.FromDays(30);

    /// <summary>So many new mailboxes that make up most of a domain's complaints are taken for a group.</summary>
    [Range(0, 1_000, ErrorMessage = "Fairness:GroupMailboxes must be between 0 (never) and 1000.")]
    public int GroupMailboxes { get; set; } = 5;
}
