using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

/// <summary>A mailbox wants no reports by invitation, ever: of its address a code stays, and nowhere is it kept in clear any more.</summary>
internal sealed class CfblRefusals(CfblExamination examination, AuditTrail audit, ILogger<CfblRefusals> log)
{
    /// <summary>By which a mailbox is known. Not to be asked for inside a transaction: the first time, it writes.</summary>
    public Task<byte[]> KeyAsync(MailAddress address, CancellationToken ct) => examination.KeyAsync(address, ct);

    /// <summary>Also for a mailbox that no mail has named yet. In the caller's exclusive transaction; the caller saves.</summary>
    public async Task AddAsync(PostmasterDb db, byte[] key, MailAddress address, DateTimeOffset now, CancellationToken ct)
    {
        CfblContact? contact = await db.CfblContacts.FirstOrDefaultAsync(c => c.AddressKey == key, ct);
        if (contact?.RefusedAt is not null)
            return;
        if (contact is not null)
        {
            await RefuseAsync(db, contact, now, ct);
            return;
        }

        contact = new CfblContact { AddressKey = key, Domain = examination.LimitDomain(address.Domain.Ascii), FirstAt = now, LastAt = now };
        contact.Refuse(now);
        db.CfblContacts.Add(contact);
        Tell(db, contact, address.Masked);
    }

    /// <summary>The same for one that mail has named; a second time changes nothing.</summary>
    public async Task RefuseAsync(PostmasterDb db, CfblContact contact, DateTimeOffset now, CancellationToken ct)
    {
        if (contact.RefusedAt is not null)
            return;
        string masked = Masked(contact);
        Tell(db, contact, masked);
        contact.Refuse(now);
        await CancelAsync(db, contact.Id, "Its reader wants no reports.", now, ct);
        await ForgetAsync(db, contact.Id, masked, ct);
    }

    public static Task<int> CancelAsync(PostmasterDb db, Guid contactId, string why, DateTimeOffset now, CancellationToken ct) => db.Outbox
        .Where(m => m.Kind == OutboxKind.InvitedReport && m.State == OutboxState.Queued && db.CfblInvitations.Any(i => i.ContactId == contactId && i.OutboxId == m.Id))
        .ExecuteUpdateAsync(set => set.SetProperty(m => m.State, OutboxState.Cancelled).SetProperty(m => m.EndedAt, now).SetProperty(m => m.LastAnswer, why), ct);

    public static string Masked(CfblContact contact) => MailAddress.TryParse(contact.Address, out MailAddress? address, out _) ? address.Masked : $"***@{contact.Domain}";

    /// <summary>Masks the address in what was sent to it and in what came back: the rows stay for the numbers and for late bounces.</summary>
    private static async Task ForgetAsync(PostmasterDb db, Guid contactId, string masked, CancellationToken ct)
    {
        IQueryable<Guid?> mails = db.CfblInvitations.Where(i => i.ContactId == contactId && i.OutboxId != null).Select(i => i.OutboxId);
        await db.Bounces.Where(b => mails.Contains(b.OutboxId)).ExecuteUpdateAsync(set => set.SetProperty(b => b.To, masked).SetProperty(b => b.Answer, (string?)null), ct);
        await db.Outbox.Where(m => mails.Contains(m.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(m => m.To, masked).SetProperty(m => m.LastAnswer, m => m.State == OutboxState.Cancelled ? m.LastAnswer : null), ct);
        await db.CfblInvitations.Where(i => i.ContactId == contactId).ExecuteUpdateAsync(set => set.SetProperty(i => i.Address, (string?)null), ct);
    }

    private void Tell(PostmasterDb db, CfblContact contact, string masked)
    {
        audit.Add(db, null, contact.Domain, null, AuditTrail.ByLink, "refused reports by invitation for ever", masked);
        log.Refused(contact.Id);
    }
}
