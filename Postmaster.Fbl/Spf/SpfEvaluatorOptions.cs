namespace Postmaster.Fbl.Spf;

/// <summary>The limits of RFC 7208 §4.6.4, and what it leaves to the receiver.</summary>
public sealed record SpfEvaluatorOptions
{
    /// <summary>Terms that ask DNS, over all records of a check (RFC 7208 §4.6.4): one more is a permerror.</summary>
    public int MaxLookups { get; init; } = 10;

    /// <summary>Terms for which DNS holds nothing (RFC 7208 §4.6.4): one more is a permerror.</summary>
    public int MaxVoidLookups { get; init; } = 2;

    /// <summary>MX records of one mx mechanism (RFC 7208 §4.6.4): one more is a permerror.</summary>
    public int MaxMxNames { get; init; } = 10;

    /// <summary>Names of the client that are looked at for ptr and <c>%{p}</c> (RFC 7208 §4.6.4): further ones are ignored.</summary>
    public int MaxPtrNames { get; init; } = 10;

    /// <summary>How long DNS may take over all; then the result is temperror. RFC 7208 §4.6.4 asks for 20 seconds at least.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The clock for <see cref="MaxTime"/> and <c>%{t}</c>. Null: the platform's timer, and an explanation that wants <c>%{t}</c> is not used.
    /// </summary>
    public TimeProvider? Time { get; init; }

    /// <summary>Our name, for <c>%{r}</c> in explanations (RFC 7208 §7.2).</summary>
    public string ReceivingHost { get; init; } = "unknown";

    /// <summary>Attack: an explanation of 64 KB for the log and the SMTP reply. Characters beyond are cut off.</summary>
    public int MaxExplanationLength { get; init; } = 500;

    /// <summary>How many records stay parsed.</summary>
    public int RecordCacheSize { get; init; } = 4096;
}
