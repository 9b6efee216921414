using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

/// <summary>
/// So many reports by invitation a UTC day: to one address, to all of its domain, to all addresses. What is over for an address whose reader has agreed waits
/// in the queue for the next day, up to a week; what is over for another is not sent later, because nobody has asked for it.
/// </summary>
internal sealed class CfblLimits(IDbContextFactory<PostmasterDb> databases, IOptions<CfblOptions> options, TimeProvider time)
{
    public const string HeldWords = "Held back: as many reports as may go to addresses named in mail went there today (Cfbl:MaxPerAddressPerDay, Cfbl:MaxPerDomainPerDay, Cfbl:MaxPerDay).";

    public const string TooOldWords = "It waited for a week for room in the day's limit.";

    /// <summary>Attack: mail that names an address by the million must not fill the queue, and keep all those messages, for ever.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromDays(7);

    /// <param name="contact">Null: it was never written to.</param>
    /// <param name="queued">For the same message, and not saved yet.</param>
    /// <returns>The limit that is reached; null: one more may be made.</returns>
    public async Task<CfblFate?> ReachedAsync(PostmasterDb db, CfblContact? contact, string domain, List<CfblContact> queued, DateTimeOffset now, CancellationToken ct)
    {
        CfblOptions most = options.Value;
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        int onDay = contact?.CountOn(today) ?? 0;
        if (contact?.ConfirmedAt is null)
        {
            if (onDay >= most.AllowanceUnconfirmed || contact?.Total >= most.AllowanceTotal || most.AllowanceTotal == 0)
                return CfblFate.AllowanceUsed;
        }
        else if (onDay >= most.MaxPerAddressPerDay)
        {
            return CfblFate.AddressLimit;
        }

        int inDomain = await db.CfblContacts.Where(c => c.Day == today && c.Domain == domain).SumAsync(c => c.OnDay, ct);
        if (inDomain + queued.Count(c => string.Equals(c.Domain, domain, StringComparison.Ordinal)) >= most.MaxPerDomainPerDay)
            return CfblFate.DomainLimit;
        return await db.CfblContacts.Where(c => c.Day == today).SumAsync(c => c.OnDay, ct) + queued.Count >= most.MaxPerDay ? CfblFate.DayLimit : null;
    }

    /// <summary>A report that waits comes up: it counts for today and may leave, or waits for another day.</summary>
    /// <returns>Null: it may leave.</returns>
    public async Task<OutboxWork?> LookAsync(OutboxMessage mail, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now - mail.CreatedAt > LongestWait)
            return new OutboxWork.Cancel(TooOldWords);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        await using var transaction = await db.BeginExclusiveAsync(ct);
        CfblInvitation invitation = await db.CfblInvitations.FirstAsync(i => i.OutboxId == mail.Id, ct);
        CfblContact contact = await db.CfblContacts.FirstAsync(c => c.Id == invitation.ContactId, ct);
        if (await ReachedAsync(db, contact, contact.Domain, [], now, ct) is not null)
            return new OutboxWork.Hold(HeldWords, OutboxHold.InvitedDay, NextLook(mail, now));
        contact.Count(now);
        invitation.Fate = CfblFate.Queued;
        // Whatever the relay says, it has been counted.
        await db.Outbox.Where(m => m.Id == mail.Id).ExecuteUpdateAsync(set => set.SetProperty(m => m.HeldBy, (OutboxHold?)null), ct);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return null;
    }

    /// <summary>Soon after the next midnight, the older the sooner: those that wait for longest go first.</summary>
    public static DateTimeOffset NextLook(OutboxMessage mail, DateTimeOffset now)
    {
        var midnight = new DateTimeOffset(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
        return midnight + ((mail.CreatedAt - (now - LongestWait)) / 1000);
    }
}
