using System.Text.Json.Serialization;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Spf;

namespace Postmaster.Web.Cli;

/// <summary>The JSON of an SPF verdict; the names are a contract.</summary>
/// <param name="Problem">Words; null when the record was evaluated to its end.</param>
/// <param name="Trace">Absent where only the verdict is asked for.</param>
internal sealed record SpfJson(
    string Status,
    string? Mechanism,
    string? Explanation,
    string? Problem,
    int Lookups,
    int VoidLookups,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SpfJson.TraceJson? Trace)
{
    public static SpfJson Of(SpfResult result) => new(
        Word(result.Status),
        result.Mechanism,
        result.Explanation,
        result.Problem == SpfProblem.None ? null : result.Reason,
        result.Lookups,
        result.VoidLookups,
        null);

    public static SpfJson WithTrace(SpfResult result) => Of(result) with { Trace = result.Trace is null ? null : TraceJson.Of(result.Trace) };

    /// <summary>RFC 7208 §2.6, in lower case.</summary>
    public static string Word(SpfStatus status) => status.ToString().ToLowerInvariant();

    public static string Word(SpfOutcome outcome) => outcome switch
    {
        SpfOutcome.NoMatch => "no_match",
        SpfOutcome.Match => "match",
        SpfOutcome.Redirected => "redirected",
        _ => "error",
    };

    /// <param name="Answer">What DNS said to the question for the record, in words.</param>
    internal sealed record TraceJson(string Domain, string Status, string? Record, string Answer, IReadOnlyList<StepJson> Steps)
    {
        public static TraceJson Of(SpfTrace trace) => new(
            trace.Domain, Word(trace.Status), trace.Record, trace.Answer.Describe(), [.. trace.Steps.Select(StepJson.Of)]);
    }

    internal sealed record StepJson(
        string Term, string Outcome, string? Target, int Lookups, int VoidLookups, IReadOnlyList<AnswerJson> Answers, TraceJson? Inner)
    {
        public static StepJson Of(SpfStep step) => new(
            step.Term,
            Word(step.Outcome),
            step.Target,
            step.Lookups,
            step.VoidLookups,
            [.. step.Answers.Select(a => new AnswerJson(a.Name, a.Type, a.Describe()))],
            step.Inner is null ? null : TraceJson.Of(step.Inner));
    }

    internal sealed record AnswerJson(string Name, [property: JsonConverter(typeof(JsonStringEnumConverter<DnsRecordType>))] DnsRecordType Type, string Answer);
}
