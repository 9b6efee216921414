using Microsoft.AspNetCore.Components;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Domains.Pages;
using Postmaster.Web.Features.FeedbackLoop;

namespace Postmaster.Web.Features.Complaints.Pages;

/// <summary>A page that shows what is known of a domain for a range of days in the URL. Readers may see it; nothing is read while the claim is not in force.</summary>
public abstract class DataPage : DomainPage
{
    [SupplyParameterFromQuery(Name = "range")]
    public string? RangeWord { get; set; }

    [SupplyParameterFromQuery(Name = "from")]
    public string? FromWord { get; set; }

    [SupplyParameterFromQuery(Name = "to")]
    public string? ToWord { get; set; }

    [Inject]
    protected TimeProvider Time { get; set; } = default!;

    [Inject]
    protected ComplaintQueries Complaints { get; set; } = default!;

    [Inject]
    protected FeedbackLoopQueries Loop { get; set; } = default!;

    protected DateRange Range { get; private set; } = default!;

    /// <summary>Why the range in the URL could not be shown; null when it could.</summary>
    protected string? RangeProblem { get; private set; }

    protected string Path => $"/domains/{Access!.Domain}";

    protected override bool OwnersOnly => false;

    protected sealed override async Task LoadAsync(AccessedDomain access)
    {
        var today = DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime);
        _ = DateRange.TryParse(RangeWord, FromWord, ToWord, today, out DateRange range, out string? problem);
        (Range, RangeProblem) = (range, problem);
        await LoadStateAsync(access);
        if (access.IsInForce)
            await LoadDataAsync(access);
    }

    /// <summary>Reads what is shown whatever the state of the claim.</summary>
    protected virtual Task LoadStateAsync(AccessedDomain access) => Task.CompletedTask;

    /// <summary>Reads the data; the claim is in force.</summary>
    protected abstract Task LoadDataAsync(AccessedDomain access);
}
