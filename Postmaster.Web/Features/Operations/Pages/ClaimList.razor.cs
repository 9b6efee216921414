using Microsoft.AspNetCore.Components;
using Postmaster.Fbl.Names;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Operations.Pages;

/// <summary>All claims of all accounts.</summary>
public sealed partial class ClaimList
{
    private const int Rows = 50, LongestText = 253;

    [SupplyParameterFromQuery(Name = "q")]
    public string? Search { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    public string? StateWord { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    public string? PageWord { get; set; }

    [Inject]
    private OperatorQueries Queries { get; set; } = default!;

    private ListPage<ClaimRow> Found { get; set; } = default!;
    private ClaimState? State { get; set; }
    private string Wanted => (Search ?? "").Trim() is { Length: <= LongestText } text ? text : "";
    private bool IsFiltered => State is not null || Wanted.Length > 0;

    protected override async Task OnInitializedAsync()
    {
        State = KeptWords.Read<ClaimState>(StateWord);
        Found = await Queries.ClaimsAsync(State, Wanted, PageNumber.Read(PageWord), Rows, Aborted);
    }

    private static string Unicode(string domain) => DomainName.TryParse(domain, out DomainName? name, out _) ? name.Unicode : domain;

    private static string Feedback(ClaimRow row) => row.FeedbackConfirmed switch
    {
        true => "Confirmed",
        false => "Not confirmed yet",
        null => "None",
    };

    private string PageHref(int page)
    {
        List<string> query = [];
        if (Wanted.Length > 0)
            query.Add($"q={Uri.EscapeDataString(Wanted)}");
        if (State is { } state)
            query.Add($"state={KeptWords.Word(state)}");
        if (page > 1)
            query.Add($"page={page}");
        return query.Count == 0 ? "/operator/domains" : $"/operator/domains?{string.Join('&', query)}";
    }
}
