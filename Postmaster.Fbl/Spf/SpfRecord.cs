using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Spf;

/// <summary>RFC 7208 §4.6.2: what a match means.</summary>
public enum SpfQualifier
{
    Pass,
    Fail,
    SoftFail,
    Neutral,
}

/// <summary>RFC 7208 §5.</summary>
public enum SpfMechanism
{
    All,
    Include,
    A,
    Mx,
    Ptr,
    Ip4,
    Ip6,
    Exists,
}

/// <summary>A domain's SPF record, read without an error anywhere in it (RFC 7208 §4.6).</summary>
public sealed record SpfRecord
{
    internal SpfRecord(string text, IReadOnlyList<SpfDirective> directives) => (Text, Directives) = (text, directives);

    public string Text { get; }

    /// <summary>In the order of the record.</summary>
    public IReadOnlyList<SpfDirective> Directives { get; }

    /// <summary><c>redirect=</c>; null when absent, and also when there is an <c>all</c>, which takes its effect away (RFC 7208 §6.1).</summary>
    public SpfMacro? Redirect { get; init; }

    /// <summary><c>exp=</c>; null when absent.</summary>
    public SpfMacro? Explanation { get; init; }

    /// <summary>The term of <see cref="Redirect"/>.</summary>
    internal string RedirectText => "redirect=" + Redirect?.Text;
}

/// <summary>A mechanism with its qualifier.</summary>
public sealed record SpfDirective
{
    internal SpfDirective(string text, SpfQualifier qualifier, SpfMechanism mechanism)
    {
        (Text, Qualifier, Mechanism) = (text, qualifier, mechanism);
        Matched = new SpfStep(text, SpfOutcome.Match);
        Passed = new SpfStep(text, SpfOutcome.NoMatch);
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    public SpfQualifier Qualifier { get; }

    public SpfMechanism Mechanism { get; }

    /// <summary>The domain-spec; null when the domain under evaluation is meant, or the mechanism has none.</summary>
    public SpfMacro? Target { get; init; }

    /// <summary>Of ip4 and ip6.</summary>
    public IpPrefix Network { get; init; }

    /// <summary>Of a and mx.</summary>
    public int Ip4PrefixLength { get; init; } = 32;

    /// <summary>Of a and mx.</summary>
    public int Ip6PrefixLength { get; init; } = 128;

    /// <summary>The steps of mechanisms that need no DNS are always the same two.</summary>
    internal SpfStep Matched { get; }

    internal SpfStep Passed { get; }

    internal SpfStatus Status => Qualifier switch
    {
        SpfQualifier.Pass => SpfStatus.Pass,
        SpfQualifier.Fail => SpfStatus.Fail,
        SpfQualifier.SoftFail => SpfStatus.SoftFail,
        _ => SpfStatus.Neutral,
    };
}
