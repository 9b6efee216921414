using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dns;

/// <summary>The hosts that take a domain's mail (RFC 5321 §5.1).</summary>
/// <param name="Answer">What DNS said.</param>
/// <param name="Records">The host to be tried first comes first.</param>
public sealed record MailExchanges(DnsAnswer Answer, IReadOnlyList<MxRecord> Records)
{
    /// <summary>RFC 7505 §3: a single record with the root as its host says that the domain takes no mail.</summary>
    public bool IsNull => Records is [{ Exchange: "" or "." }];

    /// <summary>Names of hosts, each once.</summary>
    public IEnumerable<string> Hosts => Records.Select(r => r.Exchange).Where(e => e is not ("" or ".")).Distinct(StringComparer.OrdinalIgnoreCase);

    public static async ValueTask<MailExchanges> FindAsync(IDnsResolver dns, DomainName domain, CancellationToken ct)
    {
        var answer = await dns.QueryAsync(domain.Ascii, DnsRecordType.MX, ct);
        return new MailExchanges(answer, [.. answer.Records.OfType<MxRecord>().OrderBy(r => r.Preference)]);
    }
}
