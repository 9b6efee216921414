using System.Net;
using System.Security.Cryptography.X509Certificates;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Hosting.Outward;

/// <summary>The bounds of <see cref="OutwardHttps"/>. Never bound to configuration or to input: only the composition of a program sets them, and only tests have a reason to.</summary>
public sealed record OutwardHttpsOptions
{
    /// <summary>Where connections really go; the target names 443 whatever stands here.</summary>
    public int ConnectPort { get; init; } = 443;

    /// <summary>Which addresses are connected to.</summary>
    public Func<IPAddress, bool> IsAllowed { get; init; } = PublicIp.IsPublic;

    /// <summary>Roots that are trusted instead of the system's; null: the system's.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>From the first DNS question to the last octet; attack: an answer that drips.</summary>
    public TimeSpan TotalTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>One address that swallows packets must not take the time of the others.</summary>
    public TimeSpan ConnectTime { get; init; } = TimeSpan.FromSeconds(4);
}
