using System.Collections.Concurrent;

namespace Postmaster.Fbl.Dns;

/// <summary>
/// Remembers answers for their TTL and absences as RFC 2308 §5 says, within the bounds of its options, and asks once for callers that want
/// the same at the same time. A caller that gives up leaves the question running for the others; the inner resolver's own
/// time-out ends it.
/// </summary>
public sealed class CachingResolver(IDnsResolver inner, CachingResolverOptions options, TimeProvider time) : IDnsResolver
{
    private readonly AnswerCache _cache = new(options, time);
    private readonly ConcurrentDictionary<AnswerKey, Lazy<Task<DnsAnswer>>> _open = new();

    public CachingResolver(IDnsResolver inner, TimeProvider time)
        : this(inner, new CachingResolverOptions(), time)
    {
    }

    /// <summary>Answers that are remembered now, expired ones that nobody asked for since included.</summary>
    public int Count => _cache.Count;

    public async ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (!DnsName.TryParse(name, out var asked))
            return DnsAnswer.BadName(name, type);
        var key = new AnswerKey(asked.Key, type);
        if (_cache.Find(key) is { } known)
            return known with { Name = asked.Text };
        var open = _open.GetOrAdd(key, k => new Lazy<Task<DnsAnswer>>(() => AskAsync(k, asked.Text)));
        return await open.Value.WaitAsync(ct) with { Name = asked.Text };
    }

    /// <summary>Asks anew, shares the question with nobody, and remembers the answer for everybody.</summary>
    public async ValueTask<DnsAnswer> QueryFreshAsync(string name, DnsRecordType type, CancellationToken ct)
    {
        if (!DnsName.TryParse(name, out var asked))
            return DnsAnswer.BadName(name, type);
        var started = time.GetTimestamp();
        var answer = await inner.QueryFreshAsync(asked.Text, type, ct);
        _cache.Keep(new AnswerKey(asked.Key, type), answer, started);
        return answer;
    }

    private async Task<DnsAnswer> AskAsync(AnswerKey key, string name)
    {
        // Leaves the caller's thread before the inner resolver may fail at once, so that the entry is there to be removed.
        await Task.Yield();
        try
        {
            var started = time.GetTimestamp();
            var answer = await inner.QueryAsync(name, key.Type, CancellationToken.None);
            _cache.Keep(key, answer, started);
            return answer;
        }
        finally
        {
            _open.TryRemove(key, out _);
        }
    }
}
