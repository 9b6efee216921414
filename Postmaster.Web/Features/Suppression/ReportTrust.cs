using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Suppression;

/// <summary>Whether a report may unsubscribe anybody: it must be about the reader's own mail, and signed by a provider that the reader named.</summary>
/// <param name="ownDomains">Empty: reports about any domain are taken.</param>
/// <param name="signers">Empty: unsigned reports are taken.</param>
public sealed class ReportTrust(IReadOnlyCollection<DomainName> ownDomains, IReadOnlyCollection<DomainName> signers, DkimVerifier verifier, TimeProvider time)
{
    /// <summary>Null when the report is about mail of one's own; otherwise why not.</summary>
    public string? WhyNotOurs(FeedbackReport report)
    {
        if (ownDomains.Count == 0)
            return null;
        List<DomainName> named = Domains(report);
        if (named.Any(d => ownDomains.Any(d.IsEqualOrSubdomainOf)))
            return null;
        string own = string.Join(", ", ownDomains);
        return named.Count == 0
            ? $"it does not say whose mail it is about; only reports about {own} are taken"
            : $"it is about mail of {string.Join(", ", named.Take(3))}, not of {own}";
    }

    /// <summary>The signer that vouches for the mail; null with the reason when none of those that were asked for does.</summary>
    public async Task<(DomainName? Signer, ReportVerdict? Refusal)> VouchAsync(RawMessage mail, FeedbackReport report, CancellationToken ct)
    {
        if (signers.Count == 0)
            return (null, null);
        if (report.Problems.Any(p => p.Code is FeedbackReportProblems.ForwardedReport))
            return (null, Refused("it was sent on inside another mail, where its own signature cannot be checked", report));

        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<DkimResult> results = await verifier.VerifyAsync(mail, MailDate.ClaimedArrival(mail.Headers, now), now, ct);
        List<DkimResult> theirs = [.. results.Where(r => r.Domain is { } domain && signers.Contains(domain))];
        if (theirs.FirstOrDefault(r => r.IsGroundForReport && CoversForm(r)) is { } good)
            return (good.Domain, null);
        if (theirs.FirstOrDefault(r => r.Status == DkimStatus.TempError) is { } unsure)
            return (null, ReportVerdict.Without(ReportOutcome.Later, $"its signature cannot be checked now: {unsure.Reason}", report.FeedbackType));
        return (null, Refused(Why(results, theirs), report));
    }

    /// <summary>
    /// Attack: a signed report about a mail of the attacker's is sent to others with another boundary, which makes a report of words inside that mail.
    /// </summary>
    private static bool CoversForm(DkimResult result) =>
        result.SignedFields.Contains("Content-Type", StringComparer.OrdinalIgnoreCase) && !result.UnsignedDuplicates.Contains("Content-Type", StringComparer.OrdinalIgnoreCase);

    private string Why(IReadOnlyList<DkimResult> results, List<DkimResult> theirs)
    {
        string asked = string.Join(" or ", signers);
        if (theirs.FirstOrDefault(r => r.IsGroundForReport) is not null)
            return $"the DKIM signature of {asked} does not cover Content-Type once, so others could have rearranged the report";
        if (theirs.FirstOrDefault() is { } bad)
            return bad.Status == DkimStatus.Pass
                ? $"the DKIM signature of {asked} is too weak: it leaves a part of the mail open, is a test, or has a short key"
                : $"the DKIM signature of {asked} does not hold: {bad.Reason}";
        string[] others = [.. results.Where(r => r.Status == DkimStatus.Pass && r.Domain is not null).Select(r => r.Domain!.Ascii).Distinct(StringComparer.Ordinal).Take(3)];
        return others.Length == 0 ? $"it has no DKIM signature of {asked}" : $"it has no DKIM signature of {asked}, but of {string.Join(", ", others)}";
    }

    private static ReportVerdict Refused(string reason, FeedbackReport report) => ReportVerdict.Without(ReportOutcome.Refused, reason, report.FeedbackType);

    /// <summary>Reported-Domain is the provider's word and decides; without it, what the reported mail says of itself.</summary>
    private static List<DomainName> Domains(FeedbackReport report)
    {
        List<DomainName> reported = Parsed(report.ReportedDomain);
        if (report.ReportedDomain.Count > 0 || report.Original is not { } original)
            return reported;
        IEnumerable<string?> names = AddressListReader.Read(original.Headers, "From").Select(m => DomainOf(m.AddrSpec))
            .Append(DomainOf(report.OriginalMailFrom))
            .Append(DomainOf(original.Headers.First("Return-Path")?.Unfolded.Trim('<', '>')));
        return Parsed(names.OfType<string>());
    }

    private static List<DomainName> Parsed(IEnumerable<string> names)
    {
        List<DomainName> parsed = [];
        foreach (string name in names)
        {
            if (DomainName.TryParse(name, out DomainName? domain, out _))
                parsed.Add(domain!);
        }

        return parsed;
    }

    private static string? DomainOf(string? address) => address?[(address.LastIndexOf('@') + 1)..];
}
