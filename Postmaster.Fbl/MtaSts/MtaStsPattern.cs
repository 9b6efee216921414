using System.Diagnostics.CodeAnalysis;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.MtaSts;

/// <summary>Which MX hosts a policy allows: one name, or every name one label below it (RFC 8461 §3.2, §4.1).</summary>
/// <param name="IsWildcard">Written with <c>*.</c> before the name.</param>
public sealed record MtaStsPattern(DomainName Name, bool IsWildcard)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out MtaStsPattern? pattern)
    {
        bool wildcard = text.StartsWith("*.", StringComparison.Ordinal);
        pattern = DomainName.TryParse(wildcard ? text[2..] : text, out DomainName? name, out _) ? new MtaStsPattern(name, wildcard) : null;
        return pattern is not null;
    }

    /// <summary>RFC 8461 §4.1: the asterisk stands for the whole leftmost label, and for one only.</summary>
    public bool Matches(DomainName host) => IsWildcard ? host.Parent == Name : host == Name;

    public override string ToString() => IsWildcard ? "*." + Name.Ascii : Name.Ascii;
}
