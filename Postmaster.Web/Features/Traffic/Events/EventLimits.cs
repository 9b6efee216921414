namespace Postmaster.Web.Features.Traffic.Events;

/// <summary>What one line may be. Feeders are trusted, what they pass on comes from strangers.</summary>
internal static class EventLimits
{
    /// <summary>Octets of a line without its end.</summary>
    public const int Line = 64 * 1024;

    /// <summary>The object, the list of signatures, a signature.</summary>
    public const int Nesting = 3;

    /// <summary>As many as the verifiers look at.</summary>
    public const int Signatures = 20;

    /// <summary>Fields that are not part of the schema; compared with each other for repetitions.</summary>
    public const int UnknownFields = 32;

    /// <summary>RFC 5321 §4.5.3.1: 64 octets of local-part, @, 255 of domain.</summary>
    public const int Address = 320;

    /// <summary>RFC 1035 §2.3.4, with a final dot and U-labels.</summary>
    public const int Name = 1024;

    /// <summary>RFC 5322 §2.1.1: a line of a header.</summary>
    public const int HeaderText = 998;

    /// <summary>The longest text form of IPv6.</summary>
    public const int Ip = 45;

    /// <summary>A word of the schema, a date, a version of TLS.</summary>
    public const int Word = 64;
}
