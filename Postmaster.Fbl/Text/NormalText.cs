using System.Text;

namespace Postmaster.Fbl.Text;

/// <summary>Unicode normalization (UAX #15) of text from outside, which may hold what the platform refuses to normalize.</summary>
public static class NormalText
{
    /// <summary>Halves of surrogate pairs and U+FFFE become U+FFFD.</summary>
    public static string Of(string text, NormalizationForm form)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && !text.Contains('\uFFFE'))
            return text.Normalize(form);
        return string.Concat(text.EnumerateRunes().Select(rune => (rune.Value == 0xFFFE ? Rune.ReplacementChar : rune).ToString())).Normalize(form);
    }
}
