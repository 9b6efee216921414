using System.Net.Sockets;

namespace Postmaster.Fbl.Dns;

/// <summary>Answers by name and type until they expire; when it is full, the one not used for the longest time goes. Thread-safe.</summary>
internal sealed class AnswerCache(CachingResolverOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AnswerKey, LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new(); // the most recently used first
    private long _octets;

    public int Count
    {
        get
        {
            lock (_lock)
                return _entries.Count;
        }
    }

    /// <summary>The answer with the TTL that is left of it, or null.</summary>
    public DnsAnswer? Find(AnswerKey key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var node))
                return null;
            var left = node.Value.Lifetime - time.GetElapsedTime(node.Value.Asked);
            if (left <= TimeSpan.Zero)
            {
                Remove(node);
                return null;
            }
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Answer with { Ttl = left, FromCache = true };
        }
    }

    /// <param name="asked">A timestamp of the clock from before the question went out: an answer to an earlier question replaces none to a later one.</param>
    public void Keep(AnswerKey key, DnsAnswer answer, long asked)
    {
        var lifetime = LifetimeOf(answer);
        var octets = OctetsOf(key, answer);
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var older))
            {
                // A failure says nothing against what was known.
                if (older.Value.Asked > asked || (answer.IsSilent && !older.Value.Answer.IsSilent))
                    return;
                Remove(older);
            }
            if (lifetime <= TimeSpan.Zero || octets > options.MaxOctets || options.MaxEntries <= 0)
                return;
            _entries.Add(key, _byUse.AddFirst(new Entry(key, answer, asked, lifetime, octets)));
            _octets += octets;
            while (_entries.Count > options.MaxEntries || _octets > options.MaxOctets)
                Remove(_byUse.Last!);
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node.Value.Key);
        _byUse.Remove(node);
        _octets -= node.Value.Octets;
    }

    private TimeSpan LifetimeOf(DnsAnswer answer)
    {
        if (answer.IsSilent)
            return options.FailureTtl;
        var max = answer.Status == DnsStatus.Found ? options.MaxTtl : options.MaxNegativeTtl;
        return answer.Ttl < options.MinTtl ? options.MinTtl : answer.Ttl < max ? answer.Ttl : max;
    }

    /// <summary>What an answer weighs: the text of its names in UTF-16, its data, and a lump sum for the objects around.</summary>
    private static int OctetsOf(AnswerKey key, DnsAnswer answer)
    {
        const int Objects = 128;
        return Objects + (2 * key.Name.Length) + answer.Records.Sum(r => Objects + (2 * r.Name.Length) + r switch
        {
            TxtRecord txt => txt.Strings.Sum(s => 32 + s.Length),
            ARecord a => a.Address.AddressFamily == AddressFamily.InterNetwork ? 4 : 16,
            MxRecord mx => 2 * mx.Exchange.Length,
            PtrRecord ptr => 2 * ptr.Target.Length,
            CnameRecord cname => 2 * cname.Target.Length,
            NsRecord ns => 2 * ns.Target.Length,
            SoaRecord soa => 2 * (soa.PrimaryServer.Length + soa.Mailbox.Length),
            UnknownRecord unknown => unknown.Data.Length,
            _ => 0,
        });
    }

    private sealed record Entry(AnswerKey Key, DnsAnswer Answer, long Asked, TimeSpan Lifetime, int Octets);
}

/// <param name="Name">In lower case, in the one spelling of <see cref="DnsName.Key"/>.</param>
internal readonly record struct AnswerKey(string Name, DnsRecordType Type);
