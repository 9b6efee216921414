using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Bounces;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>
/// What a bounce does to a report to a group: the envelope sender's token names the report, <see cref="BouncedMembers"/> says which members it is about. As with
/// an address, it takes the tokens of several reports to have somebody paused, the owners are told, and proving the address again undoes it.
/// </summary>
internal sealed class GroupBounces(GroupPause pause, IOptions<BouncesOptions> options, IOptions<ProviderOptions> provider)
{
    /// <summary>Reports that go out as a copy for each member after one came back that names no member: enough of them pause whoever it is.</summary>
    public const int CopiesToFindOut = 5;

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Whether a mail of the outbox went to a group.</summary>
    public bool Owns(OutboxMessage mail) => MailAddress.TryParse(mail.To, out MailAddress? to, out _) && GroupAddress.IsGroup(to, provider.Value.Domain);

    /// <summary>Runs in the caller's exclusive transaction.</summary>
    /// <param name="tag">Which member the envelope sender names; null: none.</param>
    /// <param name="isBounceSender">It came with the null reverse-path, or from a mail system's own address.</param>
    /// <returns>What is kept of the mail; what else it says of other members is added to <paramref name="db"/>.</returns>
    public async Task<Bounce> ApplyAsync(PostmasterDb db, Guid id, OutboxMessage mail, string? tag, BouncedMail said, bool isBounceSender, DateTimeOffset now, CancellationToken ct)
    {
        if (!said.IsBounce)
            return Row(id, mail, mail.To, said.Kind, about: null, mail.EndedAt ?? now, now, said.Kind is BounceKind.AutoReply ? "A machine's answer; it changed nothing." : "A machine's mail that could not be read; it changed nothing.");
        List<SentTo> sent = [.. (await (
            from delivery in db.GroupDeliveries
            join member in db.GroupMembers on delivery.MemberId equals member.Id
            where delivery.OutboxId == mail.Id
            select new { delivery, member }).ToListAsync(ct)).Select(p => new SentTo(p.delivery, p.member))];
        BouncedMembers about = BouncedMembers.Of(mail, tag, said, sent);
        if (about.IsForeign)
            return Row(id, mail, mail.To, said.Kind, about: null, mail.EndedAt ?? now, now, "It names neither the report that was sent nor a member; it changed nothing.");
        if (!isBounceSender)
        {
            (BouncedRecipient recipient, SentTo? to) = about.Named.Count > 0 ? about.Named[0] : (said.Recipients[0], null);
            return Row(id, mail, to?.Member.Address ?? mail.To, recipient.Kind, recipient, to?.Delivery.At ?? mail.EndedAt ?? now, now,
                "It did not come with the null reverse-path, as bounces have to; it changed nothing.");
        }

        return about.Named.Count > 0 ? await NamedAsync(db, id, mail, about.Named, now, ct) : await UnnamedAsync(db, id, mail, said.Recipients[0], sent, now, ct);
    }

    private async Task<Bounce> NamedAsync(PostmasterDb db, Guid id, OutboxMessage mail, IReadOnlyList<(BouncedRecipient About, SentTo To)> named, DateTimeOffset now, CancellationToken ct)
    {
        Bounce? first = null;
        foreach ((BouncedRecipient about, (GroupDelivery delivery, GroupMember member)) in named)
        {
            Bounce row = Row(first is null ? id : Guid.CreateVersion7(now), mail, member.Address, about.Kind, about, delivery.At, now, "");
            row.Outcome = delivery.State is GroupDeliveryState.Accepted ? await ActAsync(db, mail, delivery, member, about, row, now, ct) : "It changed nothing.";
            if (first is null)
                first = row;
            else
                db.Bounces.Add(row);
        }

        return first!;
    }

    /// <summary>
    /// A member's address is forwarded, and its bounce names only where it goes: nobody is blamed. The next reports go out as a copy for each member, and what
    /// comes back of them names its member.
    /// </summary>
    private static async Task<Bounce> UnnamedAsync(PostmasterDb db, Guid id, OutboxMessage mail, BouncedRecipient about, List<SentTo> sent, DateTimeOffset now, CancellationToken ct)
    {
        Bounce row = Row(id, mail, mail.To, about.Kind, about, mail.EndedAt ?? now, now, "It changed nothing.");
        if (about.Kind is BounceKind.Delayed)
            row.Outcome = "Its delivery to a member is delayed; which one is not known.";
        // So many members have it as have not come back: more bounces than members are nobody's.
        if (about.Kind is not (BounceKind.Permanent or BounceKind.Temporary) || !sent.Exists(s => s.Delivery.State is GroupDeliveryState.Accepted) || (about.Status?.IsAboutMessage ?? false))
            return row;
        Guid groupId = sent[0].Member.GroupId;
        FeedbackGroup group = await db.FeedbackGroups.FirstAsync(g => g.Id == groupId, ct);
        group.UnnamedAt = now;
        group.UnnamedAnswer = Cut(about.Address is { } address ? $"{address}: {row.Answer}" : row.Answer!);
        // A report that went to each member by itself tells nothing new.
        if (sent.Exists(s => !s.Delivery.OwnCopy))
            group.CopiesLeft = CopiesToFindOut;
        row.Outcome = "It has failed for one member; which one is not known. The next reports go out as a copy for each member, to find out.";
        return row;
    }

