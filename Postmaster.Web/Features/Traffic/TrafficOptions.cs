using System.ComponentModel.DataAnnotations;

namespace Postmaster.Web.Features.Traffic;

/// <summary>What is counted of the traffic and how much of it comes in at once. Configuration section <c>Traffic</c>.</summary>
public sealed class TrafficOptions
{
    public const string Section = "Traffic";

    /// <summary>Streams of one kind that a domain may have within 30 days; the mail of further ones is counted together as "other".</summary>
    [Range(1, 10_000, ErrorMessage = "Traffic:MaxStreamsPerKind must be between 1 and 10000.")]
    public int MaxStreamsPerKind { get; set; } = 200;

    /// <summary>Domains without a claim whose mail is counted each on its own; the mail of further ones is counted together.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Traffic:MaxDomains must be between 1 and 10000000.")]
    public int MaxDomains { get; set; } = 100_000;

    /// <summary>Octets of one request's events, unpacked; more is answered 413.</summary>
    [Range(64 * 1024, 1024 * 1024 * 1024, ErrorMessage = "Traffic:MaxBatchBytes must be between 65536 and 1073741824.")]
    public int MaxBatchBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Lines of one request; more is answered 413.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Traffic:MaxBatchLines must be between 1 and 10000000.")]
    public int MaxBatchLines { get; set; } = 100_000;

    /// <summary>Requests that are read or wait for their commit at a time, of which one feeder gets three quarters; further ones are told to come back.</summary>
    [Range(1, 1000, ErrorMessage = "Traffic:MaxRequests must be between 1 and 1000.")]
    public int MaxRequests { get; set; } = 32;

    /// <summary>A feeder that has sent nothing for so long is named as silent on the pages. Set it above the longest pause that your quietest server makes.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00", ErrorMessage = "Traffic:SilentAfter must be between 00:01:00 and 7.00:00:00.")]
    public TimeSpan SilentAfter { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How old an event may be.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "731.00:00:00", ErrorMessage = "Traffic:MaxPast must be between 00:01:00 and 731.00:00:00.")]
    public TimeSpan MaxPast { get; set; } = TimeSpan.FromDays(31);

    /// <summary>How far a feeder's clock may be ahead.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "Traffic:MaxFuture must be between 00:00:00 and 1.00:00:00.")]
    public TimeSpan MaxFuture { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Days for which a delivery is remembered, so that what happens to the message later can be joined with it; 0: not at all.</summary>
    [Range(0, 92, ErrorMessage = "Traffic:JoinDays must be between 0 and 92.")]
    public int JoinDays { get; set; } = 14;

    /// <summary>Days for which it is remembered, by keyed hashes, whom an invitation was sent to and who left a list.</summary>
    [Range(100, 731, ErrorMessage = "Traffic:PeopleDays must be between 100 and 731.")]
    public int PeopleDays { get; set; } = 180;

    /// <summary>Entries of one partition of the memory; so many are held in memory.</summary>
    [Range(1, 8_000_000, ErrorMessage = "Traffic:MemoryPartition must be between 1 and 8000000.")]
    public int MemoryPartition { get; set; } = Memory.RoomRules.DefaultEntries;

    /// <summary>Days for which the hours of all mail of a domain are kept.</summary>
    [Range(1, 92, ErrorMessage = "Traffic:HourDays must be between 1 and 92.")]
    public int HourDays { get; set; } = 7;

    /// <summary>Days for which the days of all streams are kept.</summary>
    [Range(31, 3660, ErrorMessage = "Traffic:DayDays must be between 31 and 3660.")]
    public int DayDays { get; set; } = 731;
}
