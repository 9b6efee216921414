using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>The one mail that an unconfirmed address gets: who asked, what for, and one link to agree or to refuse. Nothing else, no advertising.</summary>
public sealed class FeedbackAddressMail(NoticeOutbox notices, PortalUrl portal, IOptions<ProviderOptions> provider)
{
    public void Add(PostmasterDb db, DomainClaim claim, FeedbackAddress waiting, string? requester, string token, DateTimeOffset expires)
    {
        string domain = ClaimNotices.Shown(claim.Domain), name = provider.Value.Name;
        notices.Add(db, waiting.Address, new NoticeContent($"Confirm this address for complaint reports about {domain}", $"""
            {requester ?? "An owner of the domain"} asks {name} to send complaint reports about {domain} to this address:
            {waiting.Address}

            A report (ARF, RFC 5965) is sent each time a user of {name} marks mail signed by {domain} as spam.

            Open this link before {ClaimNotices.Instant(expires)}. The page that it leads to asks you to agree, or to say that this was not you:
            {portal.To($"/feedback-address/{token}")}

            Until somebody agrees there, nothing is sent to this address.

            {name}

            """));
    }
}
