namespace Postmaster.Fbl.Dns;

/// <summary>How much is remembered, and for how long.</summary>
public sealed record CachingResolverOptions
{
    public int MaxEntries { get; init; } = 20_000;

    /// <summary>Over all entries, roughly, in octets of names and data: stops strangers' 64 KB TXT records from filling the memory.</summary>
    public int MaxOctets { get; init; } = 32 * 1024 * 1024;

    /// <summary>Bounds the TTL of records from above, so that no typing error of a domain owner lives for years.</summary>
    public TimeSpan MaxTtl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Bounds the TTL of absences from above (RFC 2308 §5 finds one to three hours sensible).</summary>
    public TimeSpan MaxNegativeTtl { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Bounds the life of records and absences from below. Zero obeys the owner of the name, who may forbid to keep an answer (RFC 1035 §3.2.1), and
    /// RFC 2308 §5, by which an absence without SOA is not kept; a run of a command over many mails asks once all the same.
    /// </summary>
    public TimeSpan MinTtl { get; init; } = TimeSpan.Zero;

    /// <summary>How long a failure or a time-out is remembered: RFC 9520 §3.2 asks for a second at least and five minutes at most.</summary>
    public TimeSpan FailureTtl { get; init; } = TimeSpan.FromSeconds(5);
}
