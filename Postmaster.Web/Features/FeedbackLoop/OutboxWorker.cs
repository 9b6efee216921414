using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;
using Postmaster.Fbl.Text;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop;

/// <summary>
/// Hands the outbox to the relay: at least once, always with the same Message-ID. What the relay does not take now is tried again, from a minute
/// to four hours apart; what it refuses, or does not take for days, has failed and says why.
/// </summary>
internal sealed class OutboxWorker(
    OutboxStore store, OutboxContent content, ReportCaps caps, IMailRelay relay, ProviderSigner signer, OutboxSignal signal, IOptions<RelayOptions> options,
    TimeProvider time, ILogger<OutboxWorker> log) : BackgroundService
{
    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(4), Poll = TimeSpan.FromSeconds(5), AfterFault = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await MakeKeyAsync(stoppingToken);
        await Task.WhenAll(Enumerable.Range(0, options.Value.Connections).Select(_ => RunAsync(stoppingToken)));
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

    private async Task RunAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                if (await StepAsync(ct))
                    continue;
                TimeSpan wait = await store.UntilNextAsync(ct) is { } next && next < Poll && next > TimeSpan.Zero ? next : Poll;
                await signal.WaitAsync(wait, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                log.OutboxFault(fault);
                await Task.Delay(AfterFault, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Takes one due mail one step further; false when none is due.</summary>
    internal async Task<bool> StepAsync(CancellationToken ct)
    {
        if (await store.LeaseAsync(ct) is not { } lease)
            return false;
        signal.Wake(); // the next worker looks whether there is more
        OutboxMessage mail = lease.Mail;
        log.ReportLeased(mail.Id, mail.Kind, MailAddress.TryParse(mail.To, out MailAddress? to, out _) ? to.Masked : "?", mail.Attempts);
        try
        {
            if (await caps.LookAsync(mail, ct) is { } cap)
            {
                await store.HeldBackAsync(lease, cap.Reason, time.GetUtcNow() + cap.Wait, ct);
                return true;
            }

            switch (await content.MakeAsync(mail, ct))
            {
                case OutboxWork.Cancel cancel:
                    await store.CancelledAsync(lease, cancel.Reason, ct);
                    break;
                case OutboxWork.Send send:
                    RelayAnswer answer = await WorkLease.HoldAsync(
                        token => store.RenewAsync(lease, token), token => relay.SendAsync(send.Mail, token), time, ct);
                    // Also when the server stops meanwhile: an answer that is not written down sends the mail twice.
                    await TakeAsync(lease, answer with { Answer = HeaderWriter.Clean(answer.Answer) }, CancellationToken.None);
                    break;
            }
        }
        catch (Exception fault) when (!ct.IsCancellationRequested)
        {
            log.ReportFault(mail.Id, fault);
            await TakeAsync(lease, new RelayAnswer(SmtpOutcome.TemporaryFailure, $"The mail could not be made or handed over ({fault.GetType().Name})."), ct);
        }

        return true;
    }

    private async Task TakeAsync(LeasedMail lease, RelayAnswer answer, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (answer.Outcome is SmtpOutcome.Accepted)
        {
            log.ReportRelayed(lease.Mail.Id, answer.Answer);
            await store.SentAsync(lease, answer.Answer, ct);
        }
        else if (answer.Outcome is SmtpOutcome.PermanentFailure)
        {
            await store.FailedAsync(lease, answer.Answer, ct);
        }
        else if (now - lease.Mail.CreatedAt >= options.Value.GiveUpAfter)
        {
            await store.FailedAsync(lease, $"Given up after {options.Value.GiveUpAfter.TotalHours:0.#} hours. {answer.Answer}", ct);
        }
        else
        {
            TimeSpan wait = options.Value.FirstRetry * Math.Pow(2, Math.Clamp(lease.Mail.Attempts - 1, 0, 20));
            await store.DelayedAsync(lease, answer.Answer, now + (wait < LongestRetry ? wait : LongestRetry), ct);
        }
    }
}
