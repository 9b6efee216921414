using System.Net;
using System.Text;
using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Traffic.Rspamd;

/// <summary>A report as events: one for each recipient.</summary>
internal static class RspamdEvents
{
    /// <summary>Empty for what is no mail from outside: what a user submits, and what comes from the provider's own networks.</summary>
    public static IReadOnlyList<TrafficEvent> Of(RspamdReport report, DateTimeOffset now)
    {
        if (report.User is not null || (IPAddress.TryParse(report.Ip, out IPAddress? client) && PublicIp.IsInternal(client)))
            return [];
        TrafficEvent common = WithOutcome(report, new TrafficEvent
        {
            Kind = EventKind.Delivered,
            Time = now,
            Ip = report.Ip,
            Helo = report.Helo,
            MailFrom = report.From,
            FromDomain = AuthorDomain(report.Authors),
            Dkim = RspamdSymbols.DkimOf(report),
            Spf = RspamdSymbols.SpfOf(report),
            Dmarc = RspamdSymbols.DmarcOf(report),
            Tls = report.Tls,
            Size = report.Size,
            ListId = report.ListId,
            FeedbackId = report.FeedbackId,
            MessageType = report.MessageType,
            MessageId = report.MessageId,
            ReverseLeadsBack = RspamdSymbols.ReverseLeadsBack(report),
        });
        return [.. report.Recipients.Select(recipient => common with { Rcpt = recipient })];
    }

    private static TrafficEvent WithOutcome(RspamdReport report, TrafficEvent e) => report.Action switch
    {
        "reject" => e with { Kind = EventKind.Rejected, Reason = ReasonOf(report) },
        "discard" => e with { Kind = EventKind.Rejected, Reason = RejectReason.Spam }, // taken, and seen by nobody
        // The action "greylist" is only the score's wish: it is the greylisting module that defers, by "soft reject". Without it the mail is taken.
        "soft reject" => e with { Kind = EventKind.Deferred },
        "add header" or "rewrite subject" or "quarantine" => e with { Folder = MailFolder.Spam },
        _ => e with { Folder = MailFolder.Inbox }, // "no action", "greylist", and actions of an operator's own
    };

    private static RejectReason ReasonOf(RspamdReport report) => report switch
    {
        { IsForced: true } when RspamdSymbols.Has(report, "DMARC_POLICY_REJECT") => RejectReason.Dmarc,
        { IsForced: true } => RejectReason.Policy,
        _ => RejectReason.Spam,
    };

    /// <summary>Null unless the From fields name one domain: with several nobody can say whose mail it claims to be.</summary>
    private static string? AuthorDomain(IReadOnlyList<string> fields)
    {
        var header = new StringBuilder();
        foreach (string field in fields)
            header.Append("From: ").Append(field.ReplaceLineEndings(" ")).Append("\r\n");
        RawMessage message = MessageReader.Read(Encoding.UTF8.GetBytes(header.Append("\r\n").ToString()));
        DmarcAuthors authors = DmarcAuthors.Of(message.Headers);
        return authors is { Domains: [var domain], Unreadable: 0, FromFields: 1 } ? domain.Ascii : null;
    }
}
