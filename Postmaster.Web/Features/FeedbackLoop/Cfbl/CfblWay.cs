using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

/// <summary>
/// Reports to the addresses that the message itself names (RFC 9477): as many of those that qualify as the operator allows, and few to one whose
/// reader has not agreed. What is over a limit waits where a reader has agreed, and is not sent later elsewhere. Each invitation keeps what became of it.
/// Has to be asked after the ways of claims: an address that a claim names is told by the claim's way.
/// </summary>
internal sealed class CfblWay(CfblExamination examination, CfblLimits limits, OutboxSignal signal, IOptions<CfblOptions> options, IOptions<ProviderOptions> provider) : IReportWay
{
    public async Task<IReadOnlyList<int>> QueueAsync(PostmasterDb db, IReadOnlyList<CountedReport> reports, CancellationToken ct)
    {
        List<Guid> kept = [.. reports.Select(r => r.Kept.Id)];
        ILookup<Guid, CfblInvitation> invitations = (await db.CfblInvitations.Where(i => kept.Contains(i.KeptId)).OrderBy(i => i.Number).ToListAsync(ct)).ToLookup(i => i.KeptId);
        int[] queued = new int[reports.Count];
        for (int i = 0; i < reports.Count && invitations.Count > 0; i++)
        {
            if (!invitations.Contains(reports[i].Kept.Id))
                continue;
            queued[i] = await QueueAsync(db, reports[i], invitations[reports[i].Kept.Id], ct);
            // The limits of the next one count it.
            await db.SaveChangesAsync(ct);
        }

        return queued;
    }

    public void Wake() => signal.Wake();

    private async Task<int> QueueAsync(PostmasterDb db, CountedReport report, IEnumerable<CfblInvitation> invitations, CancellationToken ct)
    {
        List<CfblContact> queued = [], held = [];
        foreach (CfblInvitation invitation in invitations)
        {
            (CfblFate fate, CfblContact? contact) = await JudgeAsync(db, report, invitation, queued, held, ct);
            invitation.Fate = fate;
            invitation.ContactId = contact?.Id;
            bool waits = contact?.ConfirmedAt is not null && fate is CfblFate.AddressLimit or CfblFate.DomainLimit or CfblFate.DayLimit;
            if (fate is not CfblFate.Queued && !waits)
                continue;
            OutboxMessage mail = NewMail(report, invitation.Address!);
            db.Outbox.Add(mail);
            invitation.OutboxId = mail.Id;
            (waits ? held : queued).Add(contact!);
            if (waits)
                (mail.HeldBy, mail.DueAt, mail.LastAnswer) = (OutboxHold.InvitedDay, CfblLimits.NextLook(mail, report.Now), CfblLimits.HeldWords);
            else
                contact!.Count(report.Now);
        }

        return queued.Count;
    }

    private async Task<(CfblFate Fate, CfblContact? Contact)> JudgeAsync(
        PostmasterDb db, CountedReport report, CfblInvitation invitation, List<CfblContact> queued, List<CfblContact> held, CancellationToken ct)
    {
        if (!invitation.Qualifies || !MailAddress.TryParse(invitation.Address, out MailAddress? address, out _))
            return (CfblFate.NotQualified, null);
        if (!IsOn(options.Value, invitation.Source))
            return (CfblFate.Off, null);
        if (OwnDomains.Of(provider.Value).Any(address.Domain.IsEqualOrSubdomainOf))
            return (CfblFate.Ours, null);
        if (invitation.Reputation is null ? !options.Value.AllowUnknownReputation : invitation.Reputation > options.Value.MinReputation)
            return (invitation.Reputation is null ? CfblFate.UnknownReputation : CfblFate.LowReputation, null);
        if (queued.Count + held.Count >= options.Value.MaxAddresses || queued.Concat(held).Any(c => c.AddressKey.AsSpan().SequenceEqual(invitation.AddressKey)))
            return (CfblFate.OneOfMany, null);
        if (await ByClaimAsync(db, report, address, ct) is { } fate)
            return (fate, null);
        CfblContact? contact = await db.CfblContacts.FirstOrDefaultAsync(c => c.AddressKey == invitation.AddressKey, ct);
        if (contact is not null && Standing(contact) is { } stopped)
            return (stopped, contact);
        // What was queued for this message is not saved yet.
        if (await limits.ReachedAsync(db, contact, examination.LimitDomain(invitation.AddressDomain), queued, report.Now, ct) is { } limit)
            return (limit, contact);
        if (contact is null)
        {
            contact = new CfblContact
            {
                AddressKey = invitation.AddressKey!, Address = address.ToString(), Domain = examination.LimitDomain(invitation.AddressDomain), FirstAt = report.Now, LastAt = report.Now,
            };
            db.CfblContacts.Add(contact);
        }

        return (CfblFate.Queued, contact);
    }

    internal static bool IsOn(CfblOptions options, CfblSource source) => source is CfblSource.Record ? options.DkimFbl : options.Mode is not CfblMode.Off;

    /// <summary>Why an address gets nothing more for the time being; null when it may.</summary>
    internal static CfblFate? Standing(CfblContact contact) => contact switch
    {
        { RefusedAt: not null } => CfblFate.Refused,
        { BlockedAt: not null } => CfblFate.Blocked,
        { PausedAt: not null } => CfblFate.Paused,
        _ => null,
    };

    /// <summary>What the claims know of the mailbox goes before what mail says of it.</summary>
    private static async Task<CfblFate?> ByClaimAsync(PostmasterDb db, CountedReport report, MailAddress address, CancellationToken ct)
    {
        string text = address.ToString(), key = MailboxRate.KeyOf(address);
        if (report.Claims.Any(c => MailAddress.TryParse(c.Claim.Address, out MailAddress? named, out _) && string.Equals(MailboxRate.KeyOf(named), key, StringComparison.Ordinal))
            || db.Outbox.Local.Any(m => m.KeptId == report.Kept.Id && string.Equals(m.To, text, StringComparison.Ordinal)))
        {
            return CfblFate.ByClaim;
        }

        DateTimeOffset declined = report.Now - FeedbackAddressStore.DeclineHolds;
        if (await db.FeedbackAddresses.AnyAsync(a => a.RateKey == key && a.DeclinedAt > declined, ct))
            return CfblFate.Refused;
        return await db.FeedbackAddresses.AnyAsync(a => a.RateKey == key && a.EndedAt == null && a.PausedAt != null, ct) ? CfblFate.Paused : null;
    }

    private OutboxMessage NewMail(CountedReport report, string to)
    {
        Guid id = Guid.CreateVersion7(report.Now);
        return new OutboxMessage
        {
            Id = id,
            Kind = OutboxKind.InvitedReport,
            To = to,
            KeptId = report.Kept.Id,
            MessageId = $"{id:N}@{provider.Value.Domain}",
            BounceToken = NoticeOutbox.NewBounceToken(),
            CreatedAt = report.Now,
            DueAt = report.Now,
        };
    }
}
