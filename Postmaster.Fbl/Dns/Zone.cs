using System.Diagnostics.CodeAnalysis;

namespace Postmaster.Fbl.Dns;

/// <summary>
/// Record sets by name, with the rules that make an absence either NODATA or NXDOMAIN: names above a record exist although
/// they hold nothing (RFC 8020 §2), wildcards stand in for names that do not exist (RFC 4592). Not thread-safe.
/// </summary>
internal sealed class Zone
{
    private readonly Dictionary<DnsName, List<DnsRecord>> _owners = [];

    // How many owners lie below a name; a name with some exists, records or not.
    private readonly Dictionary<DnsName, int> _below = [];

    public void Add(DnsName owner, DnsRecord record)
    {
        if (!_owners.TryGetValue(owner, out var records))
        {
            _owners.Add(owner, records = []);
            for (var name = owner.Parent; name is not null; name = name.Parent)
                _below[name] = _below.GetValueOrDefault(name) + 1;
        }
        if (!records.Contains(record))
            records.Add(record);
    }

    public bool Remove(DnsName owner, Predicate<DnsRecord> which)
    {
        if (!_owners.TryGetValue(owner, out var records) || records.RemoveAll(which) == 0)
            return false;
        if (records.Count > 0)
            return true;
        _owners.Remove(owner);
        for (var name = owner.Parent; name is not null; name = name.Parent)
        {
            if (--_below[name] == 0)
                _below.Remove(name);
        }
        return true;
    }

    /// <summary>The records of a name, its own or a wildcard's under its own name; false when the name does not exist.</summary>
    public bool TryFind(DnsName name, [NotNullWhen(true)] out IReadOnlyList<DnsRecord>? records)
    {
        records = [];
        if (_owners.TryGetValue(name, out var own))
            records = own;
        else if (!_below.ContainsKey(name))
            records = Wildcard(name)?.ConvertAll(r => r with { Name = name.Text });
        return records is not null;
    }

    /// <summary>The SOA record at or nearest above the name; null when the zone has none.</summary>
    public SoaRecord? Authority(DnsName name)
    {
        for (var above = name; above is not null; above = above.Parent)
        {
            if (_owners.TryGetValue(above, out var records) && records.OfType<SoaRecord>().FirstOrDefault() is { } soa)
                return soa;
        }
        return null;
    }

    // RFC 4592 §3.3.1: only the wildcard right below the closest name that exists.
    private List<DnsRecord>? Wildcard(DnsName name)
    {
        var encloser = name.Parent;
        while (encloser is not null && !_owners.ContainsKey(encloser) && !_below.ContainsKey(encloser))
            encloser = encloser.Parent;
        return encloser is { IsRoot: false } && DnsName.TryParse("*." + encloser.Text, out var wildcard) ? _owners.GetValueOrDefault(wildcard) : null;
    }
}
