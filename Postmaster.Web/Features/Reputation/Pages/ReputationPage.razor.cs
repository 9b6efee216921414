using System.Globalization;
using Microsoft.AspNetCore.Components;
using Postmaster.Web.Features.Domains;

namespace Postmaster.Web.Features.Reputation.Pages;

/// <summary>How the verdict on a domain, or on one of its streams, is worked out, with its own numbers put into the formula.</summary>
public sealed partial class ReputationPage
{
    /// <summary>Days of the list of scores, today included: all that the level looks at, and some more.</summary>
    private const int ListedDays = 14;

    /// <summary>The number of a stream of the domain; missing: the whole.</summary>
    [SupplyParameterFromQuery(Name = "stream")]
    public string? StreamWord { get; set; }

    [Inject]
    private ReputationQueries Reputation { get; set; } = default!;

    /// <summary>Null: there is no such stream.</summary>
    private ReputationNow? Now { get; set; }

    private NamedStream? Stream { get; set; }
    private IReadOnlyList<ReputationPoint> Days { get; set; } = [];

    private string Path => $"/domains/{Access!.Domain}/reputation";

    protected override bool OwnersOnly => false;

    protected override async Task LoadAsync(AccessedDomain access)
    {
        if (!access.IsInForce)
            return;
        int? asked = string.IsNullOrEmpty(StreamWord) ? null : int.TryParse(StreamWord, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        if (asked is { } id)
        {
            Stream = await Reputation.StreamAsync(access.Domain, id, Aborted);
            Now = Stream is null ? null : await Reputation.StreamNowAsync(access.Domain, id, Aborted);
            if (Now is null)
                Navigation.NotFound();
        }
        else
        {
            Now = await Reputation.NowAsync(access.Domain, Aborted);
        }

        if (Now?.Verdict is { } verdict)
            Days = await Reputation.SeriesAsync(access.Domain, verdict.Day.AddDays(1 - ListedDays), verdict.Day, Aborted, asked);
    }
}
