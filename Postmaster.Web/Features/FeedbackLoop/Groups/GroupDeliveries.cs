using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Bounces;
using Postmaster.Fbl.Smtp;
using Postmaster.Fbl.Text;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>How a report stands with its group.</summary>
/// <param name="Members">Whom it was meant for when it first left; none: it begins anew, because whoever was to have it is paused.</param>
/// <param name="Open">Members that it is to be tried again for.</param>
/// <param name="Words">One line for people: how many have it, and what the others' servers said.</param>
internal sealed record GroupProgress(int Members, int Accepted, int Open, string Words);

/// <summary>Writes down what the relay answered for each member.</summary>
internal sealed class GroupDeliveries(IDbContextFactory<PostmasterDb> databases, GroupPause pause, TimeProvider time)
{
    /// <summary>The answers to one transaction. What the relay said stays true even if another worker has the row meanwhile.</summary>
    public async Task TakeAsync(OutboxMessage row, GroupLetter letter, RelayAnswer answer, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        Dictionary<Guid, GroupDelivery> deliveries = await db.GroupDeliveries.Where(d => d.OutboxId == row.Id).ToDictionaryAsync(d => d.MemberId, ct);
        for (int i = 0; i < letter.Members.Count; i++)
        {
            RelayAnswer said = answer.For(i);
            // Dropped meanwhile: a member that left while the relay took it has it all the same.
            if (deliveries.GetValueOrDefault(letter.Members[i]) is not { State: GroupDeliveryState.Open or GroupDeliveryState.Dropped } delivery)
                continue;
            delivery.At = now;
            delivery.Answer = Cut(HeaderWriter.Clean(said.Answer));
            if (said.Outcome is SmtpOutcome.Accepted)
                delivery.State = GroupDeliveryState.Accepted;
            else if (said.Outcome is SmtpOutcome.PermanentFailure && delivery.State is GroupDeliveryState.Open)
                await RefusedAsync(db, row, delivery, now, ct);
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    /// <param name="giveUp">What is still open has been tried for too long.</param>
    public async Task<GroupProgress> ProgressAsync(OutboxMessage row, bool giveUp, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<GroupDelivery> all = await db.GroupDeliveries.Where(d => d.OutboxId == row.Id).ToListAsync(ct);
        foreach (GroupDelivery late in all.Where(d => giveUp && d.State is GroupDeliveryState.Open))
            (late.State, late.At, late.Answer) = (GroupDeliveryState.Refused, now, Cut($"Not taken for too long. {late.Answer}"));
        await db.SaveChangesAsync(ct);
        return Of(all);
    }

    public static GroupProgress Of(IReadOnlyCollection<GroupDelivery> all)
    {
        int accepted = all.Count(d => d.State is GroupDeliveryState.Accepted), open = all.Count(d => d.State is GroupDeliveryState.Open);
        var parts = new List<string> { $"{accepted} of {all.Count} {(all.Count == 1 ? "member has" : "members have")} it" };
        foreach ((GroupDeliveryState state, string words) in ((GroupDeliveryState, string)[])
            [(GroupDeliveryState.Open, "tried again for"), (GroupDeliveryState.Refused, "refused for"), (GroupDeliveryState.Bounced, "came back from"), (GroupDeliveryState.Dropped, "left out")])
        {
            if (all.Where(d => d.State == state).ToList() is { Count: > 0 } some)
                parts.Add($"{words} {some.Count}{(some.Find(d => d.Answer is not null)?.Answer is { } answer ? $" ({answer})" : "")}");
        }

        return new GroupProgress(all.Count, accepted, open, Cut(string.Join("; ", parts)));
    }

    private async Task RefusedAsync(PostmasterDb db, OutboxMessage row, GroupDelivery delivery, DateTimeOffset now, CancellationToken ct)
    {
        delivery.State = GroupDeliveryState.Refused;
        GroupMember member = await db.GroupMembers.FirstAsync(m => m.Id == delivery.MemberId, ct);
        BouncedRecipient said = BounceReader.ReadReply(delivery.Answer!);
        var bounce = new Bounce
        {
            Id = Guid.CreateVersion7(now), OutboxId = row.Id, To = member.Address, ReceivedAt = now, SentAt = now, Kind = BounceKind.Permanent, ByRelay = true,
            Counts = row.Kind is OutboxKind.FeedbackReport && BounceEffects.CountsAgainst(said), NoSuchMailbox = said.Status?.IsNoSuchMailbox ?? false, Answer = delivery.Answer,
            Outcome = "The relay refused it for one member.",
        };
        db.Bounces.Add(bounce);
        if (bounce.Counts)
            await pause.ConsiderAsync(db, member, bounce, now, ct);
    }

    private static string Cut(string text) => text.Length > ComplaintConfiguration.TextLength ? text[..ComplaintConfiguration.TextLength] : text;
}
