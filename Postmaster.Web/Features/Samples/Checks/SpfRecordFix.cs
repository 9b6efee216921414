using System.Globalization;
using System.Text;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>What to publish instead of a record that is over the limits.</summary>
/// <param name="Record">Evaluated, within the limits; null when none could be made.</param>
/// <param name="Advice">Sentences.</param>
internal sealed record SpfProposal(string? Record, string Advice);

/// <summary>
/// Makes a record that fits: terms that lead to nothing are dropped, and if that does not do, the costliest includes that hold nothing but
/// networks are replaced by those. Each step is evaluated as if it were published.
/// </summary>
internal sealed class SpfRecordFix(IDnsResolver dns)
{
    /// <summary>RFC 7208 §3.4: an answer should stay within 512 octets, which leaves about so many for the record.</summary>
    private const int MaxRecordLength = 450;

    /// <summary>Changes that are tried; each costs an evaluation.</summary>
    private const int MaxChanges = 8;

    public async Task<SpfProposal> ProposeAsync(DomainName domain, string record, CancellationToken ct)
    {
        List<string> dropped = [], flattened = [];
        for (int change = 0; change < MaxChanges; change++)
        {
            SpfResult survey = await new SpfSurvey(new RecordInPlace(dns, domain.Ascii, record)).OfAsync(domain, ct);
            if (survey.Trace is not { } trace)
                break;
            if (DeadTerm(trace) is { } dead)
            {
                record = Without(record, dead);
                dropped.Add($"{dead} (saves {Saved(trace, dead)})");
                continue;
            }

            if (survey.Status is SpfStatus.PermError or SpfStatus.TempError)
                break;
            if (survey.Lookups <= SpfSurvey.MaxLookups && survey.VoidLookups <= SpfSurvey.MaxVoidLookups)
                return new SpfProposal(record, Words(dropped, flattened));
            if (Flattenable(trace) is not { } include)
                break;
            record = record.Replace(include.Term, string.Join(' ', Networks(include.Inner!).Distinct(StringComparer.OrdinalIgnoreCase)), StringComparison.Ordinal);
            if (record.Length > MaxRecordLength)
                break;
            flattened.Add($"{include.Term} (saves {include.Lookups})");
        }

        string first = dropped.Count > 0 ? $"Drop {string.Join(", ", dropped)}. " : "";
        return new SpfProposal(null, first + "Drop what no longer sends for you, write ip4: and ip6: for hosts of your own, and let each service send with a subdomain of its own as envelope domain, which has its own record.");
    }

    /// <summary>A term whose name leads to nothing whoever sends; null when there is none.</summary>
    public static string? DeadTerm(SpfTrace trace) => trace.Steps.FirstOrDefault(IsDead)?.Term;

    private static bool IsDead(SpfStep step)
    {
        // What macros make of a name is another matter for every sender.
        if (step.Term.Contains('%', StringComparison.Ordinal) || step.Term.Contains("exists", StringComparison.OrdinalIgnoreCase))
            return false;
        if (step.Inner is { Status: SpfStatus.None, Problem: SpfProblem.NoRecord })
            return true;
        return step.Inner is null && step is { Outcome: SpfOutcome.NoMatch, Lookups: > 0 } && step.Lookups == step.VoidLookups
            && step.Answers.All(a => a.Status is DnsStatus.NxDomain);
    }

    private static string Saved(SpfTrace trace, string term) =>
        Math.Max(1, trace.Steps.First(s => string.Equals(s.Term, term, StringComparison.Ordinal)).Lookups).ToString(CultureInfo.InvariantCulture);

    private static string Without(string record, string term)
    {
        List<string> terms = [.. record.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        terms.Remove(term);
        // A record that ended in redirect= needs an end of its own.
        return string.Join(' ', term.StartsWith("redirect=", StringComparison.OrdinalIgnoreCase) ? terms.Append("-all") : terms);
    }

    private static SpfStep? Flattenable(SpfTrace trace) => trace.Steps
        .Where(s => s.Inner is not null && s.Term.StartsWith("include:", StringComparison.OrdinalIgnoreCase) && IsOnlyNetworks(s.Inner))
        .MaxBy(s => s.Lookups);

    private static bool IsOnlyNetworks(SpfTrace trace) => trace.Steps.All(s => IsNetwork(s.Term) || s.Term.EndsWith("all", StringComparison.OrdinalIgnoreCase)
        || (s.Inner is not null && s.Term.StartsWith("include:", StringComparison.OrdinalIgnoreCase) && IsOnlyNetworks(s.Inner)));

    private static IEnumerable<string> Networks(SpfTrace trace) => trace.Steps.SelectMany(s => s.Inner is { } inner ? Networks(inner) : IsNetwork(s.Term) ? [s.Term.TrimStart('+')] : []);

    private static bool IsNetwork(string term) => term.TrimStart('+') is var bare
        && (bare.StartsWith("ip4:", StringComparison.OrdinalIgnoreCase) || bare.StartsWith("ip6:", StringComparison.OrdinalIgnoreCase));

    private static string Words(List<string> dropped, List<string> flattened)
    {
        List<string> sentences = [];
        if (dropped.Count > 0)
            sentences.Add($"Drop {string.Join(", ", dropped)}.");
        if (flattened.Count > 0)
            sentences.Add($"Write the networks of {string.Join(", ", flattened)} into the record, and look every month whether their owner changed them.");
        sentences.Add("The record below fits.");
        return string.Join(' ', sentences);
    }

    /// <summary>DNS as it would be with another record at one name.</summary>
    private sealed class RecordInPlace(IDnsResolver dns, string domain, string record) : IDnsResolver
    {
        public ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct) =>
            type == DnsRecordType.TXT && name.Equals(domain, StringComparison.OrdinalIgnoreCase)
                ? ValueTask.FromResult(new DnsAnswer
                {
                    Status = DnsStatus.Found,
                    Name = name,
                    Type = type,
                    Records = [new TxtRecord(name, TimeSpan.Zero, [.. Encoding.Latin1.GetBytes(record).Chunk(byte.MaxValue)])],
                })
                : dns.QueryAsync(name, type, ct);
    }
}
