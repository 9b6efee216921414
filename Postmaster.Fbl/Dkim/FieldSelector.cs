using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Dkim;

/// <summary>
/// Picks the fields that a signature covers: for each mention of a name in <c>h=</c> the next instance from the bottom of the header upwards,
/// and nothing once they are used up (RFC 6376 §5.4.2). Built once for a message, so that a long <c>h=</c> costs no search.
/// </summary>
internal sealed class FieldSelector
{
    /// <summary>Stands for a field that is not there.</summary>
    public const int Nothing = -1;

    private readonly HeaderBlock _headers;
    private readonly Dictionary<string, int> _lowest;
    private readonly int[] _above;

    public FieldSelector(HeaderBlock headers)
    {
        _headers = headers;
        _above = new int[headers.FieldCount];
        _lowest = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < headers.FieldCount; i++)
        {
            _above[i] = _lowest.GetValueOrDefault(headers[i].Name, Nothing);
            _lowest[headers[i].Name] = i;
        }
    }

    /// <summary>Writes the covered fields in the order of <c>h=</c>, each with its CRLF.</summary>
    /// <param name="self">The signature's own field: never part of its own <c>h=</c> (RFC 6376 §5.4).</param>
    public void Write(IReadOnlyList<string> names, int self, DkimCanonicalization canonicalization, PooledOctets output)
    {
        foreach (var index in Pick(names, self))
        {
            if (index != Nothing)
                HeaderCanonicalizer.Write(_headers[index].Raw.Span, canonicalization, output);
        }
    }

    /// <summary>For each of the names the position of the field that it covers, or <see cref="Nothing"/>.</summary>
    public int[] Pick(IReadOnlyList<string> names, int self)
    {
        var picked = new int[names.Count];
        var next = new int[_above.Length]; // by the position of the lowest field of a name
        for (var i = 0; i < next.Length; i++)
            next[i] = i;
        for (var i = 0; i < picked.Length; i++)
        {
            picked[i] = Nothing;
            if (!_lowest.TryGetValue(names[i], out var lowest))
                continue;
            var index = next[lowest];
            if (index != Nothing && index == self)
                index = _above[index];
            picked[i] = index;
            next[lowest] = index == Nothing ? Nothing : _above[index];
        }
        return picked;
    }

    /// <summary>How many instances of the field stand in the header.</summary>
    public int Count(string name)
    {
        var count = 0;
        for (var i = _lowest.GetValueOrDefault(name, Nothing); i != Nothing; i = _above[i])
            count++;
        return count;
    }
}
