using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Spf;

/// <summary>A macro-string (RFC 7208 §7): a name or a text in which parts stand for the client, the sender and the domain.</summary>
public sealed class SpfMacro
{
    /// <summary>RFC 7208 §7.3: longer names lose labels on the left.</summary>
    internal const int MaxNameLength = 253;

    private readonly SpfMacroPart[] _parts;
    
    internal SpfMacro(string text, SpfMacroPart[] parts)
    {
        (Text, _parts) = (text, parts);
        UsesLocalPart = Array.Exists(parts, p => p.Letter is 's' or 'l');
        UsesClientName = Array.Exists(parts, p => p.Letter == 'p');
        if (Array.TrueForAll(parts, p => p.Literal is not null))
            ConstantName = Fit(string.Concat(parts.Select(p => p.Literal)));
    }

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>It stays the same for every message.</summary>
    public bool IsConstant => ConstantName is not null;

    /// <summary>The name, when it is the same for every message.</summary>
    internal string? ConstantName { get; }

    /// <summary>Holds <c>%{s}</c> or <c>%{l}</c>.</summary>
    internal bool UsesLocalPart { get; }

    /// <summary>Holds <c>%{p}</c>, which asks DNS.</summary>
    internal bool UsesClientName { get; }

    /// <summary>Holds <c>%{t}</c>.</summary>
    internal bool UsesTime => Array.Exists(_parts, p => p.Letter == 't');

    public override string ToString() => Text;

    /// <summary>A name to ask DNS for: without the dot at its end, and of a long one the right-hand labels. It may still be none that DNS can hold.</summary>
    internal string ExpandName(SpfMacroValues values)
    {
        // From the right, because only the last 253 characters can count: an endless record makes no endless name.
        var pieces = new Stack<string>();
        var length = 0;
        for (var i = _parts.Length - 1; i >= 0 && length <= MaxNameLength + 1; i--)
        {
            var piece = _parts[i].Expand(values);
            length += piece.Length;
            pieces.Push(piece);
        }
        return Fit(string.Concat(pieces));
    }

    /// <summary>A text of at most <paramref name="maxLength"/> characters.</summary>
    internal string ExpandText(SpfMacroValues values, int maxLength)
    {
        var text = new System.Text.StringBuilder();
        foreach (var part in _parts)
        {
            text.Append(part.Expand(values));
            if (text.Length > maxLength)
                return text.ToString(0, maxLength);
        }
        return text.ToString();
    }

    private static string Fit(string name)
    {
        if (name.EndsWith('.'))
            name = name[..^1];
        while (name.Length > MaxNameLength && name.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0)
            name = name[(dot + 1)..];
        return name;
    }
}

/// <param name="Literal">Text that stands for itself; null for a macro.</param>
/// <param name="Letter">In lower case; NUL for a literal.</param>
/// <param name="Escape">The letter was a capital one: the value is escaped as in a URL (RFC 7208 §7.3).</param>
/// <param name="Keep">How many of the right-hand parts stay; 0 for all.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SpfMacroPart(string? Literal, char Letter, bool Escape, int Keep, bool Reverse, string Delimiters)
{
    public string Expand(SpfMacroValues values)
    {
        if (Literal is not null)
            return Literal;
        var value = values.Of(Letter);
        if (Keep > 0 || Reverse || Delimiters is not ".")
            value = Transform(value);
        return Escape ? Uri.EscapeDataString(value) : value;
    }

    /// <summary>RFC 7208 §7.3: split, reverse, keep the right-hand parts, join with dots.</summary>
    private string Transform(string value)
    {
        var parts = value.Split(Delimiters.ToCharArray());
        if (Reverse)
            Array.Reverse(parts);
        return string.Join('.', Keep > 0 && Keep < parts.Length ? parts[^Keep..] : parts);
    }
}
