using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;
using Postmaster.Fbl.Text;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Features.FeedbackLoop.Limits;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>
/// Hands the outbox to the relay: at least once, always with the same Message-ID. What the relay does not take now is tried again, from a minute
/// to four hours apart; what it refuses, or does not take for days, has failed and says why.
/// </summary>
internal sealed class OutboxWorker(
    OutboxLeases leases, OutboxStore store, OutboxContent content, GroupDeliveries groups, GroupBounces groupMails, ReportCaps caps, RollUps rollUps, IMailRelay relay, ProviderSigner signer, OutboxSignal signal, IOptions<RelayOptions> options,
    TimeProvider time, ILogger<OutboxWorker> log)
    : QueueWorker<OutboxMessage>(leases, signal, time)
{
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(4);

    protected override int AtOnce => options.Value.Connections;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await MakeKeyAsync(stoppingToken);
        await base.ExecuteAsync(stoppingToken);
    }

    private async Task MakeKeyAsync(CancellationToken ct)
    {
        try
        {
            await signer.TxtValueAsync(ct);
            log.SigningKeyReady(signer.TxtName);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            log.OutboxFault(fault); // each mail tries again
        }
    }

    protected override async Task WorkAsync(Leased<OutboxMessage> lease, CancellationToken ct)
    {
        OutboxMessage mail = lease.Row;
        log.ReportLeased(mail.Id, mail.Kind, MailAddress.TryParse(mail.To, out MailAddress? to, out _) ? to.Masked : "?", mail.Attempts);
        if (await caps.LookAsync(mail, ct) is { } cap)
        {
            if (cap.By is not OutboxHold.AddressDay || !await rollUps.FoldAsync(lease, ct))
                await store.HeldBackAsync(lease, cap.By, cap.Reason, Time.GetUtcNow() + cap.Wait, ct);
            return;
        }

        switch (await content.MakeAsync(mail, ct))
        {
            case OutboxWork.Cancel when groupMails.Owns(mail) && await groups.ProgressAsync(mail, giveUp: true, ct) is { Accepted: > 0 } some:
                await store.SentAsync(lease, some.Words, ct);
                break;
            case OutboxWork.Cancel cancel:
                await store.CancelledAsync(lease, cancel.Reason, ct);
                break;
            case OutboxWork.Hold hold:
                await store.HeldBackAsync(lease, OutboxHold.Paused, hold.Reason, Time.GetUtcNow() + AddressPause.HeldLook, ct);
                break;
            case OutboxWork.SendToGroup group:
                await SendAsync(lease, group, ct);
                break;
            case OutboxWork.Send send:
                RelayAnswer answer = await HoldAsync(lease, token => relay.SendAsync(send.Mail, token), ct);
                // Also when the server stops meanwhile: an answer that is not written down sends the mail twice.
                await TakeAsync(lease, answer with { Answer = HeaderWriter.Clean(answer.Answer) }, CancellationToken.None);
                break;
        }
    }

    /// <summary>One transaction after the other, each written down before the next: what was taken is not sent again.</summary>
    private async Task SendAsync(Leased<OutboxMessage> lease, OutboxWork.SendToGroup work, CancellationToken ct)
    {
        foreach (GroupLetter letter in work.Letters)
        {
            RelayAnswer answer = await HoldAsync(lease, token => relay.SendAsync(letter.Mail, token), ct);
            await groups.TakeAsync(lease.Row, letter, answer, CancellationToken.None);
        }

        await FollowAsync(lease, work.Held, CancellationToken.None);
    }

    /// <summary>The report goes on while a member is to be tried again.</summary>
    private async Task FollowAsync(Leased<OutboxMessage> lease, ReportCap? held, CancellationToken ct)
    {
        // Whom a limit of ours keeps waiting is not given up.
        GroupProgress progress = await groups.ProgressAsync(lease.Row, held is null && IsTooLate(lease.Row), ct);
        if (held is not null && progress.Open > 0)
            await store.HeldBackAsync(lease, held.By, progress.Words, Time.GetUtcNow() + held.Wait, ct);
        else if (progress.Members == 0)
            await store.HeldBackAsync(lease, OutboxHold.Paused, AddressPause.HeldWords, Time.GetUtcNow() + AddressPause.HeldLook, ct);
        else if (progress.Open > 0)
            await store.DelayedAsync(lease, progress.Words, NextTry(lease.Row), ct);
        else if (progress.Accepted > 0)
            await store.SentAsync(lease, progress.Words, ct);
        else
            await store.FailedAsync(lease, progress.Words, ct);
    }

    protected override async Task FailAsync(Leased<OutboxMessage> lease, Exception fault, CancellationToken ct)
    {
        log.ReportFault(lease.Row.Id, fault);
        if (groupMails.Owns(lease.Row) && await groups.ProgressAsync(lease.Row, giveUp: false, ct) is { Open: > 0 })
        {
            await FollowAsync(lease, held: null, ct);
            return;
        }

        await TakeAsync(lease, new RelayAnswer(SmtpOutcome.TemporaryFailure, $"The mail could not be made or handed over ({fault.GetType().Name})."), ct);
    }

    protected override void TellFault(Exception fault) => log.OutboxFault(fault);

    private async Task TakeAsync(Leased<OutboxMessage> lease, RelayAnswer answer, CancellationToken ct)
    {
        if (answer.Outcome is SmtpOutcome.Accepted)
        {
            log.ReportRelayed(lease.Row.Id, answer.Answer);
            await store.SentAsync(lease, answer.Answer, ct);
        }
        else if (answer.Outcome is SmtpOutcome.PermanentFailure)
        {
            await store.RefusedAsync(lease, answer.Answer, ct);
        }
        else if (IsTooLate(lease.Row))
        {
            await store.FailedAsync(lease, $"Given up after {options.Value.GiveUpAfter.TotalHours:0.#} hours. {answer.Answer}", ct);
        }
        else
        {
            await store.DelayedAsync(lease, answer.Answer, NextTry(lease.Row), ct);
        }
    }

    private bool IsTooLate(OutboxMessage mail) => Time.GetUtcNow() - (mail.ReleasedAt ?? mail.CreatedAt) >= options.Value.GiveUpAfter;

    private DateTimeOffset NextTry(OutboxMessage mail)
    {
        TimeSpan wait = options.Value.FirstRetry * Math.Pow(2, Math.Clamp(mail.Attempts - 1, 0, 20));
        return Time.GetUtcNow() + (wait < LongestRetry ? wait : LongestRetry);
    }
}
