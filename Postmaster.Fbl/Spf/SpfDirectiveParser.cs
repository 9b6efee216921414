using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Spf;

/// <summary>Reads what follows a mechanism's name (RFC 7208 §5, §12).</summary>
internal static class SpfDirectiveParser
{
    /// <param name="term">The whole term, qualifier included.</param>
    /// <param name="rest">Empty, or from the colon or slash behind the name.</param>
    public static SpfProblem Read(string term, SpfQualifier qualifier, ReadOnlySpan<char> name, ReadOnlySpan<char> rest, List<SpfDirective> directives)
    {
        if (MechanismOf(name) is not { } mechanism)
            return SpfProblem.UnknownMechanism;
        var directive = new SpfDirective(term, qualifier, mechanism);
        var problem = mechanism switch
        {
            SpfMechanism.All => rest.IsEmpty ? SpfProblem.None : SpfProblem.UnexpectedArgument,
            SpfMechanism.Ip4 or SpfMechanism.Ip6 => ReadNetwork(rest, ref directive),
            SpfMechanism.A or SpfMechanism.Mx => ReadDomainAndLengths(rest, ref directive),
            SpfMechanism.Ptr => rest.IsEmpty ? SpfProblem.None : ReadDomain(rest, ref directive),
            _ => rest.IsEmpty ? SpfProblem.ArgumentMissing : ReadDomain(rest, ref directive),
        };
        directives.Add(directive);
        return problem;
    }

    private static SpfMechanism? MechanismOf(ReadOnlySpan<char> name)
    {
        foreach (var (known, mechanism) in Names)
        {
            if (name.Equals(known, StringComparison.OrdinalIgnoreCase))
                return mechanism;
        }
        return null;
    }

    private static readonly (string Name, SpfMechanism Mechanism)[] Names =
    [
        ("ip4", SpfMechanism.Ip4), ("include", SpfMechanism.Include), ("all", SpfMechanism.All), ("ip6", SpfMechanism.Ip6),
        ("a", SpfMechanism.A), ("mx", SpfMechanism.Mx), ("exists", SpfMechanism.Exists), ("ptr", SpfMechanism.Ptr),
    ];

    private static SpfProblem ReadNetwork(ReadOnlySpan<char> rest, ref SpfDirective directive)
    {
        if (rest.Length < 2 || rest[0] != ':')
            return SpfProblem.ArgumentMissing;
        var text = rest[1..];
        var isIp4 = directive.Mechanism == SpfMechanism.Ip4;
        var bad = isIp4 ? SpfProblem.BadIp4 : SpfProblem.BadIp6;
        if (text.Contains(':') == isIp4)
            return bad;
        if (!IpPrefix.TryParse(text.ToString(), out var network, out var problem))
            return problem.Code is "bad-prefix-length" ? SpfProblem.BadPrefixLength : bad;
        directive = directive with { Network = network };
        return SpfProblem.None;
    }

    private static SpfProblem ReadDomain(ReadOnlySpan<char> rest, ref SpfDirective directive)
    {
        if (rest[0] != ':')
            return SpfProblem.UnexpectedArgument;
        if (!SpfMacroParser.TryParse(rest[1..].ToString(), SpfMacroContext.DomainSpec, out var target, out var problem))
            return problem;
        directive = directive with { Target = target };
        return SpfProblem.None;
    }

    /// <summary>
    /// A domain may itself hold slashes and digits, but it cannot end in them: what looks like a prefix length at the end is one.
    /// </summary>
    private static SpfProblem ReadDomainAndLengths(ReadOnlySpan<char> rest, ref SpfDirective directive)
    {
        var (ip4, ip6) = (32, 128);
        if (TakeLength(ref rest, out var last))
        {
            if (rest.EndsWith("/"))
            {
                ip6 = last;
                rest = rest[..^1];
                if (TakeLength(ref rest, out var first))
                    ip4 = first;
            }
            else
            {
                ip4 = last;
            }
        }
        if (ip4 is < 0 or > 32 || ip6 is < 0 or > 128)
            return SpfProblem.BadPrefixLength;
        directive = directive with { Ip4PrefixLength = ip4, Ip6PrefixLength = ip6 };
        if (rest.IsEmpty)
            return SpfProblem.None;
        return rest[0] == '/' ? SpfProblem.BadPrefixLength : ReadDomain(rest, ref directive);
    }

    /// <summary>Takes a slash and digits off the end. A number that is no prefix length of any kind is -1.</summary>
    private static bool TakeLength(ref ReadOnlySpan<char> rest, out int length)
    {
        length = -1;
        var digits = rest.Length;
        while (digits > 0 && char.IsAsciiDigit(rest[digits - 1]))
            digits--;
        if (digits == 0 || digits == rest.Length || rest[digits - 1] != '/')
            return false;
        var text = rest[digits..];
        rest = rest[..(digits - 1)];
        // RFC 7208 §12: no leading zeros.
        if (text.Length <= 3 && (text.Length == 1 || text[0] != '0'))
            length = int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        return true;
    }
}
