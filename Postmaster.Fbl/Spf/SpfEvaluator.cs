using System.Net;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Spf;

/// <summary>
/// Sender Policy Framework: may this client send mail in the name of this domain? RFC 7208, with the A-labels of RFC 8616.
/// The whole of a record is read before any of it counts; macros, exp= and all limits are there, and the result carries the trace of
/// every term and of every answer of DNS.
/// Leaves out: records of type SPF (RFC 7208 §3.1 forbids them), Received-SPF fields, and reports to the domain (RFC 6652).
/// </summary>
public sealed class SpfEvaluator
{
    private readonly IDnsResolver _dns;
    private readonly SpfEvaluatorOptions _options;
    private readonly SpfRecordCache _records;

    /// <summary>Keep one evaluator for long: it keeps the records that it has read. Safe for many threads.</summary>
    public SpfEvaluator(IDnsResolver dns, SpfEvaluatorOptions? options = null)
    {
        _dns = dns;
        _options = options ?? new SpfEvaluatorOptions();
        _records = new SpfRecordCache(_options.RecordCacheSize);
    }

    /// <summary>Judges the domain of MAIL FROM (RFC 7208 §2.4).</summary>
    /// <param name="mailFrom">Null for <c>&lt;&gt;</c>: then postmaster at the HELO name is judged.</param>
    public ValueTask<SpfResult> CheckAsync(IPAddress ip, MailAddress? mailFrom, string helo, CancellationToken ct)
        => mailFrom is null
            ? CheckAsync(ip, helo, "postmaster@" + helo, helo, SpfIdentity.NullMailFrom, ct)
            : CheckAsync(ip, mailFrom.Domain, mailFrom.ToString(), helo, SpfIdentity.MailFrom, ct);

    /// <summary>The same for a reverse-path as the client wrote it, which may be no address at all.</summary>
    /// <param name="reversePath">Without angle brackets; empty for <c>&lt;&gt;</c>.</param>
    public ValueTask<SpfResult> CheckReversePathAsync(IPAddress ip, string reversePath, string helo, CancellationToken ct)
        => reversePath.Length == 0
            ? CheckAsync(ip, null, helo, ct)
            : CheckHostAsync(ip, reversePath[(reversePath.LastIndexOf('@') + 1)..], reversePath, helo, ct);

    /// <summary>Judges the HELO name for itself (RFC 7208 §2.3), which comes before MAIL FROM and is no ground for DMARC.</summary>
    public ValueTask<SpfResult> CheckHeloAsync(IPAddress ip, string helo, CancellationToken ct)
        => CheckAsync(ip, helo, "postmaster@" + helo, helo, SpfIdentity.Helo, ct);

    /// <summary>RFC 7208 §4: check_host().</summary>
    /// <param name="ip">The client's; IPv4-mapped IPv6 is taken for IPv4.</param>
    /// <param name="domain">Whose record counts. U-labels become A-labels; what is no domain name makes the result none.</param>
    /// <param name="sender">The mailbox that macros speak of; without a local-part it is postmaster.</param>
    /// <param name="helo">As the client said it.</param>
    public ValueTask<SpfResult> CheckHostAsync(IPAddress ip, string domain, string sender, string helo, CancellationToken ct)
        => CheckAsync(ip, domain, sender, helo, SpfIdentity.MailFrom, ct);

    /// <summary>What the domain's record costs at worst, whatever the client, for advice. Counts beyond the limits of a check, but takes no longer than one.</summary>
    public async ValueTask<SpfCost> MeasureAsync(DomainName domain, CancellationToken ct)
    {
        using var questions = new SpfQuestions(_dns, _options, ct);
        return await new SpfCostWalk(questions, _records).MeasureAsync(domain.Ascii);
    }

    private ValueTask<SpfResult> CheckAsync(IPAddress ip, string domain, string sender, string helo, SpfIdentity identity, CancellationToken ct)
    {
        // RFC 7208 §4.3: a malformed domain, or one of a single label, has no policy, and DNS need not be asked.
        return DomainName.TryParse(domain, out var name, out _) && name.Ascii.Contains('.', StringComparison.Ordinal)
            ? CheckAsync(ip, name, sender, helo, identity, ct)
            : ValueTask.FromResult(new SpfResult { Status = SpfStatus.None, Problem = SpfProblem.BadDomain, Identity = identity });
    }

    private async ValueTask<SpfResult> CheckAsync(IPAddress ip, DomainName domain, string sender, string helo, SpfIdentity identity, CancellationToken ct)
    {
        using var check = new SpfCheck(_dns, _options, _records, new SpfSession(ip, sender, helo), ct);
        var trace = await check.EvaluateAsync(domain.Ascii);
        return new SpfResult
        {
            Status = trace.Status,
            Problem = trace.Problem,
            Identity = identity,
            Domain = domain,
            Mechanism = trace.Mechanism,
            Lookups = check.Costs.Lookups,
            VoidLookups = check.Costs.VoidLookups,
            Explanation = trace.Status == SpfStatus.Fail ? await check.ExplainAsync(trace) : null,
            Trace = trace,
            Detail = trace.Detail,
        };
    }
}
