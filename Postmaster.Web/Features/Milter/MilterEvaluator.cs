using Microsoft.Extensions.Options;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Milter;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Milter;

/// <summary>Makes events of a transaction: one for each recipient, one more for each that is a trap. Asks DNS.</summary>
internal sealed class MilterEvaluator(MessageAuthenticator authenticator, IDnsResolver dns, TrapAddresses traps, IOptions<MilterOptions> options)
{
    private readonly SpfEvaluator _spf = new(dns);

    /// <summary>Empty when there is nothing to tell: nobody was refused, and the message did not come to its end, or there was no room for it.</summary>
    public async Task<IReadOnlyList<TrafficEvent>> EvaluateAsync(SeenTransaction seen, CancellationToken ct)
    {
        MilterTransaction transaction = seen.Transaction;
        bool delivered = !transaction.Message.IsEmpty;
        List<(MilterRecipient Recipient, bool IsTrap)> told =
        [
            .. from recipient in transaction.Recipients
               where recipient.Refusal is not null || (delivered && !IsLeaving(transaction, recipient))
               let isTrap = recipient.Refusal is not { IsTemporary: true } && traps.Contains(recipient.Address) // a retry would count again
               where recipient.Refusal is not null || options.Value.CountDeliveries || isTrap
               select (recipient, isTrap),
        ];
        if (told.Count == 0)
            return [];

        (TrafficEvent common, MailFolder folder) = await ExamineAsync(transaction, seen.At, ct);
        List<TrafficEvent> events = [];
        foreach ((MilterRecipient recipient, bool isTrap) in told)
        {
            TrafficEvent of = common with { Rcpt = recipient.Address };
            if (recipient.Refusal is { } refusal)
                events.Add(refusal.IsTemporary ? of with { Kind = EventKind.Deferred } : of with { Kind = EventKind.Rejected, Reason = RefusalReason.Of(refusal) });
            else if (options.Value.CountDeliveries)
                events.Add(of with { Kind = EventKind.Delivered, Folder = folder });
            if (isTrap)
                events.Add(of with { Kind = EventKind.Trap });
        }

        return events;
    }

    /// <summary>
    /// The provider's own machines send mail out through the port that takes it in; Postfix calls that way smtp, Sendmail esmtp.
    /// A gateway may send what comes from outside on to its mailboxes in the same way, so it is no sign by itself.
    /// </summary>
    private static bool IsLeaving(MilterTransaction transaction, MilterRecipient recipient) =>
        recipient.Mailer is "smtp" or "esmtp" && (transaction.Client.Address is not { } address || PublicIp.IsInternal(address));

    /// <summary>What all events of the transaction have in common.</summary>
    private async Task<(TrafficEvent Common, MailFolder Folder)> ExamineAsync(MilterTransaction transaction, DateTimeOffset at, CancellationToken ct)
    {
        var common = new TrafficEvent
        {
            Kind = EventKind.Delivered,
            Time = at,
            Ip = transaction.Client.Address?.ToString(),
            Helo = transaction.Helo,
            MailFrom = transaction.ReversePath,
            Tls = transaction.TlsVersion ?? "none",
        };
        Task<ReverseNameCheck>? reverse = transaction.Client.Address is { } client ? ReverseNameCheck.RunAsync(dns, client, ct).AsTask() : null;
        MessageOrigin? origin = transaction.Client.Address is { } address ? new MessageOrigin(address, transaction.ReversePath, transaction.Helo) : null;
        MailFolder folder = MailFolder.Inbox;
        if (transaction.Message.IsEmpty)
        {
            SpfResult? spf = origin is null ? null : await _spf.CheckReversePathAsync(origin.ClientIp, origin.ReversePath, origin.Helo, ct);
            common = common with { Spf = spf is null ? AuthenticationWord.Unknown : MessageTraits.Word(spf.Status) };
        }
        else
        {
            RawMessage message = MessageReader.Read(transaction.Message);
            AuthenticationVerdict verdict = await authenticator.AuthenticateAsync(message, origin, at, ct);
            common = common with { Spf = verdict.Spf is null ? AuthenticationWord.Unknown : MessageTraits.Word(verdict.Spf.Status), Size = transaction.MessageBytes };
            common = MessageTraits.WithVerdict(MessageTraits.WithHeader(common, message.Headers), message, verdict, transaction.SmtpUtf8);
            folder = MessageTraits.FolderOf(message.Headers);
        }

        return (reverse is null ? common : common with { ReverseLeadsBack = (await reverse).LeadsBack }, folder);
    }
}
