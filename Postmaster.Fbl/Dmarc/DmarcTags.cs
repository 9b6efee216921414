using System.Buffers;

namespace Postmaster.Fbl.Dmarc;

/// <summary>
/// The tags behind the version of a policy record, forgivingly parted (RFC 9989 §4.8): unlike a DKIM tag list, a malformed term spoils
/// only itself.
/// </summary>
internal sealed class DmarcTags
{
    /// <summary>Attack: a record of thousands of tags. Eleven are known, and unknown ones are rare.</summary>
    private const int MaxTags = 64;

    private const int MaxIgnoredLength = 100;

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _malformed = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _ignored = [];

    /// <param name="text">From the semicolon behind the version.</param>
    public DmarcTags(ReadOnlySpan<char> text)
    {
        foreach (var range in text.Split(';'))
        {
            var term = text[range].Trim(" \t");
            if (term.IsEmpty)
                continue;
            var equals = term.IndexOf('=');
            var name = equals < 0 ? default : term[..equals].TrimEnd(" \t");
            if (_values.Count == MaxTags || name.IsEmpty || name.ContainsAnyExcept(Letters) || !_values.TryAdd(name.ToString(), term[(equals + 1)..].TrimStart(" \t").ToString()))
                Ignore(term.ToString());
        }
    }

    public IReadOnlyList<string> Ignored => _ignored;

    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The tag was read and its value was nothing that it may be.</summary>
    public bool IsMalformed(string name) => _malformed.Contains(name);

    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <summary>Null when the tag is absent or malformed.</summary>
    public T? Read<T>(string name, Func<string, T?> read)
        where T : struct
    {
        if (Text(name) is not { } text)
            return null;
        var value = read(text);
        if (value is null)
            Spoil(name, text);
        return value;
    }

    /// <inheritdoc cref="Read"/>
    public string? ReadText(string name, Func<string, string?> read)
    {
        if (Text(name) is not { } text)
            return null;
        var value = read(text);
        if (value is null)
            Spoil(name, text);
        return value;
    }

    public void Ignore(string term)
    {
        if (_ignored.Count < MaxTags)
            _ignored.Add(string.Concat(term.Take(MaxIgnoredLength).Select(c => c is >= ' ' and <= '~' ? c : '?')));
    }

    private void Spoil(string name, string text)
    {
        _malformed.Add(name);
        Ignore(name + "=" + text);
    }
}
