using System.Buffers;
using System.Text;

namespace Postmaster.Fbl.Text;

/// <summary>
/// The one writer of header fields: whatever text it is given, the result is one well-formed field for each call, with CRLF.
/// </summary>
/// <remarks>
/// RFC 5322 §2.2.3 (folding), §2.1.1 (78 and 998), RFC 2047 (text beyond US-ASCII). Control characters become a space, so no text can end its field.
/// White space inside a value comes out as one space. Lines are folded at white space before column 78; a word longer than a line may be goes
/// into encoded words where the field allows them, and is broken in two where it does not.
/// </remarks>
public sealed class HeaderWriter
{
    /// <summary>RFC 5322 §2.1.1, without the line end.</summary>
    private const int PreferredLineLength = 78;

    /// <summary>RFC 5322 §2.1.1, without the line end.</summary>
    private const int MaxLineLength = 998;

    /// <summary>Characters of a display name; a longer one is made to be looked at, not to name anyone.</summary>
    private const int MaxDisplayName = 256;

    /// <summary>What may stand in a phrase without quotes: atext and space (RFC 5322 §3.2.3).</summary>
    private static readonly SearchValues<char> PhraseText =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~ ");

    private readonly ArrayBufferWriter<byte> output = new();

    /// <summary>Text for people, such as Subject. Text that looks like an encoded word is encoded, so that it is shown as it is.</summary>
    public HeaderWriter Unstructured(string name, string text) => Write(name, EncodedWordWriter.Words(Clean(text)));

    /// <summary>
    /// A value that is already in its field's syntax, such as Content-Type or a Subject that holds encoded words. Characters beyond US-ASCII are
    /// written as UTF-8 (RFC 6532): give only what the next hop takes.
    /// </summary>
    public HeaderWriter Structured(string name, string value)
    {
        var clean = Clean(value);
        return clean.Length > 0 && name.Length + 2 + clean.Length <= PreferredLineLength && Ascii.IsValid(clean)
            ? WriteLine(name, clean) : Write(name, clean.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>One mailbox; the display name is quoted or encoded as it needs.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="displayName">Null or white space for none; cut after 256 characters.</param>
    /// <param name="addrSpec">Loses its control characters and angle brackets; that it is an address is the caller's to know.</param>
    public HeaderWriter Mailbox(string name, string? displayName, string addrSpec)
    {
        var words = new List<string>(Phrase(Clean(displayName ?? "")));
        words.Add($"<{Clean(addrSpec).Replace("<", "", StringComparison.Ordinal).Replace(">", "", StringComparison.Ordinal)}>");
        return Write(name, words);
    }

    /// <summary>The fields so far; no blank line after them.</summary>
    public byte[] ToArray() => output.WrittenSpan.ToArray();

    /// <summary>As <see cref="ToArray"/>, for the eye and for tests.</summary>
    public override string ToString() => Encoding.UTF8.GetString(output.WrittenSpan);

    /// <summary>One line of text for a header or a log: runs of white space and control characters are one space, none at the ends, no half surrogates.</summary>
    public static string Clean(string text)
    {
        if (IsClean(text))
            return text;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // U+2028 and U+2029 end a line in some viewers.
            var space = Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) && rune.Value is not 0xA0 || rune.Value is 0x2028 or 0x2029;
            if (!space)
                clean.Append(rune.ToString());
            else if (clean.Length > 0 && clean[^1] != ' ')
                clean.Append(' ');
        }
        return clean.ToString().TrimEnd(' ');
    }

    /// <summary>As nearly every text is: printable US-ASCII, single spaces, none at the ends.</summary>
    private static bool IsClean(string text) =>
        !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.StartsWith(' ') && !text.EndsWith(' ') && !text.Contains("  ", StringComparison.Ordinal);

    private static IEnumerable<string> Phrase(string displayName)
    {
        if (displayName.Length > MaxDisplayName)
            displayName = Clean(displayName[..MaxDisplayName]);
        if (displayName.Length == 0)
            return [];
        if (!Ascii.IsValid(displayName) || displayName.Contains("=?", StringComparison.Ordinal))
            return EncodedWordWriter.Encode(displayName, phrase: true);
        if (!displayName.AsSpan().ContainsAnyExcept(PhraseText))
            return displayName.Split(' ');
        var quoted = displayName.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return $"\"{quoted}\"".Split(' ');
    }

    /// <summary>As most fields are: ASCII on one line.</summary>
    private HeaderWriter WriteLine(string name, string value)
    {
        Check(name);
        Put(name);
        Put(": ");
        Put(value);
        Put("\r\n");
        return this;
    }

    private static void Check(string name)
    {
        if (name.Length is 0 or > PreferredLineLength || name.AsSpan().ContainsAnyExceptInRange('!', '~') || name.Contains(':', StringComparison.Ordinal))
            throw new ArgumentException("Not a field name", nameof(name));
    }

    private HeaderWriter Write(string name, IEnumerable<string> words)
    {
        Check(name);
        Put(name);
        Put(":");
        var column = name.Length + 1;
        var first = true;
        foreach (var word in words)
        {
            var rest = Encoding.UTF8.GetBytes(word).AsSpan();
            if (!first && column + 1 + rest.Length > PreferredLineLength || column + 1 + rest.Length > MaxLineLength)
            {
                Put("\r\n");
                column = 0;
            }
            Put(" ");
            column++;
            while (column + rest.Length > MaxLineLength)
            {
                var cut = CharacterStart(rest, MaxLineLength - column);
                output.Write(rest[..cut]);
                Put("\r\n ");
                rest = rest[cut..];
                column = 1;
            }
            output.Write(rest);
            column += rest.Length;
            first = false;
        }
        Put("\r\n");
        return this;
    }

    /// <summary>The last index up to <paramref name="index"/> that does not split a UTF-8 character.</summary>
    private static int CharacterStart(ReadOnlySpan<byte> octets, int index)
    {
        while (index > 1 && (octets[index] & 0xC0) == 0x80)
            index--;
        return index;
    }

    private void Put(string ascii) => Encoding.ASCII.GetBytes(ascii, output);
}
