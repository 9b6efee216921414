using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Lists;
using Postmaster.Fbl.Mime;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Milter;

/// <summary>What an event says of a message beside its authentication.</summary>
internal static class MessageTraits
{
    /// <summary>The folder that the mail server's own rules will choose, by what a spam filter before us wrote: SpamAssassin's fields, or rspamd's.</summary>
    public static MailFolder FolderOf(HeaderBlock headers) =>
        Says(headers, "X-Spam-Flag", "YES") || Says(headers, "X-Spam", "Yes") || Says(headers, "X-Spam-Status", "Yes") ? MailFolder.Spam : MailFolder.Inbox;

    /// <summary>The event's fields of the header.</summary>
    public static TrafficEvent WithHeader(TrafficEvent e, HeaderBlock headers) => e with
    {
        ListId = headers.First("List-Id")?.Unfolded,
        FeedbackId = headers.First("Feedback-ID")?.Unfolded,
        MessageType = (headers.First("X-Postmaster-Msgtype") ?? headers.First("X-Mailru-Msgtype"))?.Unfolded,
        MessageId = headers.First("Message-ID")?.Unfolded,
    };

    public static TrafficEvent WithVerdict(TrafficEvent e, RawMessage message, AuthenticationVerdict verdict, bool smtpUtf8) => e with
    {
        FromDomain = verdict.Dmarc?.AuthorDomain?.Ascii,
        Dkim = [.. verdict.Dkim.Where(d => d.Domain is not null).Select(d => new SignatureEvent(d.Domain!.Ascii, d.Selector, Word(d)))],
        Dmarc = Word(verdict.Dmarc!.Status),
        OneClick = OneClick.IsOffered(message.Headers, verdict.Dkim),
        Format = FormatOf(message, smtpUtf8),
    };

    public static AuthenticationWord Word<T>(T status)
        where T : struct, Enum => Enum.TryParse(status.ToString(), out AuthenticationWord word) ? word : AuthenticationWord.Unknown;

    /// <summary>RFC 6376 §3.6.1: with a key in test mode, as if there were no signature.</summary>
    private static AuthenticationWord Word(DkimResult result) => result.Testing ? AuthenticationWord.None : Word(result.Status);

    /// <summary>The first violation, the grave ones before the others; <c>ok</c> when there is none.</summary>
    private static string FormatOf(RawMessage message, bool smtpUtf8) =>
        new MessageForm(message).Violations.Where(v => !smtpUtf8 || v.Code is not MessageForm.EightBitHeader).MaxBy(v => v.IsGrave)?.Code ?? "ok";

    private static bool Says(HeaderBlock headers, string field, string word) =>
        headers.All(field).Any(f => f.Unfolded.StartsWith(word, StringComparison.OrdinalIgnoreCase));
}
