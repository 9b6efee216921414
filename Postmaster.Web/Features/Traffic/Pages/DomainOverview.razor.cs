using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Components.Charts;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Features.Traffic.Compliance;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>How a domain stands, why, and what to do next.</summary>
public sealed partial class DomainOverview
{
    private const int LatestRows = 5;

    /// <summary>The kinds of stream that a sender can stop, and those that at least say where to look.</summary>
    private static readonly StreamKind[] Stoppable = [StreamKind.ListId, StreamKind.Feedback1],
        Telling = [StreamKind.MessageType, StreamKind.Feedback3, StreamKind.Feedback2, StreamKind.EnvelopeDomain, StreamKind.Selector];

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    [Inject]
    private TrafficQueries Traffic { get; set; } = default!;

    [Inject]
    private ReputationQueries Verdicts { get; set; } = default!;

    [Inject]
    private ComplianceQueries Compliance { get; set; } = default!;

    private DomainStanding? Standing { get; set; }
    private TrafficSeries Series { get; set; } = default!;
    private TrafficSeries Unauthenticated { get; set; } = default!;
    private TrafficFreshness Freshness { get; set; } = default!;
    private ReputationNow Reputation { get; set; } = default!;
    private Culprit? Culprit { get; set; }
    private IReadOnlyList<ReputationPoint> Scores { get; set; } = [];
    private IReadOnlyList<DayValue> Complained30 { get; set; } = [];
    private long InPart { get; set; }
    private DateTimeOffset CompleteUntil { get; set; }
    private IReadOnlyList<ComplaintRow> Latest { get; set; } = [];
    private IReadOnlyList<NextThing> Steps { get; set; } = [];

    /// <summary>Complaints in as many days before the range; null unless all of them have data.</summary>
    private long? Before { get; set; }

    /// <summary>The rate of as many days before the range; null: not known or hidden.</summary>
    private Rate? Previous { get; set; }

    private string RateBefore => Previous is { } before ? $", {Percent.Of(before.Value)} in the {Counted.Of(Range.Days, "day", "days")} before" : "";

    /// <summary>Whether how the domain stands comes before everything else: something is missing that reports or data hang on.</summary>
    private bool IsStandingUrgent => Access!.State != ClaimState.Proved || Standing is { IsTold: false };

    /// <summary>What the total can be held against; where the range begins before the data does, since when there is data.</summary>
    private string Comparison =>
        Before is { } before ? $", {Counted.Number(before)} in the {Counted.Of(Range.Days, "day", "days")} before"
        : Complained30.Any(d => d.Value is null) && Complained30.FirstOrDefault(d => d.Value is not null) is { } first ? $", counted since {first.ShortDay}" : "";

    protected override async Task LoadStateAsync(AccessedDomain access) => Standing = await Loop.StandingAsync(access.ClaimId, Aborted);

    protected override async Task LoadDataAsync(AccessedDomain access)
    {
        Series = await Traffic.DaysAsync(access.Domain, Range.From, Range.To, Aborted);
        Previous = (await Traffic.DaysAsync(access.Domain, Range.From.AddDays(-Range.Days), Range.From.AddDays(-1), Aborted)).Total?.Complaints;
        Unauthenticated = await Traffic.UnauthenticatedAsync(access.Domain, Range.From, Range.To, Aborted);
        Freshness = await Traffic.FreshnessAsync(Range.From, Range.To, Aborted);
        (Reputation, Scores, Culprit) = await Verdicts.OverviewAsync(access.Domain, Range.From, Range.To, [Stoppable, Telling], Aborted);
        await LoadComplaintsAsync(access);
        Steps = OverviewSteps.Of(new OverviewFacts(Path, access.Domain, access.CanChange, Standing, Series.Total, Unauthenticated.Total, Reputation, Culprit, Freshness, await Compliance.DnsAsync(access.Domain, Aborted)));
    }

    private async Task LoadComplaintsAsync(AccessedDomain access)
    {
        IReadOnlyList<ComplaintDay> both = await Complaints.DailyAsync(access.Domain, Range.From.AddDays(-Range.Days), Range.To, Aborted);
        Complained30 = [.. both.Skip(Range.Days).Select(d => new DayValue(d.Day, d.Complaints))];
        InPart = both.Skip(Range.Days).Sum(d => d.InPart);
        List<ComplaintDay> before = [.. both.Take(Range.Days)];
        CompleteUntil = await Complaints.CompleteUntilAsync(Aborted);
        Before = before.TrueForAll(d => d.Complaints is not null) ? before.Sum(d => d.Complaints) : null;
        Latest = (await Loop.SearchAsync(access.ClaimId, access.Domain, new ComplaintFilter(Range.Start, Range.End, PageSize: LatestRows), Aborted)).Rows;
    }
}
