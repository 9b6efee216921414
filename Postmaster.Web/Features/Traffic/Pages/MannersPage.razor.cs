using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>How the sender treats people: whether leaving is honoured, and how invitations and reminders come.</summary>
public sealed partial class MannersPage
{
    private const int MostRows = 20;

    /// <summary>From this share of mail with a recipient on, nothing is said of the rest.</summary>
    private const double MostlyCovered = 0.99;

    /// <summary>What people leave comes first.</summary>
    private static readonly StreamKind[] Order =
    [
        StreamKind.ListId, StreamKind.Feedback3, StreamKind.MessageType, StreamKind.Feedback1, StreamKind.Feedback2, StreamKind.FeedbackSender,
        StreamKind.Selector, StreamKind.EnvelopeDomain, StreamKind.Ip, StreamKind.Network,
    ];

    private static readonly Measure[] People =
    [
        Measure.CountOfPeople("had left, and you were told", 1, TrafficCounter.Left), Measure.CountOfPeople("got mail again", 3, TrafficCounter.LeftAndMailedAgain),
    ];

    [SupplyParameterFromQuery(Name = "kind")]
    public string? KindWord { get; set; }

    [Inject]
    private IOptions<TrafficOptions> Options { get; set; } = default!;

    private TrafficSeries Series { get; set; } = default!;
    private IReadOnlyList<StreamKind> Kinds { get; set; } = [];
    private StreamKind Kind { get; set; }
    private IReadOnlyList<StreamTraffic> Streams { get; set; } = [];
    private int More { get; set; }
    private IReadOnlyList<StreamTraffic> Invitations { get; set; } = [];

    private VisibleTraffic Total => Series.Total!;

    private Rate? Covered => Rate.From(Total[TrafficCounter.Followed], Total.Delivered);

    /// <summary>Why there is nothing to show; null: there is.</summary>
    private (string Title, string Advice)? Unmeasured => Series.Total switch
    {
        null => ($"Nothing is known of this domain’s mail in {Range.Words}.", "Choose more days above. Mail counts from the first message on that is authenticated as " + Access!.Domain + "."),
        { IsFollowed: false } when Options.Value.JoinDays == 0 => ("Manners are not measured.", "The provider does not remember deliveries, and without that nobody can say who got mail again."),
        { IsFollowed: false } => ($"No data in {Range.Words}.", "The mail servers do not say who received this mail, so it is not known whether people who left got mail again. It is measured from the day on that they tell recipients; you need not do anything."),
        { } total when total.WhyHidden(TrafficCounter.Left) is { } hidden => ($"Hidden in {Range.Words}: {hidden.Words}.", "So that nobody can be recognised, what people did is told only of mail to that many different people. Choose more days above."),
        _ => null,
    };

    protected override async Task LoadTrafficAsync(AccessedDomain access)
    {
        Series = await Traffic.DaysAsync(access.Domain, Range.From, Range.To, Aborted);
        if (Unmeasured is not null)
            return;
        IReadOnlyDictionary<StreamKind, int> known = await Traffic.KindsAsync(access.Domain, Range.From, Range.To, Aborted);
        Kinds = [.. Order.Where(known.ContainsKey)];
        StreamKind? wanted = TrafficWords.KindOf(KindWord);
        Kind = wanted is { } kind && Kinds.Contains(kind) ? kind : Kinds is [var first, ..] ? first : StreamKind.ListId;
        StreamTable table = await Traffic.StreamsAsync(access.Domain, Kind, Range.From, Range.To, Aborted);
        Streams = [.. table.Rows.OrderByDescending(r => r.Traffic.MailedAgain?.Count ?? -1).ThenByDescending(r => r.Traffic.MailedAgain?.Of ?? -1).Take(MostRows)];
        More = table.Rows.Count - Streams.Count;
        Invitations = await Traffic.StreamsOfTypeAsync(access.Domain, MailType.Invitation, Range.From, Range.To, Aborted);
    }
}
