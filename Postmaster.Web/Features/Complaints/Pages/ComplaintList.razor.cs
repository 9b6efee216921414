using Microsoft.AspNetCore.Components;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop;

namespace Postmaster.Web.Features.Complaints.Pages;

/// <summary>What was complained about, and where each report went.</summary>
public sealed partial class ComplaintList
{
    private static readonly (string Word, string Label)[] Fates =
        [("queued", "queued"), ("sent", "sent"), ("failed", "failed"), ("cancelled", "cancelled"), ("none", "no address")];

    [SupplyParameterFromQuery(Name = "q")]
    public string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    public string? State { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    public string? PageWord { get; set; }

    private ListPage<ComplaintRow>? Found { get; set; }

    private string ListPath => $"{Path}/complaints";

    private string Wanted => (Search ?? "").Trim() is { Length: <= ComplaintFilter.MaxText } text ? text : "";

    private string? FateWord => Array.Exists(Fates, f => string.Equals(f.Word, State, StringComparison.Ordinal)) ? State : null;

    private ReportFate? Fate => FateWord switch
    {
        "queued" => ReportFate.Queued,
        "sent" => ReportFate.Sent,
        "failed" => ReportFate.Failed,
        "cancelled" => ReportFate.Cancelled,
        "none" => ReportFate.NoAddress,
        _ => null,
    };

    private IReadOnlyList<(string Name, string Value)> Filters
    {
        get
        {
            List<(string, string)> filters = [];
            if (Wanted.Length > 0)
                filters.Add(("q", Wanted));
            if (FateWord is { } fate)
                filters.Add(("state", fate));
            return filters;
        }
    }

    protected override async Task LoadDataAsync(AccessedDomain access) => Found = await Loop.SearchAsync(
        access.ClaimId, access.Domain, new ComplaintFilter(Range.Start, Range.End, Wanted, Fate, PageNumber.Read(PageWord)), Aborted);

    private string PageHref(int page) =>
        $"{ListPath}?{Range.Query}{string.Concat(Filters.Select(f => $"&{f.Name}={Uri.EscapeDataString(f.Value)}"))}{(page > 1 ? $"&page={page}" : "")}";
}
