using Postmaster.Fbl.Names;
using Postmaster.Web.Hosting.Outward;

namespace Postmaster.Web.Features.Samples;

/// <summary>What a check knows and may use besides the mail, its envelope and DNS.</summary>
public sealed record SampleSurroundings
{
    /// <summary>Fetches the policies that domains publish (RFC 8461); null: they are not fetched.</summary>
    public OutwardHttps? Https { get; init; }

    /// <summary>For the view of RFC 7489; null: that view is not made.</summary>
    public Func<DomainName, DomainName>? PublicSuffixOf { get; init; }

    /// <summary>How whoever asks tells client, envelope sender and HELO; a whole sentence.</summary>
    public string EnvelopeAdvice { get; init; } = "Send the mail to a one-time address instead.";
}
