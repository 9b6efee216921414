using Postmaster.Fbl.Dns;

namespace Postmaster.Fbl.Spf;

/// <summary>Adds up what records cost at worst, include by include.</summary>
internal sealed class SpfCostWalk(SpfQuestions questions, SpfRecordCache records)
{
    /// <summary>Attack: records that include each other without end. Who is ten times over the limit need not be told by how much more.</summary>
    private const int MaxRecords = 100;

    /// <summary>No check that keeps to its limit goes deeper.</summary>
    private const int MaxDepth = 10;

    private int _records;

    public async ValueTask<SpfCost> MeasureAsync(string domain, int depth = 0)
    {
        if (depth > MaxDepth || ++_records > MaxRecords)
            return new SpfCost(domain, null, SpfProblem.TooManyLookups, 0, []);
        var answer = await questions.AskAsync(domain, DnsRecordType.TXT);
        if (answer.IsSilent)
            return new SpfCost(domain, null, SpfProblem.DnsFailure, 0, []);
        if (SpfRecordParser.Select(answer, out var count) is not { } octets)
            return new SpfCost(domain, null, count == 0 ? SpfProblem.NoRecord : SpfProblem.SeveralRecords, 0, []);
        var outcome = records.Read(octets);
        if (outcome.Record is not { } record)
            return new SpfCost(domain, null, outcome.Error.Problem, 0, []);

        var terms = new List<SpfTermCost>();
        foreach (var directive in record.Directives)
        {
            if (directive.Mechanism == SpfMechanism.Include)
                terms.Add(await FollowAsync(directive.Text, directive.Target!, depth));
            else if (directive.Mechanism is not (SpfMechanism.All or SpfMechanism.Ip4 or SpfMechanism.Ip6))
                terms.Add(new SpfTermCost(directive.Text, 1, null));
        }
        if (record.Redirect is not null)
            terms.Add(await FollowAsync(record.RedirectText, record.Redirect, depth));
        return new SpfCost(domain, record, SpfProblem.None, terms.Sum(t => t.Lookups), terms);
    }

    private async ValueTask<SpfTermCost> FollowAsync(string term, SpfMacro target, int depth)
    {
        var inner = target.ConstantName is { } name ? await MeasureAsync(name, depth + 1) : null;
        return new SpfTermCost(term, 1 + (inner?.Lookups ?? 0), inner);
    }
}
