using System.Globalization;
using System.Net;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>What a record costs a receiver at worst: it is evaluated to its end for a client that nobody can be, beyond the limits.</summary>
internal sealed class SpfSurvey(IDnsResolver dns)
{
    /// <summary>RFC 7208 §4.6.4.</summary>
    public const int MaxLookups = 10, MaxVoidLookups = 2;

    /// <summary>How far beyond the limit is counted; stops records built to explode.</summary>
    private const int MostCounted = 40;

    /// <summary>Stops slow name servers of a stranger's from holding a worker; the verdict itself has the time that RFC 7208 §4.6.4 grants.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    /// <summary>Reserved for ever (RFC 1112 §4), so no network of a record should hold it.</summary>
    private static readonly IPAddress Nobody = IPAddress.Parse("240.0.0.1");

    private readonly SpfEvaluator _evaluator = new(dns, new SpfEvaluatorOptions { MaxLookups = MostCounted, MaxVoidLookups = MostCounted, MaxTime = MaxTime });

    public ValueTask<SpfResult> OfAsync(DomainName domain, CancellationToken ct) =>
        _evaluator.CheckHostAsync(Nobody, domain.Ascii, "postmaster@" + domain.Ascii, domain.Ascii, ct);

    /// <summary>The terms of the record with what each costs.</summary>
    public static IEnumerable<string> Costs(SpfTrace trace) => trace.Steps.Select(step => step.Term + Cost(step));

    /// <summary>The tree of the evaluation, two blanks a level.</summary>
    public static IEnumerable<string> Describe(SpfTrace trace) => Describe(trace, "");

    private static IEnumerable<string> Describe(SpfTrace trace, string indent)
    {
        yield return $"{indent}{trace.Domain}: {trace.Record ?? trace.Answer.Describe()}";
        foreach (SpfStep step in trace.Steps)
        {
            yield return $"{indent}  {step.Term}: {Word(step.Outcome)}{Cost(step)}";
            foreach (DnsAnswer answer in step.Answers)
                yield return $"{indent}    {answer.Name}: {answer.Describe()}";
            if (step.Inner is null)
                continue;
            foreach (string line in Describe(step.Inner, indent + "    "))
                yield return line;
        }
    }

    private static string Word(SpfOutcome outcome) => outcome switch
    {
        SpfOutcome.Match => "match",
        SpfOutcome.NoMatch => "no match",
        SpfOutcome.Redirected => "redirected",
        _ => "error",
    };

    private static string Cost(SpfStep step) => step.Lookups == 0 ? ""
        : string.Create(CultureInfo.InvariantCulture, $" ({step.Lookups}{(step.VoidLookups > 0 ? $", {step.VoidLookups} empty" : "")})");
}
