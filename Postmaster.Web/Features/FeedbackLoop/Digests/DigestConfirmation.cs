using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>The one mail that an unconfirmed address gets: who asked, what for, and one link to agree or to refuse.</summary>
internal sealed class DigestConfirmation(NoticeOutbox notices, PortalUrl portal, IOptions<ProviderOptions> provider)
{
    public void Add(PostmasterDb db, DomainClaim claim, Digest waiting, string? requester, string token, DateTimeOffset expires)
    {
        string domain = ClaimNotices.Shown(claim.Domain), name = provider.Value.Name;
        notices.Add(db, waiting.Address, new NoticeContent($"Confirm this address for a daily digest about {domain}", $"""
            {requester ?? "An owner of the domain"} asks {name} to send a daily digest of complaints about {domain} to this address:
            {waiting.Address}

            It is one mail a day, on days with complaints: how many there were, about which mailings, and a list of them.

            Open this link before {ClaimNotices.Instant(expires)}. The page that it leads to asks you to agree, or to say that this was not you:
            {portal.To($"/digest/{token}")}

            Until somebody agrees there, nothing is sent to this address.

            {name}

            """));
    }
}
