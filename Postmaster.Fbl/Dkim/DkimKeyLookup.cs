using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dkim;

/// <summary>Finds the keys of a message's signatures: each name is asked for once, all at the same time.</summary>
internal sealed class DkimKeyLookup(IDnsResolver dns, DkimVerifierOptions options)
{
    private readonly DkimRecordCache _cache = new(options.KeyCacheSize);

    public async ValueTask<IReadOnlyDictionary<DomainName, DkimKeyAnswer>> FindAsync(IEnumerable<DkimSignature> signatures, CancellationToken ct)
    {
        var pending = new Dictionary<DomainName, Task<DnsAnswer>>();
        foreach (var signature in signatures)
        {
            if (signature.Problem == DkimProblem.None && !pending.ContainsKey(signature.KeyName!))
                pending.Add(signature.KeyName!, dns.QueryAsync(signature.KeyName!.Ascii, DnsRecordType.TXT, ct).AsTask());
        }

        await Task.WhenAll(pending.Values);
        var found = new Dictionary<DomainName, DkimKeyAnswer>(pending.Count);
        foreach (var (name, answer) in pending)
            found.Add(name, Read(await answer));
        return found;
    }

    private DkimKeyAnswer Read(DnsAnswer answer)
    {
        // RFC 6376 §6.1.2: no answer is worth another try later, no record is final.
        if (answer.Status is DnsStatus.ServFail or DnsStatus.Timeout)
            return new DkimKeyAnswer(DkimProblem.DnsFailure, answer.Describe(), []);
        var records = answer.Records.OfType<TxtRecord>().Take(options.MaxKeyRecords).Select(record => _cache.Read(record.Joined)).ToList();
        return records.Count == 0
            ? new DkimKeyAnswer(DkimProblem.NoKey, answer.Describe(), [])
            : new DkimKeyAnswer(DkimProblem.None, answer.Describe(), records);
    }
}

/// <param name="Problem">NoKey or DnsFailure when there is nothing to try.</param>
/// <param name="Description">What DNS said, for people.</param>
/// <param name="Records">What was read of each TXT record, in the order of the answer.</param>
internal sealed record DkimKeyAnswer(DkimProblem Problem, string Description, IReadOnlyList<DkimRecordOutcome> Records);
