namespace Postmaster.Fbl.Names;

/// <summary>
/// The list of publicsuffix.org: below which names do strangers register theirs? Read as its rules say: the longest rule prevails, an exception
/// (<c>!city.kobe.jp</c>) over all, <c>*</c> stands for one label, and a name without a rule has its last label as suffix. Both of the list's parts count.
/// </summary>
public sealed class PublicSuffixList
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _anyBelow = new(StringComparer.Ordinal);
    private readonly HashSet<string> _exceptions = new(StringComparer.Ordinal);

    private PublicSuffixList()
    {
    }

    /// <summary>Rules that were read.</summary>
    public int Count => _names.Count + _anyBelow.Count + _exceptions.Count;

    /// <param name="text">As it is published; rules that are no names are passed over.</param>
    public static PublicSuffixList Parse(string text)
    {
        var list = new PublicSuffixList();
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            // A rule ends at the first blank; a comment has a line of its own.
            int blank = line.IndexOfAny(" \t");
            ReadOnlySpan<char> rule = blank < 0 ? line : line[..blank];
            if (rule.IsEmpty || rule.StartsWith("//"))
                continue;
            if (rule[0] == '!')
                Add(list._exceptions, rule[1..]);
            else if (rule.StartsWith("*."))
                Add(list._anyBelow, rule[2..]);
            else
                Add(list._names, rule);
        }

        return list;
    }

    /// <summary>For <c>news.example.co.uk</c> it is <c>co.uk</c>; a public suffix is its own.</summary>
    public DomainName PublicSuffixOf(DomainName domain)
    {
        DomainName last = domain;
        for (DomainName? at = domain; at is not null; at = at.Parent)
        {
            if (_exceptions.Contains(at.Ascii) && at.Parent is { } below)
                return below;
            if (_names.Contains(at.Ascii) || (at.Parent is { } parent && _anyBelow.Contains(parent.Ascii)))
                return at;
            last = at;
        }

        return last;
    }

    private static void Add(HashSet<string> rules, ReadOnlySpan<char> name)
    {
        if (DomainName.TryParse(name.ToString(), out DomainName? read, out _))
            rules.Add(read.Ascii);
    }
}
