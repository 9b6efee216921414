using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Leaving;

/// <summary>Something of a claim that a mailbox ended.</summary>
/// <param name="What">"reports" or "daily digest".</param>
internal sealed record EndedContact(Guid ClaimId, string Domain, string What);

/// <summary>The mail that tells a claim's owners that a mailbox wants no more. Queued in the commit that ends it.</summary>
internal sealed class LeaveNotices(NoticeOutbox notices, PortalUrl portal, IOptions<ProviderOptions> provider)
{
    /// <summary>One mail for each claim and owner, whatever ended.</summary>
    public async Task AddAsync(PostmasterDb db, IReadOnlyList<EndedContact> ended, string address, CancellationToken ct)
    {
        foreach (IGrouping<Guid, EndedContact> claim in ended.Where(e => e.Domain.Length > 0).GroupBy(e => e.ClaimId))
        {
            NoticeContent content = Content([.. claim.Select(e => e.What)], claim.First().Domain, address);
            foreach (string owner in await OwnerContacts.OfAsync(db, claim.Key, address, ct))
                notices.Add(db, owner, content);
        }
    }

    private NoticeContent Content(IReadOnlyList<string> what, string domain, string address)
    {
        string shown = ClaimNotices.Shown(domain), ended = string.Join(" and no ", what);
        bool reports = what.Contains("reports", StringComparer.Ordinal);
        return new NoticeContent($"No more {ended} about {shown} {(reports ? "go" : "goes")} to {address}", $"""
            Somebody who reads {address} has used the link in a mail about complaints to end all such mails to it.
            Complaints about {shown} are counted as before{(reports ? ", but nobody is told of them at this address" : "")}.

            If mails shall go there again, ask for them once more, and the address is asked to agree; or name another one:
            {portal.To($"/domains/{domain}/feedback{(reports ? "" : "/digest")}")}

            {provider.Value.Name}

            """);
    }
}
