using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Postmaster.Fbl.Spf;

/// <summary>Where a macro-string stands, which decides what it may hold.</summary>
internal enum SpfMacroContext
{
    /// <summary>Has to end like a domain (RFC 7208 §7.1, domain-end); no <c>%{c}</c>, <c>%{r}</c>, <c>%{t}</c> (RFC 7208 §7.2).</summary>
    DomainSpec,

    /// <summary>Every letter.</summary>
    UnknownModifier,

    /// <summary>The text that exp= leads to: every letter, and spaces.</summary>
    Explanation,
}

/// <summary>Reads macro-strings (RFC 7208 §7.1).</summary>
internal static class SpfMacroParser
{
    /// <summary>RFC 7208 §7.1: values up to 127 have to work, and no name has more labels.</summary>
    private const int MaxKeep = 127;

    private const string Delimiters = ".-+,/_=";

    public static bool TryParse(string text, SpfMacroContext context, [NotNullWhen(true)] out SpfMacro? macro, out SpfProblem problem)
    {
        macro = null;
        problem = SpfProblem.None;
        var parts = new List<SpfMacroPart>();
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            if (text[i] != '%')
            {
                if (text[i] is not ((> ' ' and <= '~') or ' ') || (text[i] == ' ' && context != SpfMacroContext.Explanation))
                    return Refuse(SpfProblem.BadCharacter, out problem);
                literal.Append(text[i++]);
                continue;
            }
            if (i + 1 < text.Length && Escaped(text[i + 1]) is { } escaped)
            {
                literal.Append(escaped);
                i += 2;
                continue;
            }
            FlushLiteral(parts, literal);
            if (!TryReadMacro(text, ref i, context, out var part))
                return Refuse(SpfProblem.BadMacro, out problem);
            parts.Add(part);
        }
        FlushLiteral(parts, literal);
        if (context == SpfMacroContext.DomainSpec && JudgeEnd(text) is var end and not SpfProblem.None)
            return Refuse(end, out problem);
        macro = new SpfMacro(text, [.. parts]);
        return true;
    }

    private static string? Escaped(char c) => c switch
    {
        '%' => "%",
        '_' => " ",
        '-' => "%20",
        _ => null,
    };

    private static bool TryReadMacro(string text, ref int i, SpfMacroContext context, out SpfMacroPart part)
    {
        part = default;
        if (i + 2 >= text.Length || text[i + 1] != '{')
            return false;
        var letter = char.ToLowerInvariant(text[i + 2]);
        var letters = context == SpfMacroContext.DomainSpec ? "slodipvh" : "slodipvhcrt";
        if (!letters.Contains(letter, StringComparison.Ordinal))
            return false;
        var escape = char.IsAsciiLetterUpper(text[i + 2]);
        i += 3;
        var (keep, digits) = (0, 0);
        for (; i < text.Length && char.IsAsciiDigit(text[i]); i++, digits++)
            keep = Math.Min((keep * 10) + (text[i] - '0'), MaxKeep);
        if (digits > 0 && keep == 0)
            return false; // RFC 7208 §7.1: the number must not be zero
        var reverse = i < text.Length && text[i] is 'r' or 'R';
        if (reverse)
            i++;
        var start = i;
        while (i < text.Length && Delimiters.Contains(text[i], StringComparison.Ordinal))
            i++;
        if (i >= text.Length || text[i] != '}')
            return false;
        part = new SpfMacroPart(null, letter, escape, keep, reverse, i == start ? "." : text[start..i]);
        i++;
        return true;
    }

    /// <summary>RFC 7208 §7.1, domain-end: a macro, or a dot and a top label.</summary>
    private static SpfProblem JudgeEnd(string text)
    {
        if (EndsInMacro(text))
            return SpfProblem.None;
        var name = text.EndsWith('.') ? text.AsSpan(0, text.Length - 1) : text;
        var dot = name.LastIndexOf('.');
        var top = name[(dot + 1)..];
        // A delimiter dot inside of the last macro's braces is no dot of the name.
        if (dot < 0 || top.IsEmpty || top[0] == '-' || top[^1] == '-')
            return SpfProblem.BadDomainSpec;
        foreach (var c in top)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '-')
                return SpfProblem.BadDomainSpec;
        }
        if (top.ContainsAnyExceptInRange('0', '9'))
            return SpfProblem.None;
        return Names.StrictIpAddress.TryParse(name, out _) ? SpfProblem.AddressAsDomain : SpfProblem.BadDomainSpec;
    }

    /// <summary>The text has been read, so every percent sign begins a macro or an escape.</summary>
    private static bool EndsInMacro(string text)
    {
        var i = 0;
        while (i < text.Length)
        {
            var length = text[i] != '%' ? 1 : text[i + 1] == '{' ? text.IndexOf('}', i) + 1 - i : 2;
            if (i + length == text.Length)
                return text[i] == '%';
            i += length;
        }
        return false;
    }

    private static void FlushLiteral(List<SpfMacroPart> parts, StringBuilder literal)
    {
        if (literal.Length > 0)
            parts.Add(new SpfMacroPart(literal.ToString(), '\0', Escape: false, 0, Reverse: false, "."));
        literal.Clear();
    }

    private static bool Refuse(SpfProblem found, out SpfProblem problem)
    {
        problem = found;
        return false;
    }
}
