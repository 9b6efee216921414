using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>The one mail that an unconfirmed address gets: who asked, what for, one link to agree and one to refuse. Nothing else, no advertising.</summary>
public sealed class FeedbackAddressMail(NoticeOutbox notices, PortalUrl portal, IOptions<ProviderOptions> provider)
{
    public void Add(PostmasterDb db, DomainClaim claim, FeedbackAddress waiting, string? requester, string token, DateTimeOffset expires)
    {
        string domain = ClaimNotices.Shown(claim.Domain), name = provider.Value.Name;
        notices.Add(db, waiting.Address, new NoticeContent($"Confirm this address for complaint reports about {domain}", $"""
            {requester ?? "An owner of the domain"} asks {name} to send complaint reports about {domain} to this address:
            {waiting.Address}

            A report (ARF, RFC 5965) is sent each time a user of {name} marks mail signed by {domain} as spam.

            To agree, open this link before {ClaimNotices.Instant(expires)} and press the button there:
            {portal.To($"/feedback-address/{token}")}

            If this was not you, end the request here:
            {portal.To($"/feedback-address/{token}/decline")}

            Until somebody agrees, nothing is sent to this address.

            {name}

            """));
    }
}
