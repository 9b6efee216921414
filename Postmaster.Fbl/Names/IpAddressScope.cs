namespace Postmaster.Fbl.Names;

/// <summary>How far an address reaches, after the special-purpose registries of RFC 6890.</summary>
public enum IpAddressScope
{
    /// <summary>Any host of the Internet may have it.</summary>
    Global,

    /// <summary><c>0.0.0.0</c>, <c>::</c>: no address yet.</summary>
    Unspecified,

    Loopback,

    LinkLocal,

    /// <summary>RFC 1918, and the IPv6 site-local range that RFC 3879 retired.</summary>
    Private,

    /// <summary>IPv6 private networks (RFC 4193).</summary>
    UniqueLocal,

    /// <summary>Between a carrier's customers and its address translators (RFC 6598).</summary>
    CarrierGradeNat,

    Multicast,

    /// <summary>For examples only (RFC 5737, RFC 3849, RFC 9637).</summary>
    Documentation,

    /// <summary>RFC 2544.</summary>
    Benchmarking,

    /// <summary>Held back, retired, or for protocols; no server has it.</summary>
    Reserved,
}
