using System.Globalization;
using Postmaster.Web.Components.Charts;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>Numbers of the traffic in words, the same on pages and in exports.</summary>
internal static class TrafficWords
{
    public const string NoData = "no data";

    /// <summary>"14 Nov", as on an axis and in a table of days.</summary>
    public static string Short(DateOnly day) => day.ToString("d MMM", CultureInfo.InvariantCulture);

    public static string Long(DateOnly day) => day.ToString("ddd d MMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>"0.22 %"; "no data" where there is nothing to be a share of.</summary>
    public static string Of(Rate? rate) => rate is null ? NoData : Percent.Of(rate.Value);

    /// <summary>"0.22 % (0.17 to 0.31)".</summary>
    public static string WithInterval(Rate? rate) => rate is null ? NoData : Percent.Of(rate.Value, rate.Interval.Low, rate.Interval.High);

    /// <summary>", 12 of them in part": said beside a number of complaints of which some weigh less in the reputation; nothing where all count in full or it is hidden.</summary>
    public static string InPart(VisibleTraffic? traffic) => InPart(traffic?.Of(TrafficCounter.ComplaintInPart) ?? 0);

    public static string InPart(long part) => part > 0 ? $", {Counted.Number(part)} of them in part" : "";

    /// <summary>", 12 in part": the same beside a rate, where no number of complaints stands that they could be of.</summary>
    public static string PartOnly(VisibleTraffic traffic) => traffic.Of(TrafficCounter.ComplaintInPart) is > 0 and { } part ? $", {Counted.Number(part)} in part" : "";

    /// <summary>"41 of 18,230".</summary>
    public static string Counts(Rate rate) => $"{Counted.Number(rate.Count)} of {Counted.Number(rate.Of)}";

    /// <summary>What people did with mail in inboxes, as a share of it with its interval, or why it is not told.</summary>
    public static string ShareOfPeople(VisibleTraffic? traffic, TrafficCounter counter) =>
        Hidden(traffic, counter) ?? WithInterval(traffic!.RateOf(counter, TrafficCounter.DeliveredInbox));

    /// <summary>A count of what people did, or why it is not told.</summary>
    public static string OfPeople(VisibleTraffic? traffic, TrafficCounter counter) => Hidden(traffic, counter) ?? Counted.Number(traffic!.Of(counter) ?? 0);

    private static string? Hidden(VisibleTraffic? traffic, TrafficCounter counter) =>
        traffic is null ? NoData : traffic.WhyHidden(counter) is { } why ? $"hidden: {why.Words}" : null;

    public static string Number(VisibleTraffic? traffic, Func<VisibleTraffic, long> number) => traffic is null ? NoData : Counted.Number(number(traffic));

    /// <summary>A kind of stream as a heading.</summary>
    public static string Of(StreamKind kind) => kind switch
    {
        StreamKind.ListId => "List-Id",
        StreamKind.FeedbackSender => "Feedback-ID sender",
        StreamKind.Feedback1 => "Feedback-ID, 1st field",
        StreamKind.Feedback2 => "Feedback-ID, 2nd field",
        StreamKind.Feedback3 => "Feedback-ID, 3rd field",
        StreamKind.MessageType => "Message type",
        StreamKind.Selector => "DKIM selector",
        StreamKind.EnvelopeDomain => "Envelope domain",
        StreamKind.Ip => "IP address",
        StreamKind.Network => "Network",
        StreamKind.Unauthenticated => "Not authenticated",
        _ => "All mail",
    };

    /// <summary>A kind of stream in a URL.</summary>
    public static string Slug(StreamKind kind) => kind switch
    {
        StreamKind.ListId => "list-id",
        StreamKind.FeedbackSender => "feedback-sender",
        StreamKind.Feedback1 => "feedback-1",
        StreamKind.Feedback2 => "feedback-2",
        StreamKind.Feedback3 => "feedback-3",
        StreamKind.MessageType => "message-type",
        StreamKind.Selector => "selector",
        StreamKind.EnvelopeDomain => "envelope-domain",
        StreamKind.Ip => "ip",
        StreamKind.Network => "network",
        _ => "all",
    };

    /// <summary>The kind that a URL names; null for none.</summary>
    public static StreamKind? KindOf(string? slug)
    {
        foreach (StreamKind kind in Enum.GetValues<StreamKind>())
        {
            if (kind is not (StreamKind.Whole or StreamKind.Unauthenticated) && string.Equals(Slug(kind), slug, StringComparison.Ordinal))
                return kind;
        }

        return null;
    }
}
