using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Features.FeedbackLoop.Limits;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>One transaction: a finished mail for some members, in the order of its recipients.</summary>
internal sealed record GroupLetter(RelayMail Mail, IReadOnlyList<Guid> Members);

/// <summary>
/// Who gets a report to a group, and in which mails. All members that stand when it first leaves get one message in one transaction; it is tried again only for
/// those who have not been answered yet. Such a message cannot name a member, so it can carry no link that knows who clicks: its List-Unsubscribe is an address
/// to write to and a page that asks who one is. A mail for one member alone carries the member's own one-click link (RFC 8058): where the group has a single
/// member, where its owner wants a copy for each, and for some reports after one came back that names no member. A member whose mailbox has got as many reports as
/// it may gets this one later; the others do not wait.
/// </summary>
internal sealed class GroupLetters(IDbContextFactory<PostmasterDb> databases, LeaveTokens leaving, ReportCaps caps, IOptions<ProviderOptions> provider, TimeProvider time)
{
    /// <param name="compose">Makes the octets, and their form for a relay that takes no 8-bit ones.</param>
    public async Task<OutboxWork> MakeAsync(OutboxMessage row, MailAddress sender, ReportSubject subject, Func<ReportSubject, (byte[] Content, byte[]? SevenBit)> compose, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        FeedbackGroup? group = await db.Standing().FirstOrDefaultAsync(g => db.FeedbackAddresses.Any(a => a.Id == g.FeedbackAddressId && a.Address == row.To), ct);
        if (group is null)
            return new OutboxWork.Cancel("The group has ended.");
        List<GroupDelivery> deliveries = await db.GroupDeliveries.Where(d => d.OutboxId == row.Id).ToListAsync(ct);
        List<GroupMember> members = await db.GroupMembers.AsNoTracking()
            .Where(m => m.GroupId == group.Id && m.EndedAt == null && m.ConfirmedAt != null && m.PausedAt == null).OrderBy(m => m.InvitedAt).ThenBy(m => m.Id).ToListAsync(ct);
        if (deliveries.Count == 0)
        {
            if (members.Count == 0)
                return AddressPause.Hold(time.GetUtcNow());
            deliveries.AddRange(await BeginAsync(db, row, group, members, ct));
        }

        if (deliveries.TrueForAll(d => d.State is GroupDeliveryState.Dropped && string.Equals(d.Answer, OtherWays.Words, StringComparison.Ordinal)))
            return new OutboxWork.Cancel(OtherWays.Words);

        List<GroupMember> open = members.FindAll(m => deliveries.Exists(d => d.MemberId == m.Id && d.State is GroupDeliveryState.Open));
        ReportCap? held = await HoldBackAsync(db, row, open, deliveries, ct);
        if (open.Count == 0)
            return new OutboxWork.SendToGroup([], held);
        if (deliveries.Count == 1 || deliveries.Exists(d => d.OwnCopy))
            return new OutboxWork.SendToGroup([.. open.Select(m => Personal(row, sender, subject, m, alone: deliveries.Count == 1, compose))], held);
        string leave = GroupAddress.LeavingOf(group.Token, provider.Value.Domain);
        (byte[] content, byte[]? sevenBit) = compose(subject with { LeaveUrl = leaving.UrlOf(group), LeaveMail = leave });
        return new OutboxWork.SendToGroup([new GroupLetter(new RelayMail(row.MessageId, sender, [.. open.Select(m => MailAddress.Parse(m.Address))], content, sevenBit), [.. open.Select(m => m.Id)])], held);
    }

    /// <summary>Writes down who is to have it, and whether in one message, before the first attempt.</summary>
    private async Task<List<GroupDelivery>> BeginAsync(PostmasterDb db, OutboxMessage row, FeedbackGroup group, List<GroupMember> members, CancellationToken ct)
    {
        bool copies = members.Count > 1 && (group.PersonalCopies || group.CopiesLeft > 0);
        if (copies && !group.PersonalCopies)
            group.CopiesLeft--;
        HashSet<string> elsewhere = await OtherWays.FindAsync(db, row, group, ct);
        List<GroupDelivery> deliveries = members.ConvertAll(m => new GroupDelivery { OutboxId = row.Id, MemberId = m.Id, At = time.GetUtcNow(), OwnCopy = copies });
        foreach (GroupDelivery twice in deliveries.Where(d => elsewhere.Contains(members.Find(m => m.Id == d.MemberId)!.Address)))
            (twice.State, twice.Answer) = (GroupDeliveryState.Dropped, OtherWays.Words);
        db.GroupDeliveries.AddRange(deliveries);
        await db.SaveChangesAsync(ct);
        return deliveries;
    }

    /// <summary>Takes those out of <paramref name="open"/> whose mailbox has to wait; returns the limit that holds, null when none does.</summary>
    private async Task<ReportCap?> HoldBackAsync(PostmasterDb db, OutboxMessage row, List<GroupMember> open, List<GroupDelivery> deliveries, CancellationToken ct)
    {
        ReportCap? held = null;
        foreach (GroupMember member in open.ToList())
        {
            if (await caps.LookAsync(row, member.Address, ct) is not { } cap)
                continue;
            held ??= cap;
            open.Remove(member);
            deliveries.Find(d => d.MemberId == member.Id)!.Answer = cap.Reason;
        }

        if (held is not null)
            await db.SaveChangesAsync(ct);
        return held;
    }

    /// <summary>The Message-ID of a member's own copy of a report: the same at each attempt, and a bounce that brings it back names the member.</summary>
    public static string OwnId(OutboxMessage row, Guid memberId)
    {
        int at = row.MessageId.IndexOf('@', StringComparison.Ordinal);
        return $"{row.MessageId[..at]}.{memberId:N}{row.MessageId[at..]}";
    }

    private GroupLetter Personal(
        OutboxMessage row, MailAddress sender, ReportSubject subject, GroupMember member, bool alone, Func<ReportSubject, (byte[] Content, byte[]? SevenBit)> compose)
    {
        string id = alone ? row.MessageId : OwnId(row, member.Id);
        (byte[] content, byte[]? sevenBit) = compose(subject with { LeaveUrl = leaving.UrlOf(member), MessageId = id });
        MailAddress own = MailAddress.Parse($"{sender.LocalPart}{MemberTag.Separator}{MemberTag.Of(member, row)}@{sender.Domain.Ascii}");
        return new GroupLetter(new RelayMail(id, own, MailAddress.Parse(member.Address), content, sevenBit), [member.Id]);
    }
}
