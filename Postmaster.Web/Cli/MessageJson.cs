using System.Text.Json;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dmarc;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Features.Samples.Checks;

namespace Postmaster.Web.Cli;

/// <summary>The JSON of one mail's check; the names are a contract.</summary>
/// <param name="Spf">Null when the envelope is not known.</param>
/// <param name="Findings">What there is to know or to do, the gravest first; without what is in order.</param>
internal sealed record MessageJson(
    string Path, int Size, IReadOnlyList<MessageJson.DkimJson> Dkim, SpfJson? Spf, MessageJson.DmarcJson Dmarc, IReadOnlyList<MessageJson.FindingJson> Findings)
{
    public static MessageJson Of(string path, SampleExamination examination)
    {
        SampleEvidence evidence = examination.Evidence;
        return new MessageJson(
            path,
            examination.Report.Size,
            [.. evidence.Dkim.Select(DkimJson.Of)],
            evidence.Spf is { } spf ? SpfJson.Of(spf) : null,
            DmarcJson.Of(evidence.Dmarc),
            [.. Worth(examination.Report).Select(f => new FindingJson(f.Code, f.Severity, f.Text))]);
    }

    /// <param name="problem">Why the mail could not be read.</param>
    public static MessageJson Unread(string path, string problem) =>
        new(path, 0, [], null, new DmarcJson("none", null, null, null, null), [new FindingJson("input.unreadable", SampleSeverity.Unknown, problem)]);

    /// <summary>The questions of the checklist are for a person who looks at one mail.</summary>
    private static IEnumerable<SampleFinding> Worth(SampleReport report) => report.Topics.SelectMany(t => t.Findings)
        .Where(f => f.Severity != SampleSeverity.Ok && !f.Code.StartsWith(RulesCheck.Question, StringComparison.Ordinal))
        .OrderByDescending(f => SampleSeverities.Rank(f.Severity));

    private static string? Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <summary>One signature.</summary>
    /// <param name="Problem">Words; null when it verified.</param>
    internal sealed record DkimJson(string Status, string? Domain, string? Selector, string? Algorithm, int KeyBits, string? Problem, bool Testing)
    {
        public static DkimJson Of(DkimResult result) => new(
            result.Status.ToString().ToLowerInvariant(), result.Domain?.Ascii, result.Selector, result.Algorithm, result.KeyBits,
            result.Problem == DkimProblem.None ? null : result.Reason, result.Testing);
    }

    /// <param name="Policy">What the record asks for; null without a record.</param>
    /// <param name="Problem">Words; null when it passed.</param>
    internal sealed record DmarcJson(string Status, string? Domain, string? OrganizationalDomain, string? Policy, string? Problem)
    {
        public static DmarcJson Of(DmarcResult result) => new(
            result.Status.ToString().ToLowerInvariant(), result.AuthorDomain?.Ascii, result.OrganizationalDomain?.Ascii,
            result.Record is null ? null : Word(result.Policy), result.Problem == DmarcProblem.None ? null : result.Reason);
    }

    internal sealed record FindingJson(string Code, SampleSeverity Severity, string Text);
}
