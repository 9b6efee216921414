using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dkim;

/// <summary>What RFC 6376 leaves to the verifier.</summary>
public sealed record DkimVerifierOptions
{
    /// <summary>Attack: thousands of signatures on one message, each with its DNS query (RFC 6376 §8.4). Counted from the top.</summary>
    public int MaxSignatures { get; init; } = 16;

    /// <summary>RFC 6376 §3.6.2.2 leaves open what several TXT records mean; so many are tried.</summary>
    public int MaxKeyRecords { get; init; } = 3;

    /// <summary>How far clocks may differ when <c>t=</c> and <c>x=</c> are judged.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How many keys stay imported.</summary>
    public int KeyCacheSize { get; init; } = 1024;

    /// <summary>
    /// Names under which strangers register domains and which therefore sign for nobody (RFC 6376 §6.1.1 lets a verifier refuse them).
    /// A single label is always refused.
    /// </summary>
    public IReadOnlySet<DomainName> RefusedDomains { get; init; } = Registries;

    private static readonly HashSet<DomainName> Registries =
    [
        .. new[]
        {
            "ac.uk", "co.uk", "gov.uk", "org.uk", "com.au", "net.au", "org.au", "co.nz", "co.za", "co.jp", "ne.jp", "or.jp",
            "co.kr", "co.in", "com.br", "com.ar", "com.mx", "com.cn", "com.hk", "com.sg", "com.tw", "com.tr", "com.pl", "com.ua",
        }.Select(DomainName.Parse),
    ];
}
