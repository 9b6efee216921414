using System.Text;

namespace Postmaster.Fbl.Text;

/// <summary>Writes encoded words (RFC 2047) in UTF-8, each whole characters and at most 75 long (§2, §5).</summary>
internal static class EncodedWordWriter
{
    private const int MaxEncodedWord = 75;
    private const int Frame = 12; // "=?utf-8?Q?" and "?="

    /// <summary>A plain word beyond this could not stay under 998 together with its field's name.</summary>
    private const int MaxPlainWord = 900;

    /// <summary>The words of a text: plain ones as they are, runs of others as encoded words that hold the spaces between them.</summary>
    public static List<string> Words(string text)
    {
        var result = new List<string>();
        var run = new List<string>();
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (NeedsEncoding(word))
            {
                run.Add(word);
                continue;
            }
            EndRun(result, run);
            result.Add(word);
        }
        EndRun(result, run);
        return result;
    }

    /// <param name="text">Not empty.</param>
    /// <param name="phrase">In a phrase fewer characters may stand for themselves (§5 (3)).</param>
    public static List<string> Encode(string text, bool phrase)
    {
        var words = new List<string>();
        var useQ = CostOfQ(text, phrase) <= (Encoding.UTF8.GetByteCount(text) + 2) / 3 * 4;
        var content = new StringBuilder();
        var pending = new List<byte>();
        Span<byte> octets = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var count = rune.EncodeToUtf8(octets);
            if (useQ)
            {
                var piece = Q(octets[..count], phrase);
                if (content.Length + piece.Length > MaxEncodedWord - Frame)
                    words.Add(Framed('Q', content));
                content.Append(piece);
                continue;
            }
            if ((pending.Count + count + 2) / 3 * 4 > MaxEncodedWord - Frame)
            {
                content.Append(Convert.ToBase64String([.. pending]));
                words.Add(Framed('B', content));
                pending.Clear();
            }
            pending.AddRange(octets[..count]);
        }
        if (!useQ)
            content.Append(Convert.ToBase64String([.. pending]));
        words.Add(Framed(useQ ? 'Q' : 'B', content));
        return words;
    }

    private static bool NeedsEncoding(string word) =>
        word.Length > MaxPlainWord || !Ascii.IsValid(word) || word.Contains("=?", StringComparison.Ordinal);

    private static void EndRun(List<string> result, List<string> run)
    {
        if (run.Count > 0)
            result.AddRange(Encode(string.Join(' ', run), phrase: false));
        run.Clear();
    }

    private static string Framed(char encoding, StringBuilder content)
    {
        var word = $"=?utf-8?{encoding}?{content}?=";
        content.Clear();
        return word;
    }

    private static int CostOfQ(string text, bool phrase)
    {
        var cost = 0;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
            cost += IsPlain(octet, phrase) ? 1 : 3;
        return cost;
    }

    private static string Q(ReadOnlySpan<byte> octets, bool phrase)
    {
        if (octets.Length == 1 && IsPlain(octets[0], phrase))
            return octets[0] == ' ' ? "_" : ((char)octets[0]).ToString();
        var result = new StringBuilder();
        foreach (var octet in octets)
            result.Append('=').Append(octet.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        return result.ToString();
    }

    private static bool IsPlain(byte octet, bool phrase)
    {
        if (octet == ' ' || char.IsAsciiLetterOrDigit((char)octet))
            return true;
        return phrase ? octet is (byte)'!' or (byte)'*' or (byte)'+' or (byte)'-' or (byte)'/'
            : octet is > 32 and < 127 and not ((byte)'=' or (byte)'?' or (byte)'_');
    }
}
