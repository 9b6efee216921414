using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Components.Charts;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Features.Reputation.Pages;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Features.Traffic.Pages;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains.Pages;

/// <summary>Are my domains all right? And where a new one begins.</summary>
public sealed partial class DomainList
{
    [SupplyParameterFromForm(FormName = "add")]
    public string? Name { get; set; }

    [SupplyParameterFromQuery]
    public string? Done { get; set; }

    [Inject]
    private DomainQueries Queries { get; set; } = default!;

    [Inject]
    private ClaimStore Store { get; set; } = default!;

    [Inject]
    private ClaimChecks Checks { get; set; } = default!;

    [Inject]
    private IOptions<ProviderOptions> Provider { get; set; } = default!;

    [Inject]
    private ComplaintQueries Complaints { get; set; } = default!;

    [Inject]
    private ReputationQueries Reputation { get; set; } = default!;

    [Inject]
    private TrafficQueries Traffic { get; set; } = default!;

    [Inject]
    private TimeProvider Time { get; set; } = default!;

    private IReadOnlyList<DomainRow> Rows { get; set; } = [];

    /// <summary>Complaints a day of the domains whose claim is in force.</summary>
    private Dictionary<string, IReadOnlyList<DayValue>> Daily { get; } = new(StringComparer.Ordinal);

    /// <summary>Verdicts of the domains of which anything is counted.</summary>
    private IReadOnlyDictionary<string, ReputationLine> Lines { get; set; } = new Dictionary<string, ReputationLine>(StringComparer.Ordinal);

    private IReadOnlyDictionary<string, VisibleTraffic> Totals { get; set; } = new Dictionary<string, VisibleTraffic>(StringComparer.Ordinal);

    private string? Problem { get; set; }
    private string? Suggestion { get; set; }

    private string? DoneWords => Done switch
    {
        "removed" => "The domain was removed. Its reports have stopped; you can add it again at any time.",
        "left" => "You have left the domain.",
        _ => null,
    };

    protected override async Task OnInitializedAsync()
    {
        Rows = await Queries.ListAsync(Http.User, Aborted);
        var today = DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime);
        List<string> inForce = [.. Rows.Where(r => r.IsInForce).Select(r => r.Domain)];
        foreach ((string domain, IReadOnlyList<ComplaintDay> days) in await Complaints.DailyAsync(inForce, today.AddDays(1 - DomainQueries.ListDays), today, Aborted))
            Daily[domain] = [.. days.Select(d => new DayValue(d.Day, d.Complaints))];
        Lines = await Reputation.LinesAsync(inForce, DomainQueries.ListDays, Aborted);
        Totals = await Traffic.TotalsAsync(inForce, today.AddDays(1 - DomainQueries.ListDays), today, Aborted);
    }

    /// <summary>Whether deliveries are known: then complaints are told as a rate, from enough recipients on.</summary>
    private bool HasRate(DomainRow row) => Totals.GetValueOrDefault(row.Domain) is { Messages: > 0 };

    /// <summary>The rate where deliveries are known, else the number.</summary>
    private string Complaints30(DomainRow row) => Totals.GetValueOrDefault(row.Domain) switch
    {
        { Messages: > 0 } total when total.WhyHidden(TrafficCounter.Complaint) is { } why => $"hidden: {why.Words}",
        { Complaints: { } rate } total => Percent.Of(rate.Value, rate.Interval.Low, rate.Interval.High) + TrafficWords.PartOnly(total),
        _ => row.Complaints is { } count ? Counted.Number(count) : "not shown",
    };

    private static string ScoreWords(ReputationLine line)
    {
        List<double> scores = [.. line.Days.Select(d => d.Score).OfType<double>()];
        return $"Score in {DomainQueries.ListDays} days: from {ReputationWords.Score(scores[0])} to {ReputationWords.Score(scores[^1])}, lowest {ReputationWords.Score(scores.Min())}.";
    }

    private async Task AddAsync()
    {
        switch (await Store.AddAsync(Http.User.PortalId()!.Value, Name, Aborted))
        {
            case AddClaimResult.Added added:
                // The page that follows says what DNS answers right now.
                await Checks.CheckNowAsync(added.ClaimId, Aborted);
                Navigation.NavigateTo($"/domains/{added.Domain}/ownership?done=added");
                break;
            case AddClaimResult.Already already:
                Navigation.NavigateTo($"/domains/{already.Domain}/ownership?done=already");
                break;
            case AddClaimResult.Refused refused:
                Problem = ClaimWords.Of(refused.Problem, Provider.Value.Name);
                Suggestion = refused.Suggestion is null ? null : Unicode(refused.Suggestion);
                break;
        }
    }

    private static string Unicode(string domain) => DomainName.TryParse(domain, out DomainName? name, out _) ? name.Unicode : domain;
}
