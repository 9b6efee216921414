using System.Diagnostics.CodeAnalysis;
using System.Text;
using Postmaster.Fbl.Dns;

namespace Postmaster.Fbl.Spf;

/// <summary>
/// Reads a whole record before any of it is evaluated, so that an error anywhere in it is found (RFC 7208 §4.6). The grammar is that of
/// RFC 7208 §12; modifiers that nobody knows are held to its syntax and then passed over.
/// </summary>
public static class SpfRecordParser
{
    /// <summary>Attack: a TXT record of 64 KB with ten thousand terms. RFC 7208 §3.4 advises against more than 512.</summary>
    public const int MaxRecordOctets = 16 * 1024;

    private const int VersionLength = 6;

    /// <summary>RFC 7208 §4.5: the version is the whole record, or a space follows it.</summary>
    public static bool IsRecord(ReadOnlySpan<byte> octets)
        => octets.Length >= VersionLength && Ascii.EqualsIgnoreCase(octets[..VersionLength], "v=spf1"u8)
            && (octets.Length == VersionLength || octets[VersionLength] == ' ');

    /// <param name="octets">The strings of one TXT record, joined without a space, for which <see cref="IsRecord"/> is true.</param>
    /// <param name="error">The first one from the left.</param>
    public static bool TryParse(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out SpfRecord? record, out SpfSyntaxError error)
        => TryParse(Encoding.Latin1.GetString(octets), out record, out error);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out SpfRecord?, out SpfSyntaxError)"/>
    public static bool TryParse(string text, [NotNullWhen(true)] out SpfRecord? record, out SpfSyntaxError error)
    {
        record = null;
        if (text.Length > MaxRecordOctets)
        {
            error = new SpfSyntaxError(SpfProblem.RecordTooLong, MaxRecordOctets, "");
            return false;
        }

        var directives = new List<SpfDirective>();
        SpfMacro? redirect = null, explanation = null;
        for (var at = VersionLength; at < text.Length;)
        {
            if (text[at] == ' ')
            {
                at++;
                continue;
            }
            var length = text.AsSpan(at).IndexOf(' ');
            var term = length < 0 ? text[at..] : text.Substring(at, length);
            var problem = ReadTerm(term, directives, ref redirect, ref explanation);
            if (problem != SpfProblem.None)
            {
                error = new SpfSyntaxError(problem, at, term);
                return false;
            }
            at += term.Length;
        }

        record = new SpfRecord(text, directives)
        {
            // RFC 7208 §6.1: an all anywhere in the record takes the effect from redirect=.
            Redirect = directives.Exists(d => d.Mechanism == SpfMechanism.All) ? null : redirect,
            Explanation = explanation,
        };
        error = default;
        return true;
    }

    /// <summary>RFC 7208 §4.5: the record among the texts of a name; null unless there is exactly one.</summary>
    internal static byte[]? Select(DnsAnswer answer, out int count)
    {
        byte[]? found = null;
        count = 0;
        for (var i = 0; i < answer.Records.Count; i++)
        {
            if (answer.Records[i] is TxtRecord txt && txt.Joined is var octets && IsRecord(octets))
                found = ++count == 1 ? octets : null;
        }
        return found;
    }

    private static SpfProblem ReadTerm(string term, List<SpfDirective> directives, ref SpfMacro? redirect, ref SpfMacro? explanation)
    {
        // RFC 7208 §4.6.1, §7.1: terms hold visible US-ASCII, and spaces alone part them.
        if (term.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return SpfProblem.BadCharacter;
        var qualifier = QualifierOf(term[0]);
        var start = qualifier is null ? 0 : 1;
        var end = start;
        while (end < term.Length && IsNameCharacter(term[end], end == start))
            end++;
        if (end == start)
            return SpfProblem.BadTerm;
        if (end == term.Length || term[end] is ':' or '/')
            return SpfDirectiveParser.Read(term, qualifier ?? SpfQualifier.Pass, term.AsSpan(start, end - start), term.AsSpan(end), directives);
        // RFC 7208 §4.6.1: what has an equals sign behind its name is a modifier, and modifiers take no qualifier.
        return term[end] == '=' && qualifier is null
            ? ReadModifier(term.AsSpan(0, end), term[(end + 1)..], ref redirect, ref explanation)
            : SpfProblem.BadTerm;
    }

    private static SpfProblem ReadModifier(ReadOnlySpan<char> name, string value, ref SpfMacro? redirect, ref SpfMacro? explanation)
    {
        if (name.Equals("redirect", StringComparison.OrdinalIgnoreCase))
            return ReadOnce(value, ref redirect);
        if (name.Equals("exp", StringComparison.OrdinalIgnoreCase))
            return ReadOnce(value, ref explanation);
        // RFC 7208 §6: unknown modifiers are ignored, but have to be macro-strings.
        return SpfMacroParser.TryParse(value, SpfMacroContext.UnknownModifier, out _, out var problem) ? SpfProblem.None : problem;
    }

    private static SpfProblem ReadOnce(string value, ref SpfMacro? macro)
    {
        if (macro is not null)
            return SpfProblem.RepeatedModifier; // RFC 7208 §6
        return SpfMacroParser.TryParse(value, SpfMacroContext.DomainSpec, out macro, out var problem) ? SpfProblem.None : problem;
    }

    private static SpfQualifier? QualifierOf(char c) => c switch
    {
        '+' => SpfQualifier.Pass,
        '-' => SpfQualifier.Fail,
        '~' => SpfQualifier.SoftFail,
        '?' => SpfQualifier.Neutral,
        _ => null,
    };

    private static bool IsNameCharacter(char c, bool first) => char.IsAsciiLetter(c) || (!first && (char.IsAsciiDigit(c) || c is '-' or '_' or '.'));
}

/// <summary>Where a record breaks the grammar.</summary>
/// <param name="Offset">Of the term, in octets of the record.</param>
/// <param name="Term">The term as written, one character an octet: outside text, not yet safe for a page or a terminal.</param>
public readonly record struct SpfSyntaxError(SpfProblem Problem, int Offset, string Term);
