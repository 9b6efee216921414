using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>
/// Masks the addresses of those who left a group, declined or were removed, once nobody needs them any more: with their membership, in what was sent to them
/// as members and in what came back. The rows stay for the numbers, and so does the history of who changed what.
/// </summary>
internal sealed class FormerMembers(IDbContextFactory<PostmasterDb> databases, TimeProvider time, ILogger<FormerMembers> log) : PeriodicWorker(TimeSpan.FromHours(1), time)
{
    /// <summary>Longer than a refusal of invitations holds, and than any bounce is listened to.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(90);

    private const int Batch = 100;

    protected override Task TurnAsync(CancellationToken ct) => SweepAsync(ct);

    protected override void TellFault(Exception fault) => log.FormerMembersFault(fault);

    /// <summary>Returns how many were masked.</summary>
    internal async Task<int> SweepAsync(CancellationToken ct)
    {
        DateTimeOffset before = Time.GetUtcNow() - KeptFor;
        int all = 0;
        for (int found = Batch; found == Batch; all += found)
        {
            await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
            await using var transaction = await db.BeginExclusiveAsync(ct);
            // Who was a member when the group ended still stands as one. Without the key of its mailbox it has been here.
            IQueryable<Guid> groups = db.FeedbackGroups.Where(g => db.FeedbackAddresses.Any(a => a.Id == g.FeedbackAddressId && a.EndedAt < before)).Select(g => g.Id);
            List<GroupMember> ended = await db.GroupMembers.Where(m => (m.EndedAt < before || groups.Contains(m.GroupId)) && m.RateKey != "").OrderBy(m => m.Id).Take(Batch).ToListAsync(ct);
            foreach (GroupMember member in ended)
                await ForgetAsync(db, member, before, ct);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            found = ended.Count;
        }

        return all;
    }

    private static async Task ForgetAsync(PostmasterDb db, GroupMember member, DateTimeOffset before, CancellationToken ct)
    {
        string address = member.Address, masked = MailAddress.TryParse(address, out MailAddress? parsed, out _) ? parsed.Masked : "***";
        (member.Address, member.RateKey, member.PauseAnswer) = (masked, "", null);
        member.EndedAt ??= before;
        await db.GroupDeliveries.Where(d => d.MemberId == member.Id).ExecuteUpdateAsync(set => set.SetProperty(d => d.Answer, (string?)null), ct);
        // Of a mailbox that is a member elsewhere or again, the later ones stay.
        await db.Bounces.Where(b => b.To == address && b.ReceivedAt < before).ExecuteUpdateAsync(set => set.SetProperty(b => b.To, masked).SetProperty(b => b.Answer, (string?)null), ct);
        await db.Outbox.Where(m => m.To == address && m.Kind == OutboxKind.Notice && m.EndedAt < before)
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.To, masked).SetProperty(m => m.LastAnswer, (string?)null), ct);
    }
}
