using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Bounces;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Text;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Bounces;

/// <summary>
/// Sends people's replies on to <c>Provider:OperatorAddress</c>, as a notice of ours: what comes back for it ends at its own token, machines' answers
/// go on to nobody, and so many go on a day.
/// </summary>
internal sealed class OperatorReplies(NoticeOutbox notices, IOptions<ProviderOptions> provider, IOptions<BouncesOptions> options)
{
    /// <summary>Characters of a reply that go on; the whole is kept.</summary>
    private const int MaxText = 16_000;

    private const int MaxSubject = 200;

    /// <param name="mail">What is answered; null when the reply does not name it.</param>
    public async Task<Bounce> ForwardAsync(PostmasterDb db, Guid id, OutboxMessage? mail, RawMessage message, string reversePath, DateTimeOffset now, CancellationToken ct)
    {
        string outcome = await SendAsync(db, mail, message, reversePath, now, ct);
        return new Bounce { Id = id, OutboxId = mail?.Id, To = mail?.To, ReceivedAt = now, SentAt = mail?.EndedAt, Kind = BounceKind.Reply, Counts = false, Outcome = outcome };
    }

    private async Task<string> SendAsync(PostmasterDb db, OutboxMessage? mail, RawMessage message, string reversePath, DateTimeOffset now, CancellationToken ct)
    {
        ProviderOptions portal = provider.Value;
        if (portal.OperatorAddress.Length == 0)
            return "A person's reply; Provider:OperatorAddress names nobody to send it to.";
        // Our own mail, or mail that says it is ours, must not go round.
        if (reversePath.EndsWith("@" + portal.Domain, StringComparison.OrdinalIgnoreCase) || message.Headers.First(ReportMark.FieldName) is not null)
            return "A mail from the portal's own domain; it was not sent on.";
        DateTimeOffset dayAgo = now.AddDays(-1);
        if (await db.Bounces.CountAsync(b => b.Kind == BounceKind.Reply && b.ReceivedAt > dayAgo, ct) >= options.Value.RepliesPerDay)
            return "A person's reply; more came today than go on (Bounces:RepliesPerDay).";
        notices.Add(db, portal.OperatorAddress, Content(mail, message, reversePath, portal));
        return "A person's reply; it went on to the operator.";
    }

    private static NoticeContent Content(OutboxMessage? mail, RawMessage message, string reversePath, ProviderOptions portal)
    {
        string from = Line(message.Headers.First("From")?.Decoded ?? "nobody named"), subject = Line(message.Headers.First("Subject")?.Decoded ?? "no subject");
        string text = BounceReader.PlainText(message) ?? "(The reply has no plain text. It is kept in the portal's database.)";
        text = new string([.. text.ReplaceLineEndings("\n").Take(MaxText).Select(c => char.IsControl(c) && c is not '\n' and not '\t' ? ' ' : c)]);
        string what = mail switch
        {
            null => $"to {ReportComposer.Sender}@{portal.Domain}",
            { Kind: OutboxKind.FeedbackReport or OutboxKind.NotSpamReport } => $"to the report {mail.MessageId} to {mail.To}",
            _ => $"to the notice {mail.MessageId} to {mail.To}",
        };
        return new NoticeContent($"Reply from {from}: {subject}", $"""
            A reply came {what}.

            From: {from}
            Envelope sender: {Line(reversePath)}
            Subject: {subject}

            Answer the person directly: an answer to this mail does not reach them. What follows is their text.
            ------------------------------------------------------------
            {text}
            ------------------------------------------------------------

            {portal.Name}

            """);
    }

    private static string Line(string text)
    {
        string clean = HeaderWriter.Clean(text).Trim();
        return clean.Length <= MaxSubject ? clean : clean[..MaxSubject];
    }
}
