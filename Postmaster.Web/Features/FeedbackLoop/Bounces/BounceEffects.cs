using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Bounces;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Digests;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Bounces;

/// <summary>What a bounce, or the relay's refusal, does to the mail that it answers. Runs in the caller's exclusive transaction.</summary>
internal sealed class BounceEffects(AddressPause pause, GroupBounces groups, DigestPause digests, IOptions<BouncesOptions> options)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>Local-parts that mail systems send their bounces from, against RFC 5321 §4.5.5.</summary>
    private static readonly string[] SystemSenders = ["mailer-daemon", "postmaster"];

    /// <param name="tag">Which member of a group its envelope sender names; null: none.</param>
    public async Task<Bounce> ApplyAsync(PostmasterDb db, Guid id, OutboxMessage mail, string? tag, BouncedMail said, string reversePath, DateTimeOffset now, CancellationToken ct)
    {
        if (groups.Owns(mail))
            return await groups.ApplyAsync(db, id, mail, tag, said, IsBounceSender(reversePath), now, ct);
        BouncedRecipient? about = About(mail, said);
        bool fits = about is not null && IsBounceSender(reversePath);
        Bounce row = Row(id, mail, said, about, fits, now);
        if (!said.IsBounce)
            row.Outcome = said.Kind is BounceKind.AutoReply ? "A machine's answer; it changed nothing." : "A machine's mail that could not be read; it changed nothing.";
        else if (about is null)
            row.Outcome = "It names neither the mail that was sent nor its recipient; it changed nothing.";
        else if (!fits)
            row.Outcome = "It did not come with the null reverse-path, as bounces have to; it changed nothing.";
        else if (mail.State is OutboxState.Cancelled)
            row.Outcome = "The mail had been cancelled; it changed nothing.";
        else
            row.Outcome = await ActAsync(db, mail, row, about, now, ct);
        return row;
    }

    /// <summary>The relay refused a mail for good when it was given it.</summary>
    /// <param name="mail">Already set down as failed.</param>
    public async Task RefusedAsync(PostmasterDb db, OutboxMessage mail, string answer, DateTimeOffset now, CancellationToken ct)
    {
        BouncedRecipient said = BounceReader.ReadReply(answer);
        bool counts = mail.Kind is OutboxKind.FeedbackReport or OutboxKind.InvitedReport or OutboxKind.Digest && CountsAgainst(said);
        var row = new Bounce
        {
            Id = Guid.CreateVersion7(now), OutboxId = mail.Id, To = mail.To, ReceivedAt = now, SentAt = now, Kind = BounceKind.Permanent, ByRelay = true, Counts = counts,
            NoSuchMailbox = said.Status?.IsNoSuchMailbox ?? false, Answer = Cut(answer), Outcome = "The relay refused it.",
        };
        db.Bounces.Add(row);
        if (counts)
            await ConsiderAsync(db, mail, row, now, ct);
    }

    private Task<bool> ConsiderAsync(PostmasterDb db, OutboxMessage mail, Bounce latest, DateTimeOffset now, CancellationToken ct) =>
        mail.Kind is OutboxKind.Digest ? digests.ConsiderAsync(db, mail, latest, now, ct) : pause.ConsiderAsync(db, mail, latest, now, ct);

    /// <summary>Whether the relay's refusal says something of the address.</summary>
    // 5.7.z is the relay's own rules: what it says of our rights is no fault of the address. A refusal without any code is our own.
    internal static bool CountsAgainst(BouncedRecipient said) =>
        said.Kind is BounceKind.Permanent && said.ReplyCode is not null && said.Status is not { Subject: 7 } && !(said.Status?.IsAboutMessage ?? false);

    private async Task<string> ActAsync(PostmasterDb db, OutboxMessage mail, Bounce row, BouncedRecipient about, DateTimeOffset now, CancellationToken ct)
    {
        string answer = row.Answer ?? "no reason was told";
        switch (about.Kind)
        {
            case BounceKind.Delayed when mail.State is OutboxState.Sent:
                mail.LastAnswer = Cut($"Not delivered yet, the other side goes on trying: {answer}");
                return "Its delivery is delayed.";
            case BounceKind.Temporary when mail.State is OutboxState.Sent:
                return await RetryAsync(db, mail, row, answer, now, ct);
            case BounceKind.Permanent when mail.State is OutboxState.Sent:
                Fail(mail, $"Came back: {answer}", now);
                if (!row.Counts)
                    return "It has failed; that does not count against the address.";
                return await ConsiderAsync(db, mail, row, now, ct) ? "It has failed, and the address was paused." : "It has failed; that counts against the address.";
            default:
                return "It changed nothing.";
        }
    }

    private async Task<string> RetryAsync(PostmasterDb db, OutboxMessage mail, Bounce row, string answer, DateTimeOffset now, CancellationToken ct)
    {
        int before = await db.Bounces.CountAsync(b => b.OutboxId == mail.Id && b.Kind == BounceKind.Temporary, ct);
        // The text of a notice is forgotten when it leaves.
        if (mail.Kind is OutboxKind.Notice)
        {
            Fail(mail, $"Came back: {answer}", now);
            return "It has failed.";
        }

        if (before >= options.Value.SoftRetries)
        {
            Fail(mail, string.Create(CultureInfo.InvariantCulture, $"Came back {before + 1} times: {answer}"), now);
            row.Counts = true;
            return await ConsiderAsync(db, mail, row, now, ct) ? "It was given up, and the address was paused." : "It was given up; that counts against the address.";
        }

        TimeSpan wait = options.Value.SoftRetry * Math.Pow(4, before);
        mail.State = OutboxState.Queued;
        mail.EndedAt = null;
        mail.Attempts = 0;
        mail.ReleasedAt = now;
        mail.DueAt = now + (wait < LongestWait ? wait : LongestWait);
        mail.LastAnswer = Cut($"Came back and is sent again: {answer}");
        return "It is sent again later.";
    }

    /// <summary>Which of the recipients is ours; null when nothing shows that the bounce is about this mail.</summary>
    private static BouncedRecipient? About(OutboxMessage mail, BouncedMail said)
    {
        if (!MailAddress.TryParse(mail.To, out MailAddress? to, out _) || said.Recipients.Count == 0)
            return null;
        BouncedRecipient? named = said.Recipients.FirstOrDefault(r => r.IsFor(to));
        if (said.OriginalMessageId is not { } original)
            return named;
        // Where the address is forwarded, another one fails; the message is still ours.
        return string.Equals(original, mail.MessageId, StringComparison.Ordinal) ? named ?? said.Recipients[0] : null;
    }

    private static Bounce Row(Guid id, OutboxMessage mail, BouncedMail said, BouncedRecipient? about, bool fits, DateTimeOffset now) => new()
    {
        Id = id,
        OutboxId = mail.Id,
        To = mail.To,
        ReceivedAt = now,
        SentAt = mail.EndedAt ?? now,
        Kind = about?.Kind ?? said.Kind,
        Counts = fits && mail.Kind is OutboxKind.FeedbackReport or OutboxKind.InvitedReport or OutboxKind.Digest && mail.State is OutboxState.Sent
            && about is { Kind: BounceKind.Permanent } && !(about.Status?.IsAboutMessage ?? false),
        NoSuchMailbox = about?.Status?.IsNoSuchMailbox ?? false,
        Answer = about is null ? null : Cut(AnswerOf(about)),
        Outcome = "",
    };

    /// <summary>What the server said; the status in front of it where it does not stand in it.</summary>
    internal static string AnswerOf(BouncedRecipient about)
    {
        string status = about.Status?.ToString() ?? "", said = about.Diagnostic ?? "";
        return said.Contains(status, StringComparison.Ordinal) && said.Length > 0 ? said : $"{status} {said}".Trim() is { Length: > 0 } text ? text : "no reason was told";
    }

    private static bool IsBounceSender(string reversePath) =>
        reversePath.Length == 0 || Array.Exists(SystemSenders, s => reversePath.StartsWith(s + "@", StringComparison.OrdinalIgnoreCase));

    private static void Fail(OutboxMessage mail, string answer, DateTimeOffset now)
    {
        mail.State = OutboxState.Failed;
        mail.EndedAt = now;
        mail.LastAnswer = Cut(answer);
    }

    private static string Cut(string text) => text.Length > ComplaintConfiguration.TextLength ? text[..ComplaintConfiguration.TextLength] : text;
}
