using Microsoft.AspNetCore.Components;
using Postmaster.Web.Components.Shared;

namespace Postmaster.Web.Features.Traffic.Intake.Pages;

/// <summary>Who hands in events, and how each does. A new token is in the answer to the form alone, so no address shows it again.</summary>
public sealed partial class FeederList
{
    [CascadingParameter]
    private HttpContext Http { get; set; } = default!;

    [Inject]
    private FeederQueries Feeders { get; set; } = default!;

    [Inject]
    private FeederStore Store { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <summary>What the form of the page before did.</summary>
    [SupplyParameterFromQuery(Name = "done")]
    public string? Done { get; set; }

    [SupplyParameterFromForm(FormName = "create")]
    private NameInput Create { get; set; } = default!;

    private IReadOnlyList<FeederRow> Rows { get; set; } = [];
    private NewFeeder.Made? Made { get; set; }
    private string? Problem { get; set; }
    private string Operator => Http.User.Identity?.Name ?? "";

    private (Tone Tone, string Text)? Notice => Done switch
    {
        "end" => (Tone.Ok, "The feeder was ended: its token lets nobody in any more. What it told stays."),
        "late" => (Tone.Warn, "Nothing was changed: the feeder was ended before."),
        _ => null,
    };

    protected override async Task OnInitializedAsync()
    {
        Create ??= new NameInput();
        Rows = await Feeders.ListAsync(Http.RequestAborted);
    }

    private async Task CreateAsync()
    {
        switch (await Store.CreateAsync(Create.Name, Operator, Http.RequestAborted))
        {
            case NewFeeder.Made made:
                Made = made;
                Create = new NameInput();
                Rows = await Feeders.ListAsync(Http.RequestAborted);
                break;
            case NewFeeder.Refused refused:
                Problem = refused.Reason;
                break;
        }
    }

    private async Task EndAsync()
    {
        IFormCollection form = await Http.Request.ReadFormAsync(Http.RequestAborted);
        bool ended = int.TryParse(form["end"].ToString(), System.Globalization.CultureInfo.InvariantCulture, out int id) && await Store.EndAsync(id, Operator, Http.RequestAborted);
        Navigation.NavigateTo($"/operator/feeders?done={(ended ? "end" : "late")}");
    }

    private static Tone ToneOf(FeederStanding standing) => standing switch
    {
        FeederStanding.Talks => Tone.Ok,
        FeederStanding.Silent => Tone.Bad,
        FeederStanding.NeverHeard => Tone.Warn,
        _ => Tone.Neutral,
    };

    private static string Words(FeederStanding standing) => standing switch
    {
        FeederStanding.Talks => "Talks",
        FeederStanding.Silent => "Silent",
        FeederStanding.NeverHeard => "Never heard",
        _ => "Ended",
    };

    private sealed class NameInput
    {
        public string? Name { get; set; }
    }
}
