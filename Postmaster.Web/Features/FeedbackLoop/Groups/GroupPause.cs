using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>
/// When reports leave a member out: by the rules for a feedback address. The others get them as before; only when no member is left to have them do reports
/// wait, those that came back, too.
/// </summary>
internal sealed class GroupPause(AddressPause rule, GroupMails mails, AuditTrail audit, ILogger<GroupPause> log)
{
    /// <summary>True when the member was paused. Runs in the caller's exclusive transaction; it may save.</summary>
    /// <param name="latest">Not yet saved, or not found by its id.</param>
    public async Task<bool> ConsiderAsync(PostmasterDb db, GroupMember member, Bounce latest, DateTimeOffset now, CancellationToken ct)
    {
        if (!member.TakesReports)
            return false;
        DateTimeOffset since = rule.Since(now), proved = member.ResumedAt ?? member.ConfirmedAt!.Value;
        List<Bounce> failures = await db.Bounces.AsNoTracking().Where(b => b.To == member.Address && b.Counts && b.ReceivedAt >= since && b.Id != latest.Id).ToListAsync(ct);
        failures.Add(latest);
        // What was sent before the last proof says nothing about the address as it is now.
        failures.RemoveAll(b => b.SentAt < proved);
        if (!rule.IsEnough(failures))
            return false;
        FeedbackGroup group = await db.FeedbackGroups.FirstAsync(g => g.Id == member.GroupId, ct);
        if (await db.Claims.Where(c => c.Id == group.ClaimId).Select(c => c.Domain).FirstOrDefaultAsync(ct) is not { } domain)
            return false;
        member.PausedAt = now;
        member.PauseAnswer = latest.Answer;
        // The reports that came back are missed, too.
        member.MissedSince ??= failures.Min(b => b.SentAt) ?? now;
        log.MemberPaused(member.Id, MailAddress.TryParse(member.Address, out MailAddress? parsed, out _) ? parsed.Masked : "?");
        audit.Add(db, group.ClaimId, domain, null, AuditTrail.ByPortal, "paused a member of the group", $"{member.Address}: {latest.Answer}");
        await mails.PausedAsync(db, group, member, domain, ct);
        await db.SaveChangesAsync(ct);
        await GroupStanding.DropAsync(db, member.Id, "The member is paused.", now, ct);
        await GroupStanding.FollowAsync(db, group, now, ct);
        if (await db.FeedbackAddresses.AnyAsync(a => a.Id == group.FeedbackAddressId && a.PausedAt != null, ct))
            await HoldAsync(db, [.. failures.Select(b => b.OutboxId).OfType<Guid>()], now, ct);
        return true;
    }

    /// <summary>Reports that nobody of the group has wait until somebody can have them: none is lost. They begin anew then, for whoever is in the group.</summary>
    private static async Task HoldAsync(PostmasterDb db, List<Guid> failed, DateTimeOffset now, CancellationToken ct)
    {
        List<Guid> nobodyHas = await db.Outbox
            .Where(m => failed.Contains(m.Id) && !m.IsReplay && db.KeptBodies.Any(b => b.KeptId == m.KeptId)
                && !db.GroupDeliveries.Any(d => d.OutboxId == m.Id && (d.State == GroupDeliveryState.Accepted || d.State == GroupDeliveryState.Open)))
            .Select(m => m.Id).ToListAsync(ct);
        foreach (OutboxMessage mail in await db.Outbox.Where(m => nobodyHas.Contains(m.Id)).ToListAsync(ct))
        {
            mail.State = OutboxState.Queued;
            mail.EndedAt = null;
            mail.DueAt = now + AddressPause.HeldLook;
            mail.Attempts = 0;
            mail.LastAnswer = AddressPause.HeldWords;
        }

        foreach (GroupDelivery delivery in await db.GroupDeliveries.Where(d => nobodyHas.Contains(d.OutboxId)).ToListAsync(ct))
            db.GroupDeliveries.Remove(delivery);
        await db.SaveChangesAsync(ct);
    }
}
