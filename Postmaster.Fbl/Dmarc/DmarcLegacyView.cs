using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dmarc;

/// <summary>The verdict by RFC 7489, with a list of public suffixes instead of the tree walk, without np, psd and t, and with pct.</summary>
/// <param name="PolicyDomain">Where the record stands; null without one.</param>
/// <param name="Percent">To how many of a hundred failing messages the policy applies (RFC 7489 §6.3).</param>
public sealed record DmarcLegacyView(DmarcStatus Status, DomainName OrganizationalDomain, DomainName? PolicyDomain, DmarcPolicy Policy, int Percent)
{
    internal static async ValueTask<DmarcLegacyView> OfAsync(
        DomainName author, IReadOnlyList<DmarcIdentifier> identifiers, DmarcLookups lookups, Func<DomainName, DomainName> publicSuffixOf)
    {
        var organizational = OrganizationalDomainOf(author, publicSuffixOf);
        var lookup = await lookups.FindAsync(author);
        // RFC 7489 §6.6.3: on to the organizational domain only where nothing stands; several records end the search.
        if (lookup.Problem == DmarcProblem.NoRecord && organizational != author)
            lookup = await lookups.FindAsync(organizational);
        if (lookup.Record is not { IsUsable: true } record)
            return new DmarcLegacyView(lookup.IsUnknown ? DmarcStatus.TempError : DmarcStatus.None, organizational, null, DmarcPolicy.None, 100);

        var aligned = identifiers.Where(i => IsAligned(i, record)).ToList();
        var status = aligned.Exists(i => i.IsAuthenticated) ? DmarcStatus.Pass
            : aligned.Exists(i => !i.IsAuthenticated && !i.IsTest) ? DmarcStatus.TempError
            : DmarcStatus.Fail;
        var policy = !record.HasValidPolicies ? DmarcPolicy.None
            : lookup.Domain == author ? record.Policy!.Value
            : record.SubdomainPolicy ?? record.Policy!.Value;
        return new DmarcLegacyView(status, organizational, lookup.Domain, policy, record.Percent ?? 100);

        bool IsAligned(DmarcIdentifier identifier, DmarcRecord by)
        {
            var mode = identifier.Mechanism == DmarcMechanism.Dkim ? by.DkimAlignment : by.SpfAlignment;
            return identifier.Domain == author
                || (mode == DmarcAlignmentMode.Relaxed && OrganizationalDomainOf(identifier.Domain, publicSuffixOf) == organizational);
        }
    }

    /// <summary>Somebody who compares the two would want to know.</summary>
    internal bool DiffersFrom(DmarcResult result)
        => Status != result.Status || Policy != result.PolicyInEffect || PolicyDomain != result.PolicyDomain
            || (result.OrganizationalDomain is not null && OrganizationalDomain != result.OrganizationalDomain) || (Percent != 100 && Policy != DmarcPolicy.None);

    /// <summary>RFC 7489 §3.2: one label more than the public suffix; a public suffix is its own.</summary>
    private static DomainName OrganizationalDomainOf(DomainName domain, Func<DomainName, DomainName> publicSuffixOf)
    {
        var suffix = publicSuffixOf(domain);
        if (!domain.IsSubdomainOf(suffix))
            return domain;
        var name = domain;
        while (name.Parent is { } parent && parent != suffix)
            name = parent;
        return name;
    }
}
