using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Bounces;

/// <summary>
/// When reports to an address are held: so many different reports failed since it was last proved, and either each was told that there is no such
/// mailbox, or they lie days apart. Every claim that names the address is paused, and its owners' other contact is told once.
/// </summary>
internal sealed class AddressPause(NoticeOutbox notices, AuditTrail audit, PortalUrl portal, IOptions<ProviderOptions> provider, IOptions<BouncesOptions> options, CfblContactStore invited,
    ILogger<AddressPause> log)
{
    /// <summary>How often a held report looks whether the address was proved again without waking it.</summary>
    public static readonly TimeSpan HeldLook = TimeSpan.FromDays(1);

    public const string HeldWords = "Held: the address is paused until it is confirmed again.";

    public static OutboxWork.Hold Hold(DateTimeOffset now) => new(HeldWords, OutboxHold.Paused, now + HeldLook);

    /// <summary>True when an address was paused. Runs in the caller's exclusive transaction, before it saves.</summary>
    /// <param name="mail">The report that failed; it waits, too, when the address is paused.</param>
    /// <param name="latest">Not yet saved.</param>
    public async Task<bool> ConsiderAsync(PostmasterDb db, OutboxMessage mail, Bounce latest, DateTimeOffset now, CancellationToken ct)
    {
        if (mail.Kind is OutboxKind.InvitedReport)
            return await invited.FailedAsync(db, mail, latest, now, ct);
        List<FeedbackAddress> standing = await db.FeedbackAddresses
            .Where(a => a.EndedAt == null && a.ConfirmedAt != null && a.PausedAt == null
                && (a.Address == mail.To || db.ReportDeliveries.Any(d => d.OutboxId == mail.Id && d.FeedbackAddressId == a.Id)))
            .ToListAsync(ct);
        DateTimeOffset since = Since(now);
        List<Bounce> failures = await db.Bounces.AsNoTracking().Where(b => b.To == mail.To && b.Counts && b.ReceivedAt >= since && b.Id != latest.Id).ToListAsync(ct);
        failures.Add(latest);
        bool any = false;
        foreach (FeedbackAddress address in standing)
        {
            // What was sent before the last proof says nothing about the address as it is now.
            List<Bounce> counted = failures.FindAll(b => b.SentAt >= (address.ResumedAt ?? address.ConfirmedAt));
            if (!IsEnough(counted))
                continue;
            address.PausedAt = now;
            address.PauseAnswer = latest.Answer;
            any = true;
            log.AddressPaused(address.Id, MailAddress.TryParse(address.Address, out MailAddress? parsed, out _) ? parsed.Masked : "?");
            await HoldAsync(db, mail, [.. counted.Select(b => b.OutboxId).OfType<Guid>()], now, ct);
            await TellAsync(db, address, ct);
        }

        return any;
    }

    /// <summary>Failures before count no more.</summary>
    public DateTimeOffset Since(DateTimeOffset now) => now - options.Value.PauseWithin;

    /// <summary>One report counts once, however often its token is used.</summary>
    public bool IsEnough(List<Bounce> failures)
    {
        int noMailbox = failures.Where(b => b.NoSuchMailbox).DistinctBy(b => b.OutboxId).Count();
        if (noMailbox >= options.Value.PauseAfterNoMailbox)
            return true;
        return failures.DistinctBy(b => b.OutboxId).Count() >= options.Value.PauseAfter
            && failures.Max(b => b.ReceivedAt) - failures.Min(b => b.ReceivedAt) >= options.Value.PauseSpread;
    }

    /// <summary>The reports that came back wait with the others: none is lost.</summary>
    private static async Task HoldAsync(PostmasterDb db, OutboxMessage mail, List<Guid> failed, DateTimeOffset now, CancellationToken ct)
    {
        DateTimeOffset due = now + HeldLook;
        await db.Outbox
            .Where(m => failed.Contains(m.Id) && m.Id != mail.Id && m.State == OutboxState.Failed && db.KeptBodies.Any(b => b.KeptId == m.KeptId))
            .ExecuteUpdateAsync(set => set
                .SetProperty(m => m.State, OutboxState.Queued).SetProperty(m => m.EndedAt, (DateTimeOffset?)null).SetProperty(m => m.DueAt, due)
                .SetProperty(m => m.Attempts, 0).SetProperty(m => m.LastAnswer, HeldWords), ct);
        mail.State = OutboxState.Queued;
        mail.EndedAt = null;
        mail.DueAt = due;
        mail.Attempts = 0;
        mail.LastAnswer = HeldWords;
    }

    /// <summary>To the owners' accounts, except where an account has the very address that fails.</summary>
    private async Task TellAsync(PostmasterDb db, FeedbackAddress address, CancellationToken ct)
    {
        if (await db.Claims.Where(c => c.Id == address.ClaimId).Select(c => c.Domain).FirstOrDefaultAsync(ct) is not { } domain)
            return;
        audit.Add(db, address.ClaimId, domain, null, AuditTrail.ByPortal, "paused the reports to the feedback address", $"{address.Address}: {address.PauseAnswer}");
        string shown = ClaimNotices.Shown(domain);
        var content = new NoticeContent($"Reports about {shown} are paused", $"""
            Complaint reports about {shown} to {address.Address} come back. Its mail server answered:
            {address.PauseAnswer}

            We send no more reports there for now. Complaints are counted as before, and their reports wait: none is lost.

            When the address works again, confirm it once more, or name another one:
            {portal.To($"/domains/{domain}/feedback")}

            {provider.Value.Name}

            """);
        foreach (string owner in await OwnerContacts.OfAsync(db, address.ClaimId, address.Address, ct))
            notices.Add(db, owner, content);
    }
}
