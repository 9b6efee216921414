using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Components.Charts;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints.Pages;

/// <summary>How a domain stands: its state, complaints per day, the latest reports.</summary>
public sealed partial class DomainOverview
{
    private const int LatestRows = 5;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    private DomainStanding? Standing { get; set; }
    private IReadOnlyList<DayValue> Days { get; set; } = [];
    private IReadOnlyList<ComplaintRow> Latest { get; set; } = [];
    private DateTimeOffset CompleteUntil { get; set; }

    /// <summary>Complaints in as many days before the range; null unless all of them have data.</summary>
    private long? Before { get; set; }

    private long Total => Days.Sum(d => d.Value ?? 0);

    /// <summary>What the total can be held against; where the range begins before the data does, since when there is data.</summary>
    private string Comparison =>
        Before is { } before ? $", {Counted.Number(before)} in the {Counted.Of(Range.Days, "day", "days")} before"
        : Days.Any(d => d.Value is null) && Days.FirstOrDefault(d => d.Value is not null) is { } first ? $", counted since {first.ShortDay}" : "";

    private string Summary
    {
        get
        {
            string sum = $"Complaints per day: {Counted.Of(Total, "complaint", "complaints")} in {Range.Words}";
            DayValue highest = Days.MaxBy(d => d.Value ?? -1)!;
            return Total == 0 ? $"{sum}." : $"{sum}, most on {highest.LongDay}: {Counted.Number(highest.Value ?? 0)}.";
        }
    }

    protected override async Task LoadStateAsync(AccessedDomain access) => Standing = await Loop.StandingAsync(access.ClaimId, Aborted);

    protected override async Task LoadDataAsync(AccessedDomain access)
    {
        IReadOnlyList<ComplaintDay> both = await Complaints.DailyAsync(access.Domain, Range.From.AddDays(-Range.Days), Range.To, Aborted);
        Days = [.. both.Skip(Range.Days).Select(d => new DayValue(d.Day, d.Complaints))];
        List<ComplaintDay> before = [.. both.Take(Range.Days)];
        Before = before.TrueForAll(d => d.Complaints is not null) ? before.Sum(d => d.Complaints) : null;
        CompleteUntil = await Complaints.CompleteUntilAsync(Aborted);
        Latest = (await Loop.SearchAsync(access.ClaimId, access.Domain, new ComplaintFilter(Range.Start, Range.End, PageSize: LatestRows), Aborted)).Rows;
    }
}
