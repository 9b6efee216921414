using System.Text;

namespace Postmaster.Fbl.Authentication;

/// <summary>Walks over a structured field's value: comments, quoted strings and bare words (RFC 5322 §3.2). Never recurses.</summary>
internal ref struct StructuredCursor(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> _text = text;

    public int Position { get; private set; }

    public readonly bool AtEnd => Position >= _text.Length;

    /// <summary>The character at hand; NUL at the end.</summary>
    public readonly char Current => AtEnd ? '\0' : _text[Position];

    public bool TryTake(char expected)
    {
        if (AtEnd || Current != expected)
            return false;
        Position++;
        return true;
    }

    /// <summary>White space and comments, which nest. False when a comment is not closed; the cursor is then at the end.</summary>
    public bool TrySkipCfws()
    {
        var depth = 0;
        for (; Position < _text.Length; Position++)
        {
            var c = _text[Position];
            if (c == '(')
                depth++;
            else if (depth == 0 && !IsSpace(c))
                return true;
            else if (c == ')' && depth > 0)
                depth--;
            else if (c == '\\' && depth > 0)
                Position++;
        }
        Position = _text.Length;
        return depth == 0;
    }

    /// <summary>Characters up to white space, a comment, a semicolon or one of <paramref name="stops"/>; may be empty.</summary>
    public ReadOnlySpan<char> TakeWord(ReadOnlySpan<char> stops)
    {
        var start = Position;
        while (!AtEnd && !IsSpace(Current) && Current is not (';' or '(' or '"') && !stops.Contains(Current))
            Position++;
        return _text[start..Position];
    }

    /// <summary>A value: bare text, quoted text, or both in a row as in <c>"john doe"@example.org</c>; quotes and backslashes are taken off.</summary>
    public bool TryTakeValue(out string value)
    {
        value = "";
        var first = TakeWord([]);
        if (Current != '"')
        {
            value = first.ToString();
            return value.Length > 0;
        }

        var joined = new StringBuilder().Append(first);
        while (TryTake('"'))
        {
            while (!AtEnd && Current != '"')
            {
                if (Current == '\\' && Position + 1 < _text.Length)
                    Position++;
                joined.Append(Current);
                Position++;
            }
            if (!TryTake('"'))
                return false;
            joined.Append(TakeWord([]));
        }
        value = joined.ToString();
        return true;
    }

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';
}
