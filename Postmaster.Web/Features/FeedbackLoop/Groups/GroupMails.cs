using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>The mails that a member, or the group's owners, get from the portal. Each that goes to a member carries the member's own link to leave.</summary>
internal sealed class GroupMails(NoticeOutbox notices, LeaveTokens leaving, PortalUrl portal, IOptions<ProviderOptions> provider)
{
    public const string JoinRoute = "/join-group";

    private string Name => provider.Value.Name;

    /// <summary>The one mail that an unconfirmed member gets.</summary>
    public void Invite(PostmasterDb db, GroupMember member, string domain, string? inviter, string token, DateTimeOffset expires)
    {
        string shown = ClaimNotices.Shown(domain);
        notices.Add(db, member.Address, new NoticeContent($"Join the group that gets complaint reports about {shown}", $"""
            {inviter ?? "An owner of the domain"} asks {Name} to send complaint reports about {shown} to this address, with others of a group:
            {member.Address}

            A report (ARF, RFC 5965) is sent each time a user of {Name} marks mail signed by {shown} as spam.

            Open this link before {ClaimNotices.Instant(expires)}. The page that it leads to asks you to agree, or to say that this was not you:
            {portal.To($"{JoinRoute}/{token}")}

            Until somebody agrees there, nothing is sent to this address. No account is needed.

            {Name}

            """, leaving.UrlOf(member)));
    }

    /// <summary>After the link was used: how to leave again.</summary>
    public void Welcome(PostmasterDb db, GroupMember member, string domain)
    {
        string shown = ClaimNotices.Shown(domain);
        notices.Add(db, member.Address, new NoticeContent($"You are in the group that gets complaint reports about {shown}", $"""
            From now on each complaint about {shown} is reported to {member.Address}.

            Keep this mail: with the link in it you leave the group at any time. Open the page and press its button; no account is needed, and it takes effect at once:
            {leaving.UrlOf(member)}

            {Name}

            """, leaving.UrlOf(member)));
    }

    /// <summary>The member's own link, on the wish of somebody who is not known to be the member.</summary>
    public void LeaveLink(PostmasterDb db, GroupMember member, string domain)
    {
        string shown = ClaimNotices.Shown(domain);
        notices.Add(db, member.Address, new NoticeContent($"Your link to leave the group for {shown}", $"""
            Somebody asked to take this address out of the group that gets complaint reports about {shown}:
            {member.Address}

            If that was you, open this page and press its button; it takes effect at once:
            {leaving.UrlOf(member)}

            If it was not, do nothing: you stay in the group.

            {Name}

            """, leaving.UrlOf(member)));
    }

    /// <summary>To the owners, once each time a member is paused.</summary>
    public async Task PausedAsync(PostmasterDb db, FeedbackGroup group, GroupMember member, string domain, CancellationToken ct)
    {
        string shown = ClaimNotices.Shown(domain);
        await TellOwnersAsync(db, group, domain, member.Address, $"A member of the group for {shown} is paused", $"""
            Complaint reports about {shown} to {member.Address}, a member of the group, come back. Its mail server answered:
            {member.PauseAnswer}

            No more reports go to this member for now; the others of the group get them as before.

            When the address works again, have it confirmed once more, or remove it:
            """, ct);
    }

    /// <summary>To the owners, when the last member has left by a link.</summary>
    public async Task EmptiedAsync(PostmasterDb db, FeedbackGroup group, GroupMember last, string domain, CancellationToken ct)
    {
        string shown = ClaimNotices.Shown(domain);
        await TellOwnersAsync(db, group, domain, last.Address, $"Nobody is left in the group for {shown}", $"""
            {last.Address} has left the group that gets complaint reports about {shown}; nobody else is in it.
            Complaints are counted as before, but nobody is told of them by mail.

            If reports shall go out again, invite somebody:
            """, ct);
    }

    private async Task TellOwnersAsync(PostmasterDb db, FeedbackGroup group, string domain, string about, string subject, string text, CancellationToken ct)
    {
        foreach (string owner in await OwnerContacts.OfAsync(db, group.ClaimId, about, ct))
            notices.Add(db, owner, new NoticeContent(subject, $"{text}\n{portal.To($"/domains/{domain}/feedback/group")}\n\n{Name}\n"));
    }
}
