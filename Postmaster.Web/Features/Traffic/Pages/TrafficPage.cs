using Microsoft.AspNetCore.Components;
using Postmaster.Web.Features.Complaints.Pages;
using Postmaster.Web.Features.Domains;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>A page about a domain's traffic in a range of days.</summary>
public abstract class TrafficPage : DataPage
{
    [Inject]
    protected TrafficQueries Traffic { get; set; } = default!;

    protected TrafficFreshness Freshness { get; private set; } = default!;

    protected sealed override async Task LoadDataAsync(AccessedDomain access)
    {
        Freshness = await Traffic.FreshnessAsync(Range.From, Range.To, Aborted);
        await LoadTrafficAsync(access);
    }

    /// <summary>Reads what the page shows; the claim is in force.</summary>
    protected abstract Task LoadTrafficAsync(AccessedDomain access);

    /// <summary>The address of a file with the numbers of this range.</summary>
    protected string Csv(string name, string more = "") => $"{Path}/numbers/{name}.csv?{Range.Query}{more}";
}
