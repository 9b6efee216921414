using System.Globalization;

namespace Postmaster.Fbl.Dns;

/// <summary>What DNS said to one question, with enough around it to tell a person who said so.</summary>
public sealed record DnsAnswer
{
    public required DnsStatus Status { get; init; }

    /// <summary>As asked, without the trailing dot.</summary>
    public required string Name { get; init; }

    public required DnsRecordType Type { get; init; }

    /// <summary>Only records of the asked type, at the end of the CNAME chain; empty unless <see cref="DnsStatus.Found"/>.</summary>
    public IReadOnlyList<DnsRecord> Records { get; init; } = [];

    /// <summary>The last name of the CNAME chain; null when there was no CNAME.</summary>
    public string? CanonicalName { get; init; }

    /// <summary>How long the answer, or the absence, may be remembered (RFC 2308 §5); zero: not at all.</summary>
    public TimeSpan Ttl { get; init; }

    /// <summary>The server that answered or was asked last: <c>192.0.2.53</c>, with the port when it is not 53. Null when none was asked.</summary>
    public string? Server { get; init; }

    /// <summary>
    /// A code for what went wrong: <c>servfail</c>, <c>refused</c>, <c>format-error</c>, <c>not-implemented</c>, <c>response-code-N</c>, <c>malformed</c>,
    /// <c>unreachable</c>, <c>not-recursive</c>, <c>cname-loop</c>, <c>cname-chain-too-long</c>, <c>bad-name</c>, <c>no-servers</c>. Null when nothing did.
    /// </summary>
    public string? Problem { get; init; }

    /// <summary>How long was waited in all, set for <see cref="DnsStatus.Timeout"/>.</summary>
    public TimeSpan? Waited { get; init; }

    public bool FromCache { get; init; }

    /// <summary>Nothing is known, for now: who asks again later may learn it. Otherwise there are records, or it is known that there are none.</summary>
    public bool IsSilent => Status is DnsStatus.ServFail or DnsStatus.Timeout;

    /// <summary>A name that DNS cannot hold does not exist: an empty or overlong label, more than 255 octets (RFC 1035 §2.3.4).</summary>
    public static DnsAnswer BadName(string name, DnsRecordType type) => new() { Status = DnsStatus.NxDomain, Name = name, Type = type, Problem = "bad-name" };

    /// <summary>One line for people, without a full stop: <c>NXDOMAIN from 192.0.2.53</c>. Holds no text of a record.</summary>
    public string Describe()
    {
        var from = Server is null ? "" : " from " + Server;
        return Status switch
        {
            DnsStatus.Found => string.Create(CultureInfo.InvariantCulture, $"{Records.Count} {Type} {(Records.Count == 1 ? "record" : "records")}{from}"),
            DnsStatus.NoData => $"no {Type} record (NODATA){from}",
            DnsStatus.NxDomain => string.Equals(Problem, "bad-name", StringComparison.Ordinal) ? "no such name can exist in DNS" : $"NXDOMAIN{from}",
            DnsStatus.Timeout when Waited is { } waited => string.Create(CultureInfo.InvariantCulture, $"no answer within {waited.TotalSeconds:0.#} s{from}"),
            DnsStatus.Timeout => "no answer in time" + from,
            _ => DescribeFailure(from),
        };
    }

    private string DescribeFailure(string from) => Problem switch
    {
        "refused" => "REFUSED" + from,
        "format-error" => "FORMERR" + from,
        "not-implemented" => "NOTIMP" + from,
        "malformed" => "an unreadable answer" + from,
        "unreachable" => Server is null ? "no DNS server reachable" : $"the DNS server {Server} cannot be reached",
        "not-recursive" => Server is null ? "the DNS server does not resolve for us" : $"the DNS server {Server} does not resolve for us",
        "cname-loop" => "a loop of CNAMEs" + from,
        "cname-chain-too-long" => "too many CNAMEs in a row" + from,
        "no-servers" => "no DNS server is configured",
        _ => "SERVFAIL" + from,
    };
}
