using Microsoft.AspNetCore.Components;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>One stream or address: how it stands, how people take it, and what the owner says it is.</summary>
public sealed partial class StreamPage
{
    [Parameter]
    public int Stream { get; set; }

    [SupplyParameterFromForm(FormName = "name")]
    public string? Title { get; set; }

    [SupplyParameterFromForm(FormName = "name")]
    public string? Type { get; set; }

    [Inject]
    private ReputationQueries Verdicts { get; set; } = default!;

    [Inject]
    private StreamStore Store { get; set; } = default!;

    private StreamTraffic? Found { get; set; }
    private TrafficSeries? Series { get; set; }
    private ReputationNow? Reputation { get; set; }

    private string StreamPath => $"{Path}/streams/{Stream}";

    private bool IsIp => Found!.Kind is StreamKind.Ip or StreamKind.Network;

    private string Value => Found!.IsOther ? "Other: all values beyond the limit" : Found.Value;

    private string? DoneWords => Done is "named" ? "Saved. Verdicts take the mail type into account from now on." : null;

    protected override async Task LoadTrafficAsync(AccessedDomain access)
    {
        if (await Traffic.StreamAsync(access.Domain, Stream, Range.From, Range.To, Aborted) is not { } found)
        {
            Navigation.NotFound();
            return;
        }

        (Found, Series) = found;
        Reputation = await Verdicts.StreamNowAsync(access.Domain, Stream, Aborted);
    }

    private async Task NameAsync()
    {
        if (!Access!.CanChange || Found is not { IsOther: false })
            return;
        _ = Enum.TryParse(Type, out MailType type);
        await Store.NameAsync(Access.Domain, Stream, Title, type, Aborted);
        Leave($"streams/{Stream}", "named");
    }
}
