using System.ComponentModel.DataAnnotations;

namespace Postmaster.Web.Features.Complaints;

/// <summary>How kept complaints are worked off. Configuration section <c>Complaints</c>.</summary>
public sealed class ComplaintsOptions
{
    public const string Section = "Complaints";

    /// <summary>How long a press can be taken back before it counts; 0 counts at once.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "Complaints:UndoWindow must be between 00:00:00 and 1.00:00:00 (one day).")]
    public TimeSpan UndoWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the octets that were handed in are kept; the counts stay.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00", ErrorMessage = "Complaints:KeepBodies must be between 00:01:00 and 3650.00:00:00.")]
    public TimeSpan KeepBodies { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Octets of messages kept that nobody vouched for or that could not be read: strangers can send them, so the oldest give way.</summary>
    [Range(typeof(long), "0", "1099511627776", ErrorMessage = "Complaints:MaxStrayBytes must be between 0 and 1099511627776.")]
    public long MaxStrayBytes { get; set; } = 1L << 30;

    /// <summary>Claimed domains that one message counts for, in the order of its signatures; stops a message signed by everybody.</summary>
    [Range(1, 100, ErrorMessage = "Complaints:MaxDomains must be between 1 and 100.")]
    public int MaxDomains { get; set; } = 10;

    /// <summary>Batches of complaints that are worked on at a time.</summary>
    [Range(1, 64, ErrorMessage = "Complaints:Workers must be between 1 and 64.")]
    public int Workers { get; set; } = 2;

    /// <summary>How often DNS is asked for keys that it gave no usable answer about, over some hours.</summary>
    [Range(1, 20, ErrorMessage = "Complaints:DnsTries must be between 1 and 20.")]
    public int DnsTries { get; set; } = 6;

    /// <summary>How often the worker looks without being woken.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00", ErrorMessage = "Complaints:PollInterval must be between 00:00:00.05 and 01:00:00.")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);
}
