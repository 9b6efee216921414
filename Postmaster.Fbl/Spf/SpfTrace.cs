using Postmaster.Fbl.Dns;

namespace Postmaster.Fbl.Spf;

/// <summary>The evaluation of one domain's record: the root of the tree, or what an include or a redirect led to.</summary>
public sealed record SpfTrace
{
    /// <summary>After macros; outside text.</summary>
    public required string Domain { get; init; }

    public required SpfStatus Status { get; init; }

    /// <summary>What ended this evaluation; for an error below, the same as there.</summary>
    public SpfProblem Problem { get; init; }

    /// <summary>See <see cref="SpfResult.Detail"/>.</summary>
    public string? Detail { get; init; }

    /// <summary>What DNS said to the question for TXT.</summary>
    public required DnsAnswer Answer { get; init; }

    /// <summary>The record, one character an octet; outside text. Null when there was not exactly one.</summary>
    public string? Record { get; init; }

    /// <summary>The terms in the order of their evaluation; those behind the deciding one were not looked at and are not here.</summary>
    public IReadOnlyList<SpfStep> Steps { get; init; } = [];

    /// <summary>As <see cref="SpfResult.Mechanism"/>, for this record.</summary>
    public string? Mechanism { get; init; }

    /// <summary>The record that decided: this one, or the one at the end of its redirects. Its <c>exp=</c> counts.</summary>
    internal SpfRecord? Decisive { get; init; }

    /// <summary>Where <see cref="Decisive"/> stands.</summary>
    internal string DecisiveDomain { get; init; } = "";
}

/// <summary>How a term came out.</summary>
public enum SpfOutcome
{
    NoMatch,
    Match,

    /// <summary>redirect=: the other record's result became this one's.</summary>
    Redirected,
    Error,
}

/// <summary>One term of a record, evaluated.</summary>
/// <param name="Term">As written.</param>
public sealed record SpfStep(string Term, SpfOutcome Outcome)
{
    /// <summary>The name that the term is about, after macros; outside text. Null when it is about none, or none could be made.</summary>
    public string? Target { get; init; }

    /// <summary>What the term added to <see cref="SpfResult.Lookups"/>, with all below it.</summary>
    public int Lookups { get; init; }

    /// <summary>What the term added to <see cref="SpfResult.VoidLookups"/>, with all below it.</summary>
    public int VoidLookups { get; init; }

    /// <summary>What DNS said, in order; without the TXT question of an include or redirect, which is in <see cref="Inner"/>.</summary>
    public IReadOnlyList<DnsAnswer> Answers { get; init; } = [];

    /// <summary>The other record of an include or redirect.</summary>
    public SpfTrace? Inner { get; init; }
}
