using Postmaster.Fbl.Dns;

namespace Postmaster.Fbl.Spf;

/// <summary>What came of one mechanism or redirect.</summary>
internal readonly record struct SpfMatch
{
    public SpfMatch(bool isMatch) => IsMatch = isMatch;

    public SpfMatch(SpfProblem problem, string? detail = null) => (Problem, Detail) = (problem, detail);

    public bool IsMatch { get; init; }

    public SpfProblem Problem { get; init; }

    /// <summary>Null: the term says it all.</summary>
    public string? Detail { get; init; }

    public string? Target { get; init; }

    public IReadOnlyList<DnsAnswer>? Answers { get; init; }

    public SpfTrace? Inner { get; init; }

    /// <param name="term">As written.</param>
    /// <param name="before">What the check had cost before the term.</param>
    public SpfStep ToStep(string term, SpfOutcome good, SpfCosts costs, (int Lookups, int VoidLookups) before) => new(term, Problem == SpfProblem.None ? good : SpfOutcome.Error)
    {
        Target = Target,
        Lookups = costs.Lookups - before.Lookups,
        VoidLookups = costs.VoidLookups - before.VoidLookups,
        Answers = Answers ?? [],
        Inner = Inner,
    };
}
