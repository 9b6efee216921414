using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

public enum InviteResult
{
    Sent,
    BadAddress,
    AlreadyMember,

    /// <summary>The domain is not proved: nobody can be invited to it.</summary>
    NotInForce,

    /// <summary>This claim has sent its invitations of the day.</summary>
    TooManyOfClaim,

    /// <summary>This mailbox has got its invitations of the day, from whatever domain.</summary>
    TooManyToMailbox,
}

public abstract record AcceptResult
{
    private AcceptResult()
    {
    }

    public sealed record Accepted(string Domain) : AcceptResult;

    /// <summary>The invitation is for somebody else's address.</summary>
    public sealed record WrongAccount : AcceptResult;

    /// <summary>Used, revoked, too old, or never ours.</summary>
    public sealed record Gone : AcceptResult;
}

/// <summary>Invitations by mail: one link, seven days, for one address.</summary>
public sealed class InvitationStore(
    IDbContextFactory<PostmasterDb> databases, OneTimeLinks links, NoticeOutbox notices, OutboxSignal outbox, PortalUrl portal,
    AuditTrail audit, IOptions<ProviderOptions> provider, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Invitation mails a day: against a claim as a tool for spam, and against a mailbox as its target.</summary>
    public const int MostPerClaim = 20, MostPerMailbox = 3;

    private static readonly TimeSpan Window = TimeSpan.FromDays(1);

    /// <summary>Invites an address; an open invitation to the same mailbox is replaced.</summary>
    public async Task<InviteResult> InviteAsync(Guid claimId, Guid invitedBy, string? email, MemberRole role, CancellationToken ct)
    {
        if (!MailAddress.TryParse(email?.Trim(), out MailAddress? address, out _))
            return InviteResult.BadAddress;
        string key = MailboxRate.KeyOf(address), text = address.ToString();
        DateTimeOffset now = time.GetUtcNow(), since = now - Window;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        DomainClaim? claim = await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == claimId, ct);
        if (claim is not { IsInForce: true })
            return InviteResult.NotInForce;
        string normalized = text.ToUpperInvariant();
        if (await db.Members.AnyAsync(m => m.ClaimId == claimId && db.Users.Any(u => u.Id == m.UserId && u.NormalizedEmail == normalized), ct))
            return InviteResult.AlreadyMember;
        if (await db.Invitations.CountAsync(i => i.ClaimId == claimId && i.CreatedAt > since, ct) >= MostPerClaim)
            return InviteResult.TooManyOfClaim;
        if (await db.Invitations.CountAsync(i => i.RateKey == key && i.CreatedAt > since, ct) >= MostPerMailbox)
            return InviteResult.TooManyToMailbox;

        List<MemberInvitation> open = await db.Invitations.Where(i => i.ClaimId == claimId && i.RateKey == key && i.EndedAt == null).ToListAsync(ct);
        foreach (MemberInvitation earlier in open)
            await EndAsync(db, earlier, now, ct);
        var invitation = new MemberInvitation
        {
            ClaimId = claimId, Email = text, Role = role, InvitedBy = invitedBy, CreatedAt = now, ExpiresAt = now + Lifetime, RateKey = key,
        };
        db.Invitations.Add(invitation);
        string token = links.Issue(db, LinkPurpose.AcceptInvitation, invitation.Id, Lifetime);
        string? inviter = await db.Users.Where(u => u.Id == invitedBy).Select(u => u.Email).FirstOrDefaultAsync(ct);
        audit.Add(db, claimId, claim.Domain, invitedBy, inviter ?? "an account that is gone", role == MemberRole.Owner ? "invited an owner" : "invited a reader", text);
        notices.Add(db, text, Mail(claim, role, inviter, token, invitation.ExpiresAt));
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        outbox.Wake();
        return InviteResult.Sent;
    }

    /// <returns>False when it had ended before.</returns>
    public async Task<bool> RevokeAsync(Guid claimId, Guid invitationId, Guid by, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        MemberInvitation? invitation = await db.Invitations.FirstOrDefaultAsync(i => i.Id == invitationId && i.ClaimId == claimId && i.EndedAt == null, ct);
        if (invitation is null)
            return false;
        await EndAsync(db, invitation, time.GetUtcNow(), ct);
        if (await db.Claims.Where(c => c.Id == claimId).Select(c => c.Domain).FirstOrDefaultAsync(ct) is { } domain)
            await audit.AddAsync(db, claimId, domain, by, "revoked an invitation", invitation.Email, ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    /// <summary>Uses the link up, if the account's confirmed address is the invited one.</summary>
    public async Task<AcceptResult> AcceptAsync(string? token, Guid userId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        Guid? id = await links.PeekAsync(db, LinkPurpose.AcceptInvitation, token, ct);
        DateTimeOffset now = time.GetUtcNow();
        MemberInvitation? invitation = id is null ? null : await db.Invitations.FirstOrDefaultAsync(i => i.Id == id && i.EndedAt == null && i.ExpiresAt > now, ct);
        DomainClaim? claim = invitation is null ? null : await db.Claims.AsNoTracking().FirstOrDefaultAsync(c => c.Id == invitation.ClaimId, ct);
        if (invitation is null || claim is null)
            return new AcceptResult.Gone();
        PortalUser? user = await db.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == userId, ct);
        if (user is null || !IsInvited(invitation, user))
            return new AcceptResult.WrongAccount();
        if (await links.RedeemAsync(db, LinkPurpose.AcceptInvitation, token, ct) is null)
            return new AcceptResult.Gone();
        invitation.EndedAt = now;
        DomainMember? member = await db.Members.FirstOrDefaultAsync(m => m.ClaimId == claim.Id && m.UserId == userId, ct);
        if (member is null)
            db.Members.Add(new DomainMember { ClaimId = claim.Id, UserId = userId, Role = invitation.Role, CreatedAt = now });
        else if (member.Role < invitation.Role)
            member.Role = invitation.Role;
        audit.Add(db, claim.Id, claim.Domain, userId, user.Email ?? "", invitation.Role == MemberRole.Owner ? "joined as an owner" : "joined as a reader");
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return new AcceptResult.Accepted(claim.Domain);
    }

    /// <summary>Whoever holds the invited mailbox has proved it by confirming the account's address.</summary>
    internal static bool IsInvited(MemberInvitation invitation, PortalUser user) =>
        user.EmailConfirmed && string.Equals(user.Email, invitation.Email, StringComparison.OrdinalIgnoreCase);

    private static Task<int> EndAsync(PostmasterDb db, MemberInvitation invitation, DateTimeOffset now, CancellationToken ct)
    {
        invitation.EndedAt = now;
        return OneTimeLinks.RevokeAsync(db, LinkPurpose.AcceptInvitation, invitation.Id, ct);
    }

    private NoticeContent Mail(DomainClaim claim, MemberRole role, string? inviter, string token, DateTimeOffset expires)
    {
        string domain = ClaimNotices.Shown(claim.Domain), name = provider.Value.Name;
        string may = role == MemberRole.Owner
            ? "As an owner you see the domain's complaints, and change its feedback address, its members and the claim itself."
            : "As a reader you see the domain's complaints and change nothing.";
        return new NoticeContent($"Invitation to {domain} at {name}", $"""
            {inviter ?? "An owner"} invites you to {domain} in the sender portal of {name}.
            {may}

            To accept, open this link before {ClaimNotices.Instant(expires)}. You need an account with this mail address; you can make one there.
            {portal.To($"/invitations/{token}")}

            If you do not know what this is about, do nothing: the link ends by itself.

            {name}

            """);
    }
}
