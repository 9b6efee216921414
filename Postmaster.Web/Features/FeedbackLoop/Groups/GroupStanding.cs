using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>
/// Keeps the address that stands for a group in step with its members: confirmed while there is one, paused while all are. Whatever asks about a feedback
/// address need not know of groups then. Called after each change, in the same exclusive transaction.
/// </summary>
internal static class GroupStanding
{
    public const string EmptyWords = "Nobody is left in the group.";

    /// <summary>Saves <paramref name="db"/>.</summary>
    /// <returns>Whether the last member has just gone.</returns>
    public static async Task<bool> FollowAsync(PostmasterDb db, FeedbackGroup group, DateTimeOffset now, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        FeedbackAddress? address = await db.FeedbackAddresses.FirstOrDefaultAsync(a => a.Id == group.FeedbackAddressId && a.EndedAt == null, ct);
        if (address is null)
            return false;
        List<GroupMember> members = await db.GroupMembers.Where(m => m.GroupId == group.Id && m.EndedAt == null && m.ConfirmedAt != null).ToListAsync(ct);
        bool had = address.ConfirmedAt is not null;
        if (members.Count == 0)
        {
            await QueuedReports.CancelAsync(db, group.ClaimId, EmptyWords, now, ct);
            (address.ConfirmedAt, address.PausedAt, address.PauseAnswer) = (null, null, null);
        }
        else if (members.TrueForAll(m => m.IsPaused))
        {
            address.ConfirmedAt ??= now;
            address.PausedAt ??= now;
            address.PauseAnswer = members.MaxBy(m => m.PausedAt)!.PauseAnswer;
        }
        else
        {
            if (address.IsPaused)
                await QueuedReports.ReleaseAsync(db, address, now, ct);
            address.Confirm(now);
        }

        await db.SaveChangesAsync(ct);
        return had && members.Count == 0;
    }

    /// <summary>Takes a member out of the reports that still try to reach it; their rows are looked at again at once.</summary>
    public static async Task DropAsync(PostmasterDb db, Guid memberId, string why, DateTimeOffset now, CancellationToken ct)
    {
        await db.Outbox
            .Where(m => m.State == OutboxState.Queued && db.GroupDeliveries.Any(d => d.OutboxId == m.Id && d.MemberId == memberId && d.State == GroupDeliveryState.Open))
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.DueAt, now), ct);
        await db.GroupDeliveries.Where(d => d.MemberId == memberId && d.State == GroupDeliveryState.Open)
            .ExecuteUpdateAsync(set => set.SetProperty(d => d.State, GroupDeliveryState.Dropped).SetProperty(d => d.Answer, why).SetProperty(d => d.At, now), ct);
    }
}
