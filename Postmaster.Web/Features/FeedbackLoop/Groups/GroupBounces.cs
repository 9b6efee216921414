using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Bounces;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>
/// What a bounce does to a report to a group: the envelope sender's token names the report, the bounce's recipients name the members (RFC 3464 §2.3). All members
/// of one transaction read the same token; as with an address, it takes the tokens of several reports to have somebody paused, the owners are told, and proving
/// the address again undoes it.
/// </summary>
internal sealed class GroupBounces(GroupPause pause, IOptions<BouncesOptions> options, IOptions<ProviderOptions> provider)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Whether a mail of the outbox went to a group.</summary>
    public bool Owns(OutboxMessage mail) => MailAddress.TryParse(mail.To, out MailAddress? to, out _) && GroupAddress.IsGroup(to, provider.Value.Domain);

    /// <summary>Runs in the caller's exclusive transaction.</summary>
    /// <param name="isBounceSender">It came with the null reverse-path, or from a mail system's own address.</param>
    /// <returns>What is kept of the mail; what else it says of other members is added to <paramref name="db"/>.</returns>
    public async Task<Bounce> ApplyAsync(PostmasterDb db, Guid id, OutboxMessage mail, BouncedMail said, bool isBounceSender, DateTimeOffset now, CancellationToken ct)
    {
        if (!said.IsBounce)
            return Row(id, mail, mail.To, said.Kind, about: null, mail.EndedAt ?? now, now, said.Kind is BounceKind.AutoReply ? "A machine's answer; it changed nothing." : "A machine's mail that could not be read; it changed nothing.");
        List<(GroupDelivery Delivery, GroupMember Member)> sent = [.. (await (
            from delivery in db.GroupDeliveries
            join member in db.GroupMembers on delivery.MemberId equals member.Id
            where delivery.OutboxId == mail.Id
            select new { delivery, member }).ToListAsync(ct)).Select(p => (p.delivery, p.member))];
        List<(BouncedRecipient About, GroupDelivery Delivery, GroupMember Member)> hits = Hits(mail, said, sent);
        if (hits.Count == 0)
            return Row(id, mail, mail.To, said.Kind, about: null, mail.EndedAt ?? now, now, "It names no member that the report was sent to; it changed nothing.");
        if (!isBounceSender)
            return Row(id, mail, hits[0].Member.Address, hits[0].About.Kind, hits[0].About, hits[0].Delivery.At, now, "It did not come with the null reverse-path, as bounces have to; it changed nothing.");
        Bounce? first = null;
        foreach ((BouncedRecipient about, GroupDelivery delivery, GroupMember member) in hits)
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
                return await pause.ConsiderAsync(db, member, row, now, ct) ? "It has failed for one member, who was paused." : "It has failed for one member; that counts against the address.";
            default:
                return "It changed nothing.";
        }
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

    /// <summary>Which of the named recipients are members that it was sent to; a member's own copy names its member by its Message-ID as well.</summary>
    private static List<(BouncedRecipient About, GroupDelivery Delivery, GroupMember Member)> Hits(OutboxMessage mail, BouncedMail said, List<(GroupDelivery Delivery, GroupMember Member)> sent)
    {
        var hits = new List<(BouncedRecipient, GroupDelivery, GroupMember)>();
        bool own = said.OriginalMessageId is { } original && string.Equals(original, mail.MessageId, StringComparison.Ordinal);
        int copy = sent.FindIndex(s => string.Equals(said.OriginalMessageId, GroupLetters.OwnId(mail, s.Member.Id), StringComparison.Ordinal));
        // A message that comes back and is another one says nothing of ours.
        if (said.OriginalMessageId is not null && !own && copy < 0)
            return hits;
        foreach (BouncedRecipient about in said.Recipients)
        {
            int at = sent.FindIndex(s => about.IsFor(MailAddress.Parse(s.Member.Address)));
            if (at >= 0 && !hits.Exists(h => h.Item3 == sent[at].Member))
                hits.Add((about, sent[at].Delivery, sent[at].Member));
        }

        // Where the address is forwarded, another one fails; the message is still the one that one member alone got.
        if (hits.Count == 0 && said.Recipients.Count > 0 && (copy >= 0 || (own && sent.Count == 1)))
            hits.Add((said.Recipients[0], sent[Math.Max(copy, 0)].Delivery, sent[Math.Max(copy, 0)].Member));
        return hits;
    }

    private static Bounce Row(Guid id, OutboxMessage mail, string to, BounceKind kind, BouncedRecipient? about, DateTimeOffset sentAt, DateTimeOffset now, string outcome) => new()
    {
        Id = id, OutboxId = mail.Id, To = to, ReceivedAt = now, SentAt = sentAt, Kind = kind, Counts = false, NoSuchMailbox = about?.Status?.IsNoSuchMailbox ?? false,
        Answer = about is null ? null : Cut(BounceEffects.AnswerOf(about)), Outcome = outcome,
    };

    private static string Cut(string text) => text.Length > ComplaintConfiguration.TextLength ? text[..ComplaintConfiguration.TextLength] : text;
}
