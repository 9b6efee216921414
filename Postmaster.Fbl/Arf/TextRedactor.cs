namespace Postmaster.Fbl.Arf;

/// <summary>What a text is, which decides whether a local-part alone is taken out.</summary>
internal enum TextKind
{
    /// <summary>Body text and most fields: only a distinctive local-part (four characters or more, no role name) that is a whole word.</summary>
    Plain,

    /// <summary>A field that names recipients: any local-part that is a whole word.</summary>
    Recipients,

    /// <summary>A field with a return path or a list address: also inside an address, between "-", "+", "=" or "." (VERP).</summary>
    ReturnPath,
}

/// <summary>
/// Replaces private local-parts in a text, in work linear in its length: as <see cref="AddressMatcher"/> finds them written, and as <see cref="EncodedTokens"/>
/// finds them in words of base64, base32 and hex and in hashes, these again in one another. The domain and the way in which "@" is written stay.
/// </summary>
internal sealed class TextRedactor
{
    /// <summary>Tokens in tokens that are opened.</summary>
    private const int MaxDepth = 3;

    /// <summary>Edits that touch each other are made one after the other; no text needs more rounds, and none is left with a known address after them.</summary>
    public const int MaxRounds = 8;

    /// <summary>Octets that tell a file from text.</summary>
    private const int FileHead = 32;

    private readonly AddressMatcher matcher;
    private readonly BeginningFilter scan;
    private readonly EncodedTokens tokens;
    private readonly EscapedTokens escaped;
    private readonly CodeLists lists;
    private readonly WideText wide;
    private readonly CompatibleText compatible;
    private readonly UuencodedText uuencoded;
    private readonly SpacedText spaced;
    private readonly PrintableCodes codes;
    private readonly bool empty, rarer;

    /// <summary>Something inside of a token was put off.</summary>
    private bool putOff;

    /// <param name="rarer">Codes that hardly any program writes are looked for, too: worth their time in a message of common size.</param>
    public TextRedactor(List<PrivateAddress> addresses, RedactionKey key, bool rarer = true)
    {
        this.rarer = rarer;
        matcher = new AddressMatcher(addresses, key);
        scan = AddressScan.For(addresses.SelectMany(address => address.Forms).Select(form => form.LocalPart));
        tokens = new EncodedTokens(this, addresses, key, rarer);
        escaped = new EscapedTokens(this);
        lists = new CodeLists(tokens);
        wide = new WideText(this);
        compatible = new CompatibleText(this);
        uuencoded = new UuencodedText(this);
        spaced = new SpacedText(this);
        codes = new PrintableCodes(addresses, key);
        empty = addresses.Count == 0;
    }

    /// <summary>Null when nothing had to be replaced.</summary>
    public byte[]? Replace(ReadOnlySpan<byte> text, TextKind kind)
    {
        byte[]? replaced = null;
        for (var round = 0; round < MaxRounds; round++)
        {
            var found = Find(replaced ?? text, kind);
            if (found.Edits is null)
                break;
            replaced = FoundEdits.Apply(replaced ?? text, found.Edits);
            if (!found.More)
                break;
        }
        return replaced;
    }

    /// <summary>Without a look into tokens.</summary>
    public byte[]? ReplaceWritten(ReadOnlySpan<byte> text, TextKind kind) => FindWritten(text, kind) is { } edits ? FoundEdits.Apply(text, edits) : null;

    /// <summary>Of finds that overlap, one was left for another round.</summary>
    public void PutOff() => putOff = true;

    /// <param name="depth">How many tokens are around the text.</param>
    public FoundEdits Find(ReadOnlySpan<byte> text, TextKind kind, int depth = 0)
    {
        if (empty)
            return default;
        var found = FindOnce(text, kind, depth);
        putOff |= found.More;
        if (depth > 0)
            return found;
        found = found with { More = putOff };
        putOff = false;
        return found;
    }

    private FoundEdits FindOnce(ReadOnlySpan<byte> text, TextKind kind, int depth)
    {
        var written = FindWritten(text, kind);
        if (depth == MaxDepth)
            return new FoundEdits(written, false);
        var found = new FoundEdits(written, false);
        if (tokens.MayBeIn(text))
        {
            found = Also(found, tokens.Find(text, depth));
            found = Also(found, escaped.Find(text, depth));
        }
        found = Also(found, lists.Find(text, depth));
        if (rarer && (depth > 0 || !IsFile(text)))
            found = Also(found, spaced.Find(text, kind));
        if (depth == 0)
            found = IsFile(text) ? Also(found, tokens.InPacked(text)) : AlsoInText(found, text, kind);
        return Also(found, wide.Find(text, kind, depth + 1));
    }

    /// <summary>What people or programs of mail write as text, and nobody puts into a token.</summary>
    private FoundEdits AlsoInText(FoundEdits found, ReadOnlySpan<byte> text, TextKind kind)
    {
        found = Also(found, compatible.Find(text, kind));
        found = Also(found, uuencoded.Find(text, 0));
        return rarer ? Also(found, codes.Find(text)) : found;
    }

    /// <summary>Pictures and packed files have zeros where they begin.</summary>
    private static bool IsFile(ReadOnlySpan<byte> text) => text[..Math.Min(text.Length, FileHead)].Contains((byte)0);

    private static FoundEdits Also(FoundEdits found, List<TextEdit>? more)
    {
        if (more is null)
            return found;
        var all = FoundEdits.Of(found.Edits, more);
        return all with { More = all.More || found.More };
    }

    public List<TextEdit>? FindWritten(ReadOnlySpan<byte> text, TextKind kind)
    {
        if (empty)
            return null;
        List<TextEdit>? edits = null;
        var places = scan.In(text);
        for (var at = places.Next(0); at >= 0;)
        {
            if (matcher.TryMatch(text, at, kind, out var match))
            {
                (edits ??= []).Add(new TextEdit(at, match.LocalLength, match.Pseudonym));
                at = places.Next(at + Math.Max(match.LocalLength, 1));
            }
            else
            {
                at = places.Next(at + 1);
            }
        }
        return edits;
    }
}
