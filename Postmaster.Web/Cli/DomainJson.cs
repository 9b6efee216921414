using System.Globalization;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.MtaSts;
using Postmaster.Web.Features.Domains.Inspection;

namespace Postmaster.Web.Cli;

/// <summary>The JSON of <c>check domain</c>; the names are a contract.</summary>
internal sealed record DomainJson(
    string Domain,
    string Status,
    IReadOnlyList<DomainJson.MxJson> Mx,
    IReadOnlyList<string> Spf,
    DomainJson.DmarcJson? Dmarc,
    IReadOnlyList<DomainJson.DkimJson> Dkim,
    DomainJson.MtaStsJson MtaSts,
    DomainJson.OwnershipJson Ownership,
    IReadOnlyList<DomainJson.ReverseJson> ReverseNames,
    IReadOnlyList<DomainJson.FindingJson> Findings)
{
    public static DomainJson Of(DomainInspection inspection) => new(
        inspection.Domain.Ascii,
        CheckExit.Word(inspection.Severity).ToLowerInvariant(),
        [.. inspection.Mx.Select(m => new MxJson(m.Preference, m.Exchange))],
        inspection.Spf,
        inspection.DmarcName is { } name ? new DmarcJson(name, inspection.Dmarc) : null,
        [.. inspection.Dkim.Select(d => new DkimJson(d.Selector, d.KeyType, d.KeyBits, d.Testing, d.Problem is { } p ? DkimProblemText.Of(p) : null))],
        new MtaStsJson(inspection.MtaSts.Records, inspection.MtaSts.Policy is { } policy
            ? new MtaStsPolicyJson(policy.Mode.ToString().ToLowerInvariant(), (int)policy.MaxAge.TotalSeconds, [.. policy.Mx.Select(m => m.ToString())]) : null),
        new OwnershipJson(inspection.OwnershipName, inspection.Ownership),
        [.. inspection.ReverseNames.Select(r => new ReverseJson(r.Host, r.Address.ToString(), r.ReverseName, r.Confirmed))],
        [.. inspection.Findings.Select(f => new FindingJson(f.Code, CheckExit.Word(f.Severity).ToLowerInvariant(), f.Text))]);

    public static string KeyWords(DkimSelectorView key) => key switch
    {
        { Problem: { } problem } => DkimProblemText.Of(problem),
        { KeyType: DkimKeyType.Ed25519 } => "Ed25519" + (key.Testing ? ", test mode" : ""),
        _ => $"RSA {key.KeyBits}" + (key.Testing ? ", test mode" : ""),
    };

    /// <summary>The policy in a line; none without one.</summary>
    public static IEnumerable<string> PolicyWords(MtaStsPolicy? policy) =>
        policy is null ? [] : [string.Create(CultureInfo.InvariantCulture, $"policy: {policy.Mode.ToString().ToLowerInvariant()}, max_age {policy.MaxAge.TotalSeconds:0}, mx {string.Join(' ', policy.Mx)}")];

    internal sealed record MxJson(int Preference, string Exchange);

    internal sealed record DmarcJson(string Name, IReadOnlyList<string> Records);

    internal sealed record DkimJson(string Selector, DkimKeyType? KeyType, int KeyBits, bool Testing, string? Problem);

    internal sealed record MtaStsJson(IReadOnlyList<string> Records, MtaStsPolicyJson? Policy);

    internal sealed record MtaStsPolicyJson(string Mode, int MaxAge, IReadOnlyList<string> Mx);

    internal sealed record OwnershipJson(string Name, IReadOnlyList<string> Values);

    internal sealed record ReverseJson(string Host, string Address, string? Name, bool Confirmed);

    internal sealed record FindingJson(string Code, string Severity, string Text);
}
