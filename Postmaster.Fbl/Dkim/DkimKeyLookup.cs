using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dkim;

/// <summary>Finds the keys of a message's signatures: each name is asked for once, all at the same time.</summary>
internal sealed class DkimKeyLookup(IDnsResolver dns, DkimVerifierOptions options)
{
    private static readonly DkimKeyAnswer Unanswered = new(DkimProblem.DnsFailure, "not asked yet", []);

    private readonly DkimRecordCache _cache = new(options.KeyCacheSize);

    public async ValueTask<IReadOnlyDictionary<DomainName, DkimKeyAnswer>> FindAsync(IEnumerable<DkimSignature> signatures, CancellationToken ct)
    {
        var found = new Dictionary<DomainName, DkimKeyAnswer>();
        List<(DomainName Name, Task<DnsAnswer> Answer)>? pending = null;
        foreach (var signature in signatures)
        {
            if (signature.Problem != DkimProblem.None || !found.TryAdd(signature.KeyName!, Unanswered))
                continue;
            var answer = dns.QueryAsync(signature.KeyName!.Ascii, DnsRecordType.TXT, ct);
            if (answer.IsCompletedSuccessfully)
                found[signature.KeyName] = Read(answer.Result); // from a cache
            else
                (pending ??= []).Add((signature.KeyName, answer.AsTask()));
        }
        if (pending is null)
            return found;

        await Task.WhenAll(pending.Select(question => question.Answer));
        foreach (var (name, answer) in pending)
            found[name] = Read(await answer);
        return found;
    }

    private DkimKeyAnswer Read(DnsAnswer answer)
    {
        // RFC 6376 §6.1.2: no answer is worth another try later, no record is final.
        if (answer.IsSilent)
            return new DkimKeyAnswer(DkimProblem.DnsFailure, answer.Describe(), []);
        var records = new List<DkimRecordOutcome>(1);
        foreach (var record in answer.Records)
        {
            if (record is TxtRecord text && records.Count < options.MaxKeyRecords)
                records.Add(_cache.Read(text.Joined));
        }
        return records.Count == 0
            ? new DkimKeyAnswer(DkimProblem.NoKey, answer.Describe(), [])
            : new DkimKeyAnswer(DkimProblem.None, "", records);
    }
}

/// <param name="Problem">NoKey or DnsFailure when there is nothing to try.</param>
/// <param name="Description">What DNS said, for people; empty when there are records.</param>
/// <param name="Records">What was read of each TXT record, in the order of the answer.</param>
internal sealed record DkimKeyAnswer(DkimProblem Problem, string Description, IReadOnlyList<DkimRecordOutcome> Records);
