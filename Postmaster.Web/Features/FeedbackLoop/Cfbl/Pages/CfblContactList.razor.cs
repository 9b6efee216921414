using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Options;
using Postmaster.Web.Components.Shared;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Domains;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl.Pages;

/// <summary>Who was written to because mail asked for it; an operator may stop an address, and let it go on.</summary>
public sealed partial class CfblContactList
{
    private const int Rows = 50;

    [SupplyParameterFromQuery(Name = "page")]
    public string? PageWord { get; set; }

    /// <summary>What the form of the page before did.</summary>
    [SupplyParameterFromQuery(Name = "done")]
    public string? Done { get; set; }

    [Inject]
    private CfblQueries Queries { get; set; } = default!;

    [Inject]
    private CfblContactStore Store { get; set; } = default!;

    [Inject]
    private IOptions<CfblOptions> Options { get; set; } = default!;

    private CfblSummary Summary { get; set; } = default!;
    private ListPage<CfblContactRow> Found { get; set; } = default!;
    private CfblMode Mode => Options.Value.Mode;

    private (Tone Tone, string Text)? Notice => Done switch
    {
        "block" => (Tone.Ok, "The address is blocked. What waited for it was taken out of the queue."),
        "release" => (Tone.Ok, "The address may get reports again."),
        "late" => (Tone.Warn, "Nothing was changed: the address was in that state already, or has refused."),
        _ => null,
    };

    protected override async Task OnInitializedAsync()
    {
        Summary = await Queries.SummaryAsync(Aborted);
        Found = await Queries.ListAsync(PageNumber.Read(PageWord), Rows, Aborted);
    }

    private async Task ActAsync()
    {
        IFormCollection form = await Http.Request.ReadFormAsync(Aborted);
        Guid user = Http.User.PortalId()!.Value;
        string? done = null;
        if (Guid.TryParse(form["block"].ToString(), out Guid blocked))
            done = await Store.BlockAsync(blocked, user, Aborted) ? "block" : null;
        else if (Guid.TryParse(form["release"].ToString(), out Guid released))
            done = await Store.ReleaseAsync(released, user, Aborted) ? "release" : null;
        string here = PageHref(Found.Page);
        Navigation.NavigateTo($"{here}{(here.Contains('?', StringComparison.Ordinal) ? '&' : '?')}done={done ?? "late"}");
    }

    private static (Tone Tone, string Words, DateTimeOffset? Since) StateOf(CfblContactRow row) => row switch
    {
        { RefusedAt: { } at } => (Tone.Neutral, "Refused", at),
        { BlockedAt: { } at } => (Tone.Bad, "Blocked", at),
        { PausedAt: { } at } => (Tone.Bad, "Paused", at),
        { ConfirmedAt: { } at } => (Tone.Ok, "Agreed", at),
        _ => (Tone.Warn, "Not confirmed", null),
    };

    private static string PageHref(int page) => page > 1 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/operator/invited?page={page}") : "/operator/invited";
}
