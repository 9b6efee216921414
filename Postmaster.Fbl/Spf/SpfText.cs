namespace Postmaster.Fbl.Spf;

/// <summary>Outside text in words for people: controls and what is not US-ASCII become question marks, and much text is cut.</summary>
internal static class SpfText
{
    private const int MaxLength = 200;

    public static string Printable(string text, int maxLength = MaxLength)
    {
        if (text.Length > maxLength)
            text = text[..maxLength];
        return text.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? string.Create(text.Length, text, static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                    span[i] = source[i] is >= ' ' and <= '~' ? source[i] : '?';
            })
            : text;
    }
}
