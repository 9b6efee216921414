namespace Postmaster.Fbl.Spf;

/// <summary>What one check has cost so far, over all of its records (RFC 7208 §4.6.4).</summary>
internal sealed class SpfCosts(SpfEvaluatorOptions options)
{
    public int Lookups { get; private set; }

    public int VoidLookups { get; private set; }

    /// <summary>Counts a term that asks DNS, before it asks; false when it must not.</summary>
    public bool TryCountLookup() => ++Lookups <= options.MaxLookups;

    /// <summary>Counts a term for which DNS held nothing.</summary>
    /// <returns>The problem, if it was one too many.</returns>
    public SpfProblem CountVoid() => ++VoidLookups <= options.MaxVoidLookups ? SpfProblem.None : SpfProblem.TooManyVoidLookups;
}
