using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Pages;

/// <summary>Whether the mail proves whose it is, and what is sent in the domain's name without any proof.</summary>
public sealed partial class AuthenticationPage
{
    private const int MostSelectors = 20;

    private static readonly (string Name, TrafficCounter Pass, TrafficCounter Known)[] Results =
    [
        ("DKIM passes", TrafficCounter.DkimPass, TrafficCounter.DkimKnown), ("DKIM aligned", TrafficCounter.DkimAligned, TrafficCounter.DkimKnown), ("SPF passes", TrafficCounter.SpfPass, TrafficCounter.SpfKnown),
        ("SPF aligned", TrafficCounter.SpfAligned, TrafficCounter.SpfKnown), ("DMARC passes", TrafficCounter.DmarcPass, TrafficCounter.DmarcKnown), ("TLS", TrafficCounter.Tls, TrafficCounter.TlsKnown),
    ];

    private static readonly Measure[] Failing =
    [
        Measure.Failing("fails DKIM", 1, TrafficCounter.DkimPass, TrafficCounter.DkimKnown), Measure.Failing("fails SPF", 4, TrafficCounter.SpfPass, TrafficCounter.SpfKnown),
        Measure.Failing("fails DMARC", 5, TrafficCounter.DmarcPass, TrafficCounter.DmarcKnown), Measure.Failing("without TLS", 6, TrafficCounter.Tls, TrafficCounter.TlsKnown),
    ];

    private TrafficSeries Series { get; set; } = default!;
    private TrafficSeries Unauthenticated { get; set; } = default!;
    private StreamTable Selectors { get; set; } = default!;

    protected override async Task LoadTrafficAsync(AccessedDomain access)
    {
        Series = await Traffic.DaysAsync(access.Domain, Range.From, Range.To, Aborted);
        Unauthenticated = await Traffic.UnauthenticatedAsync(access.Domain, Range.From, Range.To, Aborted);
        Selectors = await Traffic.StreamsAsync(access.Domain, StreamKind.Selector, Range.From, Range.To, Aborted);
    }
}
