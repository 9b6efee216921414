using System.Diagnostics;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;
using Postmaster.Fbl.Text;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Features.FeedbackLoop.Limits;
using Postmaster.Web.Features.FeedbackLoop.Reports;
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
    : BatchWorker<OutboxMessage>(leases, signal, time)
{
    /// <summary>Mails of one batch.</summary>
    private const int MostTogether = 64;

    /// <summary>Batches in work: one is made ready while the other leaves.</summary>
    private const int Batches = 2;

    private static readonly TimeSpan LongestRetry = TimeSpan.FromHours(4);

    /// <summary>By the real clock, how long a batch should take: a notice that comes meanwhile waits for so long, and so much is sent again after a crash at worst.</summary>
    private static readonly TimeSpan ShortBatch = TimeSpan.FromMilliseconds(250), LongBatch = TimeSpan.FromSeconds(1);

    /// <summary>A lease with less left is renewed before the relay is asked.</summary>
    private static readonly TimeSpan EnoughLease = TimeSpan.FromSeconds(12);

    private readonly SemaphoreSlim _connections = new(options.Value.Connections);
    private int _most = options.Value.Connections;

    protected override int AtOnce => Math.Min(Batches, options.Value.Connections);

    protected override int Most => _most;

    protected override TimeSpan Gather { get; } = TimeSpan.FromMilliseconds(50);

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

    public override void Dispose()
    {
        _connections.Dispose();
        base.Dispose();
    }

    protected override async Task WorkAsync(IReadOnlyList<Leased<OutboxMessage>> leases, CancellationToken ct)
    {
        long started = Stopwatch.GetTimestamp();
        List<Leased<OutboxMessage>> leaving = await CappedAsync(leases, ct);
        if (leaving.Count == 0)
            return;
        ReportSources? sources = await SourcesAsync(leaving, ct);
        await Task.WhenAll(leaving.Select(lease => Task.Run(() => LeaveAsync(lease, sources, ct), CancellationToken.None)));
        TimeSpan taken = Stopwatch.GetElapsedTime(started);
        if (taken > LongBatch)
            _most = Math.Max(options.Value.Connections, _most / 2);
        else if (taken < ShortBatch && leases.Count >= _most)
            _most = Math.Min(MostTogether, _most * 2);
    }

    /// <summary>Those that may leave now. What is over a cap is held back; over the daily one it may become one report with its like.</summary>
    private async Task<List<Leased<OutboxMessage>>> CappedAsync(IReadOnlyList<Leased<OutboxMessage>> leases, CancellationToken ct)
    {
        var leaving = new List<Leased<OutboxMessage>>(leases.Count);
        var overDay = new List<(Leased<OutboxMessage> Lease, ReportCap Cap)>();
        try
        {
            foreach (Leased<OutboxMessage> lease in leases)
            {
                OutboxMessage mail = lease.Row;
                log.ReportLeased(mail.Id, mail.Kind, MailAddress.TryParse(mail.To, out MailAddress? to, out _) ? to.Masked : "?", mail.Attempts);
                ReportCap? cap = null;
                await TryAsync(lease, async () =>
                {
                    cap = await caps.LookAsync(mail, ct);
                    if (cap is null)
                        leaving.Add(lease);
                    else if (cap.By is OutboxHold.AddressDay)
                        overDay.Add((lease, cap));
                    else
                        await HoldBackAsync(lease, cap, ct);
                }, ct);
            }

            foreach (var alike in overDay.GroupBy(o => o.Lease.Row.AlikeKey ?? o.Lease.Row.Id.ToString(), StringComparer.Ordinal))
                await FoldAsync([.. alike.OrderBy(o => o.Lease.Row.CreatedAt)], ct);
        }
        catch
        {
            leaving.ForEach(lease => caps.Ended(lease.Row));
            throw;
        }

        return leaving;
    }

    /// <summary>The oldest asks for the others, which have to wait like all others for that.</summary>
    private async Task FoldAsync(List<(Leased<OutboxMessage> Lease, ReportCap Cap)> alike, CancellationToken ct)
    {
        foreach ((Leased<OutboxMessage> lease, ReportCap cap) in alike.Skip(1))
            await TryAsync(lease, () => HoldBackAsync(lease, cap with { Wait = rollUps.UntilLook(lease.Row, cap.Wait) }, ct), ct);
        (Leased<OutboxMessage> oldest, ReportCap over) = alike[0];
        await TryAsync(oldest, async () =>
        {
            if (!await rollUps.FoldAsync(oldest, ct))
                await HoldBackAsync(oldest, over with { Wait = rollUps.UntilLook(oldest.Row, over.Wait) }, ct);
        }, ct);
    }

    private Task HoldBackAsync(Leased<OutboxMessage> lease, ReportCap cap, CancellationToken ct) =>
        store.HeldBackAsync(lease, cap.By, cap.Reason, Time.GetUtcNow() + cap.Wait, ct);

    /// <summary>Null: they could not be read together, and each is read for itself.</summary>
    private async Task<ReportSources?> SourcesAsync(List<Leased<OutboxMessage>> leaving, CancellationToken ct)
    {
        try
        {
            return await content.SourcesAsync(leaving.ConvertAll(l => l.Row), ct);
        }
        catch (Exception fault) when (!ct.IsCancellationRequested)
        {
            TellBatchFault(fault);
            return null;
        }
    }

    /// <summary>From a free connection to the written answer.</summary>
    private async Task LeaveAsync(Leased<OutboxMessage> lease, ReportSources? sources, CancellationToken ct)
    {
        try
        {
            await TryAsync(lease, async () =>
            {
                Func<Task>? written;
                await _connections.WaitAsync(ct);
                try
                {
                    written = await SendAsync(lease, sources, ct);
                }
                finally
                {
                    _connections.Release();
                }

                if (written is not null)
                    await written();
            }, ct);
        }
        finally
        {
            caps.Ended(lease.Row);
        }
    }

    /// <returns>Writes down what the relay said; null: there is nothing to be written any more.</returns>
    private async Task<Func<Task>?> SendAsync(Leased<OutboxMessage> lease, ReportSources? sources, CancellationToken ct)
    {
        OutboxMessage mail = lease.Row;
        if (lease.Until - Time.GetUtcNow() < EnoughLease && !await Queue.RenewAsync(lease, ct))
            return null;
        switch (await content.MakeAsync(mail, sources ?? await content.SourcesAsync([mail], ct), ct))
        {
            case OutboxWork.Cancel when groupMails.Owns(mail) && await groups.ProgressAsync(mail, giveUp: true, ct) is { Accepted: > 0 } some:
                return () => store.SentAsync(lease, some.Words, ct);
            case OutboxWork.Cancel cancel:
                return () => store.CancelledAsync(lease, cancel.Reason, ct);
            case OutboxWork.Hold hold:
                return () => store.HeldBackAsync(lease, hold.By, hold.Reason, hold.DueAt, ct);
            case OutboxWork.SendToGroup group:
                await SendAsync(lease, group, ct);
                return null;
            case OutboxWork.Send send:
                RelayAnswer answer = await HoldAsync(lease, token => relay.SendAsync(send.Mail, token), ct);
                // Also when the server stops meanwhile: an answer that is not written down sends the mail twice.
                return () => TakeAsync(lease, answer with { Answer = HeaderWriter.Clean(answer.Answer) }, CancellationToken.None);
            default:
                throw new InvalidOperationException("Work of an unknown kind.");
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

    protected override void TellBatchFault(Exception fault) => log.OutboxFault(fault);

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
