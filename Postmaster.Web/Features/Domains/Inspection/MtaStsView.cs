using Postmaster.Fbl.MtaSts;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains.Inspection;

/// <param name="Code">As of a <see cref="DomainFinding"/>.</param>
/// <param name="Rfc">Such as <c>RFC 8461 §3.2</c>.</param>
public sealed record MtaStsFinding(string Code, FindingSeverity Severity, string Text, string Rfc);

/// <summary>What a domain asks of senders about TLS, and whether it holds together.</summary>
/// <param name="Records">Texts at <c>_mta-sts.</c> that claim to be such a record; none: the domain has no MTA-STS, and there are no findings.</param>
/// <param name="Policy">Null: there is none, it was not fetched, or it is of no use.</param>
public sealed record MtaStsView(IReadOnlyList<string> Records, MtaStsPolicy? Policy, IReadOnlyList<MtaStsFinding> Findings);
