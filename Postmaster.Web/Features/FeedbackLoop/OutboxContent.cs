using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Features.FeedbackLoop.Leaving;
using Postmaster.Web.Features.FeedbackLoop.Limits;
using Postmaster.Web.Features.FeedbackLoop.Digests;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>What is to be done with a mail of the outbox now.</summary>
internal abstract record OutboxWork
{
    private OutboxWork()
    {
    }

    public sealed record Send(RelayMail Mail) : OutboxWork;

    /// <summary>A report to a group.</summary>
    /// <param name="Letters">Empty: no member is left that it is to be tried for now.</param>
    /// <param name="Held">The limit by which some members have to wait; null: none has.</param>
    public sealed record SendToGroup(IReadOnlyList<GroupLetter> Letters, ReportCap? Held) : OutboxWork;

    /// <summary>Nobody wants it any more.</summary>
    public sealed record Cancel(string Reason) : OutboxWork;

    /// <summary>It waits: the address is paused, or has had what it gets in a day.</summary>
    public sealed record Hold(string Reason, OutboxHold By, DateTimeOffset DueAt) : OutboxWork;
}

/// <summary>Makes the mail of an outbox row at the moment of sending, from what holds at that moment.</summary>
internal sealed class OutboxContent(
    IDbContextFactory<PostmasterDb> databases, Sealer sealer, ProviderKeys keys, ProviderSigner signer, PortalUrl portal,
    LeaveLinks leaving, CfblReports invited, GroupLetters groups, DigestContent digests,
    IOptions<ProviderOptions> provider, IOptions<ReportsOptions> reports, TimeProvider time)
{
    /// <summary>Local-part of the envelope sender, before "+" and the token.</summary>
    internal const string BounceAddress = "fbl-bounce";

    /// <summary>Reads what several mails are made from.</summary>
    public Task<ReportSources> SourcesAsync(IReadOnlyCollection<OutboxMessage> rows, CancellationToken ct) => ReportSources.ReadAsync(databases, rows, ct);

    /// <param name="sources">In which the row is.</param>
    public async Task<OutboxWork> MakeAsync(OutboxMessage row, ReportSources sources, CancellationToken ct)
    {
        if (!MailAddress.TryParse(row.To, out MailAddress? to, out _))
            return new OutboxWork.Cancel("The address is not a mail address.");
        // VERP: a bounce names the row that it answers.
        MailAddress sender = MailAddress.Parse($"{BounceAddress}+{row.BounceToken}@{provider.Value.Domain}");
        DkimSigner dkim = await signer.SignerAsync(ct);
        return row.Kind switch
        {
            OutboxKind.Notice => Notice(row, sender, to, dkim),
            OutboxKind.InvitedReport => await invited.MakeAsync(row, sender, to, dkim, ct),
            OutboxKind.TestReport => await TestAsync(row, sender, to, dkim, ct),
            OutboxKind.Digest => await digests.MakeAsync(row, sender, to, dkim, ct),
            _ => await ReportAsync(row, sources, sender, to, dkim, ct),
        };
    }

    private OutboxWork Notice(OutboxMessage row, MailAddress sender, MailAddress to, DkimSigner dkim)
    {
        if (row.SealedContent is null || JsonSerializer.Deserialize<NoticeContent>(sealer.Open(row.SealedContent)) is not { } notice)
            return new OutboxWork.Cancel("Its text is gone.");
        MailAddress from = MailAddress.Parse($"{reports.Value.NoticeSender}@{provider.Value.Domain}");
        return new OutboxWork.Send(new RelayMail(
            row.MessageId, sender, to, NoticeComposer.Compose(notice, provider.Value.Name, from, to, row.MessageId, dkim, time.GetUtcNow())));
    }

    private async Task<OutboxWork> ReportAsync(OutboxMessage row, ReportSources sources, MailAddress sender, MailAddress to, DkimSigner dkim, CancellationToken ct)
    {
        List<ReportWish> wanted = [.. sources.Wishes(row)];
        if (wanted.Count > 0 && row.Kind is OutboxKind.NotSpamReport && (wanted = wanted.FindAll(w => w.WantsNotSpam)).Count == 0)
            return new OutboxWork.Cancel("Reports of mail that was taken out of the spam folder are no longer wanted.");
        if (wanted.Count == 0)
            return new OutboxWork.Cancel("The address was changed or removed, reports by mail were switched off, or the domain is no longer proved.");
        // One mailbox, however many claims name it: it is proved again for all of them.
        if (wanted.TrueForAll(w => w.IsPaused))
            return AddressPause.Hold(time.GetUtcNow());
        KeptComplaint kept = sources.Kept(row);
        if (await sources.BodyAsync(row, ct) is not { } body)
            return new OutboxWork.Cancel("The message is no longer kept.");

        ReportSubject subject = ReportMaker.SubjectOf(kept, body, sealer, to, row.MessageId, [.. wanted.Select(w => w.Domain).Distinct()]) with
        {
            LeaveUrl = await leaving.UrlAsync(row.To, ct), IsReplay = row.IsReplay, Incidents = row.Incidents > 1 ? await IncidentsAsync(row, ct) : [],
        };
        ReportLook look = ReportLook.Strictest([.. wanted.Select(w => w.Look)]);
        RedactionKey key = RedactionKey.ForOwner(await keys.RedactionMasterAsync(ct), wanted[0].OwnerId.ToString("N"));
        return await SendAsync(row, sender, subject, look, key, dkim, ct);
    }

    /// <summary>A report about a made-up message, while the address that it was asked for still takes reports.</summary>
    private async Task<OutboxWork> TestAsync(OutboxMessage row, MailAddress sender, MailAddress to, DkimSigner dkim, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var wanted = await (
            from address in db.FeedbackAddresses.AsNoTracking()
            where address.Id == row.FeedbackAddressId && address.ConfirmedAt != null && address.EndedAt == null
            join claim in db.Claims.AsNoTracking() on address.ClaimId equals claim.Id
            where claim.State == ClaimState.Proved || claim.State == ClaimState.Warned
            select new { claim.OwnerId, claim.Domain, Settings = db.FeedbackSettings.FirstOrDefault(s => s.ClaimId == claim.Id) }).FirstOrDefaultAsync(ct);
        if (wanted is null)
            return new OutboxWork.Cancel("The address was changed or removed, or the domain is no longer proved.");
        ReportSubject subject = MadeUpReport.About(DomainName.Parse(wanted.Domain), to, row.MessageId, provider.Value, row.CreatedAt) with { LeaveUrl = await LeaveUrlAsync(to, ct) };
        RedactionKey key = RedactionKey.ForOwner(await keys.RedactionMasterAsync(ct), wanted.OwnerId.ToString("N"));
        return await SendAsync(row, sender, subject, ReportLook.Of(wanted.Settings), key, dkim, ct);
    }

    private async Task<OutboxWork> SendAsync(OutboxMessage row, MailAddress sender, ReportSubject subject, ReportLook wished, RedactionKey key, DkimSigner dkim, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        ReportLook look = wished.Within(reports.Value.IncludeBody);
        if (IsGroup(subject.To))
            return await groups.MakeAsync(row, sender, subject, Compose, ct);
        (byte[] content, byte[]? sevenBit) = Compose(subject);
        return new OutboxWork.Send(new RelayMail(row.MessageId, sender, subject.To, content, sevenBit));

        (byte[] Content, byte[]? SevenBit) Compose(ReportSubject one)
        {
            byte[] octets = ReportComposer.Compose(one, Style(look), key, dkim, now);
            // RFC 6152 §3: a relay without 8BITMIME gets the header alone; re-encoding would change what the signature covers.
            return (octets, System.Text.Ascii.IsValid(octets) ? null : ReportComposer.Compose(one, Style(look.Within(includeBody: false)), key, dkim, now));
        }
    }

    private bool IsGroup(MailAddress to) => GroupAddress.IsGroup(to, provider.Value.Domain);

    /// <summary>Null for a group: its members leave one by one.</summary>
    private async Task<string?> LeaveUrlAsync(MailAddress to, CancellationToken ct) => IsGroup(to) ? null : await leaving.UrlAsync(to.ToString(), ct);

    /// <summary>Each complaint that a mail tells of, the one whose message is shown first.</summary>
    private async Task<IReadOnlyList<ReportIncident>> IncidentsAsync(OutboxMessage row, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var told = await (
            from delivery in db.ReportDeliveries.AsNoTracking()
            where delivery.OutboxId == row.Id
            join complaint in db.Complaints on delivery.ComplaintId equals complaint.Id
            join kept in db.KeptComplaints on complaint.KeptId equals kept.Id
            select new { kept.Id, complaint.MessageId, kept.PressedAt, kept.SealedMailbox }).Distinct().ToListAsync(ct);
        return [.. told.DistinctBy(t => t.Id).OrderByDescending(t => t.Id == row.KeptId).ThenByDescending(t => t.PressedAt).ThenBy(t => t.Id)
            .Select(t => new ReportIncident(t.MessageId, t.PressedAt, t.SealedMailbox is { } mailbox ? MailAddress.Parse(sealer.OpenText(mailbox)) : null))];
    }

    private ReportStyle Style(ReportLook look) => new(
        provider.Value.Name, DomainName.Parse(provider.Value.Domain), look, reports.Value.MaxMessageBytes,
        provider.Value.AuthservIds.FirstOrDefault() ?? provider.Value.Domain, portal.Root);}
