using Postmaster.Fbl.Dns;

namespace Postmaster.Fbl.Spf;

/// <summary>Turns domain-specs into names and explanations into text: gets what their macros need (RFC 7208 §7).</summary>
internal sealed class SpfTargets(SpfSession session, SpfClientNames names, SpfCosts costs, SpfEvaluatorOptions options)
{
    /// <summary>RFC 8616 §4: a local-part beyond US-ASCII makes a term that speaks of it match nothing.</summary>
    public bool CanExpand(SpfMacro spec) => session.HasAsciiLocalPart || !spec.UsesLocalPart;

    /// <summary>The name that a term is about; null when <c>%{p}</c> in it was one look-up too many (RFC 7208 §4.6.4).</summary>
    /// <param name="domain">The domain under evaluation.</param>
    /// <param name="answers">What DNS says on the way is added.</param>
    public ValueTask<string?> ExpandAsync(SpfMacro spec, string domain, List<DnsAnswer> answers)
    {
        if (spec.UsesClientName && !names.AreAsked && !costs.TryCountLookup())
            return ValueTask.FromResult<string?>(null);
        return NameAsync(spec, domain, answers);
    }

    /// <summary>The same outside of the limits: where an explanation stands (RFC 7208 §4.6.4 does not count that).</summary>
    public async ValueTask<string?> NameAsync(SpfMacro spec, string domain, List<DnsAnswer> answers)
        => spec.IsConstant ? spec.ConstantName : spec.ExpandName(await ValuesAsync(spec, domain, answers));

    /// <summary>A text for people, made of an explanation; null when the clock that it asks for is not there.</summary>
    public async ValueTask<string?> TextAsync(SpfMacro explanation, string domain)
    {
        if (explanation.UsesTime && options.Time is null)
            return null;
        return explanation.ExpandText(await ValuesAsync(explanation, domain, []), options.MaxExplanationLength);
    }

    private async ValueTask<SpfMacroValues> ValuesAsync(SpfMacro macro, string domain, List<DnsAnswer> answers)
    {
        var clientName = macro.UsesClientName ? await names.BestForAsync(domain, answers) : null;
        return new SpfMacroValues(session, domain, clientName, options.ReceivingHost, macro.UsesTime ? options.Time?.GetUtcNow() : null);
    }
}
