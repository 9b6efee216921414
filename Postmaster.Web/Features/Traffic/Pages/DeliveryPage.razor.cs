using Microsoft.AspNetCore.Components;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>What became of the mail: where it was put, why it was refused, whether it was read.</summary>
public sealed partial class DeliveryPage
{
    /// <summary>Days of the view by hour, today included: hours are kept for about as long.</summary>
    private const int HourDays = 7;

    internal static readonly Measure[] Volume =
    [
        Measure.Count("inbox", 1, TrafficCounter.DeliveredInbox), Measure.Count("spam folder", 2, TrafficCounter.DeliveredSpam), Measure.Count("refused", 3, t => t.Rejected),
    ];

    private static readonly Measure[] Refused =
    [
        Measure.Count("unknown users", 1, TrafficCounter.RejectedUnknownUser),
        Measure.Count("spam or content", 2, TrafficCounter.RejectedSpam, TrafficCounter.RejectedContent),
        Measure.Count("policy or DMARC", 3, TrafficCounter.RejectedPolicy, TrafficCounter.RejectedDmarc),
        Measure.Count("rate", 4, TrafficCounter.RejectedRate),
        Measure.Count("reputation", 5, TrafficCounter.RejectedReputation),
        Measure.Count("other", 6, TrafficCounter.RejectedNoPtr, TrafficCounter.RejectedOther),
    ];

    private static readonly Measure[] Unknown = [Measure.Share("unknown users", 1, t => t.UnknownUsers)];
    private static readonly Measure[] People = [Measure.OfPeople("read", 1, TrafficCounter.Read), Measure.OfPeople("deleted unread", 4, TrafficCounter.DeletedUnread)];

    private static readonly (TrafficCounter Counter, string Name, string Advice)[] Reasons =
    [
        (TrafficCounter.RejectedUnknownUser, "Unknown user", "Take the address off every list at the first such answer."),
        (TrafficCounter.RejectedSpam, "Spam", "The filter took it for spam. Have a sample checked, and look which stream it was."),
        (TrafficCounter.RejectedContent, "Content", "Something in it is not taken, such as an attachment. Read the answer in your own log."),
        (TrafficCounter.RejectedPolicy, "Policy", "A rule of the provider forbids it. Read the answer in your own log."),
        (TrafficCounter.RejectedDmarc, "DMARC", "Your own policy says to refuse what is not authenticated. Sign it with an aligned domain."),
        (TrafficCounter.RejectedRate, "Rate", "Too much in too short a time. Send more evenly."),
        (TrafficCounter.RejectedReputation, "Reputation", "The address or domain is not trusted. See reputation for the cause."),
        (TrafficCounter.RejectedNoPtr, "No reverse name", "Give the sending address a PTR record whose name leads back to it."),
        (TrafficCounter.RejectedOther, "Other", "Read the answer in your own log."),
        (TrafficCounter.Deferred, "Put off (4yz)", "Your server tries again by itself. If it goes on for days, send more evenly."),
    ];

    [SupplyParameterFromQuery(Name = "by")]
    public string? By { get; set; }

    private TrafficSeries Series { get; set; } = default!;
    private IReadOnlyList<TrafficHourPoint>? Hours { get; set; }

    private bool IsByHour => By is "hour";

    /// <summary>Fits after "in".</summary>
    private string Shown => IsByHour && Range.Days > HourDays ? $"the last {HourDays} days of these" : Range.Words;

    /// <summary>Of what the first chart shows.</summary>
    private long Sum(VisibleTraffic total, Func<VisibleTraffic, long> number) => Hours?.Sum(h => h.Traffic is null ? 0 : number(h.Traffic)) ?? number(total);

    protected override async Task LoadTrafficAsync(AccessedDomain access)
    {
        Series = await Traffic.DaysAsync(access.Domain, Range.From, Range.To, Aborted);
        if (!IsByHour)
            return;
        DateTimeOffset now = Time.GetUtcNow(), last = Range.End <= now ? Range.End.AddHours(-1) : now;
        DateTimeOffset first = last.AddHours(1 - (24 * HourDays));
        Hours = await Traffic.HoursAsync(access.Domain, first > Range.Start ? first : Range.Start, last, Aborted);
    }
}
