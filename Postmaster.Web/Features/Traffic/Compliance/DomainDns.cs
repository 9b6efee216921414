using System.Text.Json;
using Postmaster.Web.Features.Domains.Inspection;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Compliance;

/// <param name="Code">As of a <see cref="DomainFinding"/>.</param>
public sealed record DnsFinding(string Code, string Text);

/// <summary>What DNS said of a domain at one moment.</summary>
/// <param name="Spf">Records, as they stand.</param>
/// <param name="Dmarc">Records, as they stand.</param>
public sealed record DomainDns(DateTimeOffset CheckedAt, IReadOnlyList<string> Spf, IReadOnlyList<string> Dmarc, IReadOnlyList<DnsFinding> Findings)
{
    /// <summary>Whether DNS gave no answer about it.</summary>
    public bool IsUnknown(Requirement requirement) => requirement switch
    {
        Requirement.Spf => Has("spf-unknown"),
        Requirement.DmarcPolicy => Has("dmarc-unknown"),
        _ => false,
    };

    public bool Has(string code) => Findings.Any(f => string.Equals(f.Code, code, StringComparison.Ordinal));

    internal static string Write(DomainInspection inspection) => JsonSerializer.Serialize(
        new Kept(inspection.Spf, inspection.Dmarc, [.. inspection.Findings.Where(f => f.Severity != FindingSeverity.Ok).Select(f => new DnsFinding(f.Code, f.Text))]));

    internal static DomainDns Read(DomainCheck row)
    {
        try
        {
            Kept? kept = JsonSerializer.Deserialize<Kept>(row.Findings);
            return new DomainDns(row.CheckedAt, kept?.Spf ?? [], kept?.Dmarc ?? [], kept?.Findings ?? []);
        }
        catch (JsonException)
        {
            return new DomainDns(row.CheckedAt, [], [], []);
        }
    }

    private sealed record Kept(IReadOnlyList<string> Spf, IReadOnlyList<string> Dmarc, IReadOnlyList<DnsFinding> Findings);
}
