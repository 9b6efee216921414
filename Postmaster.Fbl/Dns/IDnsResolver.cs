namespace Postmaster.Fbl.Dns;

/// <summary>Where the engine asks DNS: over the wire, through a cache, or from a zone in memory.</summary>
public interface IDnsResolver
{
    /// <summary>Follows CNAMEs. Whatever DNS does is a value; only cancellation and bugs throw.</summary>
    /// <param name="name">Text with or without the trailing dot; octets beyond letters, digits and hyphens may be written as <c>\DDD</c>.</param>
    ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct);

    /// <summary>The same, but never from a cache of ours: for a person who has just changed a record and presses "check now".</summary>
    ValueTask<DnsAnswer> QueryFreshAsync(string name, DnsRecordType type, CancellationToken ct) => QueryAsync(name, type, ct);
}
