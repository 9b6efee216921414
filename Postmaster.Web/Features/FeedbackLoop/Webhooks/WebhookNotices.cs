using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>The mail that tells the owners that a webhook was switched off. Queued in the commit that does it.</summary>
internal sealed class WebhookNotices(NoticeOutbox outbox, PortalUrl portal, IOptions<ProviderOptions> provider)
{
    /// <param name="waiting">Events that waited and were given up.</param>
    public async Task DisabledAsync(PostmasterDb db, DomainClaim claim, WebhookEndpoint endpoint, string why, int waiting, CancellationToken ct)
    {
        string domain = ClaimNotices.Shown(claim.Domain);
        var content = new NoticeContent($"A webhook of {domain} was switched off", $"""
            The webhook that gets the complaints about {domain} was switched off:
            {endpoint.Url}

            {why}

            No complaint is lost: each is counted and listed in the portal. {Waiting(waiting)}
            When the webhook works again, press "Test and switch on" there, then have the events that failed sent again:
            {portal.To($"/domains/{claim.Domain}/feedback/webhooks")}

            {provider.Value.Name}

            """);
        List<string?> owners = await (
            from m in db.Members
            join user in db.Users on m.UserId equals user.Id
            where m.ClaimId == claim.Id && m.Role == MemberRole.Owner && user.EmailConfirmed
            orderby m.CreatedAt, m.UserId
            select user.Email).ToListAsync(ct);
        foreach (string? owner in owners.Where(o => o is not null))
            outbox.Add(db, owner!, content);
    }

    private static string Waiting(int waiting) => waiting switch
    {
        0 => "No event waited.",
        1 => "1 event that waited was given up.",
        _ => $"{waiting} events that waited were given up.",
    };
}
