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

    /// <summary>Requests that are read or wait for their commit at a time; further ones are told to come back.</summary>
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
}
