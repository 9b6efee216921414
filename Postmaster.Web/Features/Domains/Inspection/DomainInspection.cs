using System.Net;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains.Inspection;

/// <summary>One thing to know about a domain.</summary>
/// <param name="Code">Stable, for scripts: <c>no-spf</c>.</param>
/// <param name="Text">For people, with the next step. Outside text in it is cut and free of controls.</param>
public sealed record DomainFinding(string Code, FindingSeverity Severity, string Text);

/// <param name="Problem">Null: the key verifies mail.</param>
/// <param name="KeyBits">0 when no key could be read.</param>
public sealed record DkimSelectorView(string Selector, DkimKeyType? KeyType, int KeyBits, bool Testing, DkimProblem? Problem);

/// <param name="Host">A host of the MX.</param>
/// <param name="ReverseName">The one that leads back, or else the first; null when there is none.</param>
/// <param name="Confirmed">Whether the reverse name leads back to the address.</param>
public sealed record ReverseNameView(string Host, IPAddress Address, string? ReverseName, bool Confirmed);

/// <summary>What DNS says of a domain as a sender and receiver of mail, at one moment.</summary>
public sealed record DomainInspection
{
    public required DomainName Domain { get; init; }
    public required IReadOnlyList<MxRecord> Mx { get; init; }

    /// <summary>Every TXT record that begins with <c>v=spf1</c>; more than one is an error (RFC 7208 §4.5).</summary>
    public required IReadOnlyList<string> Spf { get; init; }

    /// <summary>Every record that begins with <c>v=DMARC1</c> at <see cref="DmarcName"/>.</summary>
    public required IReadOnlyList<string> Dmarc { get; init; }

    /// <summary>The name at which a DMARC record was found: the domain's own or a parent's (RFC 9989 tree walk); null: none.</summary>
    public required string? DmarcName { get; init; }

    public required IReadOnlyList<DkimSelectorView> Dkim { get; init; }

    public required MtaStsView MtaSts { get; init; }

    /// <summary>The name of the ownership TXT record.</summary>
    public required string OwnershipName { get; init; }

    /// <summary>The ownership values that stand there, of whatever account.</summary>
    public required IReadOnlyList<string> Ownership { get; init; }

    public required IReadOnlyList<ReverseNameView> ReverseNames { get; init; }
    public required IReadOnlyList<DomainFinding> Findings { get; init; }

    /// <summary>The worst that was found.</summary>
    public FindingSeverity Severity => Findings.Select(f => f.Severity).DefaultIfEmpty(FindingSeverity.Ok).Max();
}
