using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Lists;
using Postmaster.Fbl.Mime;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Features.Samples.Checks;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Features.Milter;

/// <summary>What an event says of a message beside its authentication. Format is judged by the rules of the sample check.</summary>
internal static class MessageTraits
{
    /// <summary>Findings that are no violation of RFC 5322: good advice, MIME, or a matter of taste. What is critical counts whatever its name.</summary>
    private static readonly HashSet<string> Tolerated = new(StringComparer.Ordinal)
    {
        "no_subject", "no_recipient", "future_date", "old_date", "large", "no_mime_version", "undeclared_8bit", "no_boundary", "no_parts", "not_closed", "too_deep", "too_many_parts",
    };

    private static readonly FormatCheck Format = new();

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

    public static async ValueTask<TrafficEvent> WithVerdictAsync(TrafficEvent e, RawMessage message, AuthenticationVerdict verdict, bool smtpUtf8, CancellationToken ct)
    {
        var evidence = new SampleEvidence(message, Envelope: null, verdict.Dkim, verdict.Spf, verdict.Dmarc!, e.Time);
        return e with
        {
            FromDomain = verdict.Dmarc?.AuthorDomain?.Ascii,
            Dkim = [.. verdict.Dkim.Where(d => d.Domain is not null).Select(d => new SignatureEvent(d.Domain!.Ascii, d.Selector, Word(d)))],
            Dmarc = Word(verdict.Dmarc!.Status),
            OneClick = OneClick.IsOffered(message.Headers, verdict.Dkim),
            Format = FormatOf(await Format.CheckAsync(evidence, ct), smtpUtf8),
        };
    }

    public static AuthenticationWord Word<T>(T status)
        where T : struct, Enum => Enum.TryParse(status.ToString(), out AuthenticationWord word) ? word : AuthenticationWord.Unknown;

    /// <summary>RFC 6376 §3.6.1: with a key in test mode, as if there were no signature.</summary>
    private static AuthenticationWord Word(DkimResult result) => result.Testing ? AuthenticationWord.None : Word(result.Status);

    private static string FormatOf(SampleTopic? topic, bool smtpUtf8) =>
        topic?.Findings.FirstOrDefault(f => IsViolation(f, smtpUtf8)) is { } first ? Name(first) : "ok";

    private static bool IsViolation(SampleFinding finding, bool smtpUtf8) =>
        finding.Severity is SampleSeverity.Critical
        || (finding.Severity is SampleSeverity.Warning && !Tolerated.Contains(Name(finding)) && !(smtpUtf8 && Name(finding) is "eight_bit_header")); // RFC 6532 §3.2

    private static string Name(SampleFinding finding) => finding.Code[(finding.Code.IndexOf('.', StringComparison.Ordinal) + 1)..];

    private static bool Says(HeaderBlock headers, string field, string word) =>
        headers.All(field).Any(f => f.Unfolded.StartsWith(word, StringComparison.OrdinalIgnoreCase));
}
