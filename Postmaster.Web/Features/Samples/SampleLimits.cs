using Microsoft.Extensions.Options;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Samples;

/// <summary>How often somebody may have a mail checked: each check asks DNS many questions and keeps a mail on the disk.</summary>
public sealed class SampleLimits(IOptions<SamplesOptions> options) : IDisposable
{
    /// <summary>
    /// Unsubscriptions an hour by one viewer, and towards one host by all of them. Attack: a mail that somebody signs himself names another's server, and
    /// the button knocks there in our name.
    /// </summary>
    private const int OneClicksPerHour = 10, OneClicksPerHostAndHour = 30;

    private readonly FixedWindow _accounts = FixedWindow.PerHour(options.Value.PerHour);
    private readonly FixedWindow _networks = FixedWindow.PerHour(options.Value.AnonymousPerHour);
    private readonly FixedWindow _oneClicks = FixedWindow.PerHour(OneClicksPerHour);
    private readonly FixedWindow _oneClickHosts = FixedWindow.PerHour(OneClicksPerHostAndHour);

    /// <summary>Counts one press; false when there were too many in the hour.</summary>
    public bool AllowsOneClick(SampleViewer viewer, HttpContext context, string host) =>
        _oneClicks.Allows(viewer.AccountId?.ToString("N") ?? ClientNetwork.Of(context)) && _oneClickHosts.Allows(host);

    /// <summary>Counts one check or one-time address; false when there were too many in the hour.</summary>
    public bool Allows(SampleViewer viewer, HttpContext context) =>
        viewer.AccountId is { } account ? _accounts.Allows(account.ToString("N")) : _networks.Allows(ClientNetwork.Of(context));

    public void Dispose()
    {
        _accounts.Dispose();
        _networks.Dispose();
        _oneClicks.Dispose();
        _oneClickHosts.Dispose();
    }
}