    private async Task<string> ActAsync(
        PostmasterDb db, OutboxMessage mail, GroupDelivery delivery, GroupMember member, BouncedRecipient about, Bounce row, DateTimeOffset now, CancellationToken ct)
    {
        string answer = row.Answer ?? "no reason was told";
        switch (about.Kind)
        {
            case BounceKind.Delayed:
                delivery.Answer = Cut($"Not delivered yet, the other side goes on trying: {answer}");
                return "Its delivery to one member is delayed.";
            case BounceKind.Temporary when delivery.SoftBounces < options.Value.SoftRetries && member.TakesReports:
                TryAgain(mail, delivery, answer, now);
                return "It is sent to one member again later.";
            case BounceKind.Temporary or BounceKind.Permanent:
                delivery.State = GroupDeliveryState.Bounced;
                delivery.Answer = Cut($"Came back: {answer}");
                row.Counts = mail.Kind is OutboxKind.FeedbackReport && !(about.Status?.IsAboutMessage ?? false);
                await FollowAsync(db, mail, now, ct);
                if (!row.Counts)
                    return "It has failed for one member; that does not count against the address.";
                if (!await pause.ConsiderAsync(db, member, row, now, ct))
                    return "It has failed for one member; that counts against the address.";
                if (delivery.OwnCopy)
                    await FoundAsync(db, member, ct);
                return "It has failed for one member, who was paused.";
            default:
                return "It changed nothing.";
        }
    }

    /// <summary>The copies have shown who it is.</summary>
    private static async Task FoundAsync(PostmasterDb db, GroupMember member, CancellationToken ct)
    {
        FeedbackGroup group = await db.FeedbackGroups.FirstAsync(g => g.Id == member.GroupId, ct);
        (group.CopiesLeft, group.UnnamedAt, group.UnnamedAnswer) = (0, null, null);
    }

    private void TryAgain(OutboxMessage mail, GroupDelivery delivery, string answer, DateTimeOffset now)
    {
        TimeSpan wait = options.Value.SoftRetry * Math.Pow(4, delivery.SoftBounces++);
        delivery.State = GroupDeliveryState.Open;
        delivery.Answer = Cut($"Came back and is sent again: {answer}");
        DateTimeOffset due = now + (wait < LongestWait ? wait : LongestWait);
        if (mail.State is not OutboxState.Queued)
        {
            mail.State = OutboxState.Queued;
            mail.EndedAt = null;
            mail.Attempts = 0;
            mail.ReleasedAt = now;
            mail.DueAt = due;
        }
    }

    /// <summary>The report has failed when nobody has it; else it stands as sent, and says for how many.</summary>
    private static async Task FollowAsync(PostmasterDb db, OutboxMessage mail, DateTimeOffset now, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        GroupProgress progress = GroupDeliveries.Of(await db.GroupDeliveries.Where(d => d.OutboxId == mail.Id).ToListAsync(ct));
        mail.LastAnswer = progress.Words;
        if (mail.State is OutboxState.Sent && progress.Accepted == 0)
            (mail.State, mail.EndedAt) = (OutboxState.Failed, now);
    }

    private static Bounce Row(Guid id, OutboxMessage mail, string to, BounceKind kind, BouncedRecipient? about, DateTimeOffset sentAt, DateTimeOffset now, string outcome) => new()
    {
        Id = id, OutboxId = mail.Id, To = to, ReceivedAt = now, SentAt = sentAt, Kind = kind, Counts = false, NoSuchMailbox = about?.Status?.IsNoSuchMailbox ?? false,
        Answer = about is null ? null : Cut(BounceEffects.AnswerOf(about)), Outcome = outcome,
    };

    private static string Cut(string text) => text.Length > ComplaintConfiguration.TextLength ? text[..ComplaintConfiguration.TextLength] : text;
}
