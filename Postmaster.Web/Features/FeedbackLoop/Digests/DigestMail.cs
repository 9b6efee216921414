using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Text;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.Traffic.Export;

namespace Postmaster.Web.Features.FeedbackLoop.Digests;

/// <summary>Writes a digest: text for people, a table for their programs, and the link that ends it (RFC 8058).</summary>
internal sealed class DigestMail(string providerName, string complaintsPage, string leavePage, string leavePost)
{
    /// <summary>Complaints that are listed in the text; the table has the others.</summary>
    private const int MaxListed = 50;

    /// <summary>Characters of a value of outside text.</summary>
    private const int MaxValue = 120;

    /// <summary>The names of the table's columns; as in the API.</summary>
    private static readonly string[] Columns =
        ["id", "feedback_type", "domain", "signing_domain", "pressed_at", "arrived_at", "recipient", "message_id", "list_id", "feedback_id", "cfbl_feedback_id", "subject", "withdrawn_at"];

    public async Task<byte[]> WriteAsync(DigestFacts facts, MailAddress from, MailAddress to, string messageId, DkimSigner signer, DateTimeOffset now)
    {
        string boundary = "digest-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        HeaderWriter header = new HeaderWriter()
            .Mailbox("From", providerName, from.ToString())
            .Mailbox("To", null, to.ToString())
            .Unstructured("Subject", $"{Number(facts.Complaints, "complaint")} about {facts.Domain} until {Day(facts.Until)}")
            .Structured("Date", MailDate.Format(now))
            .Structured("Message-ID", $"<{messageId}>")
            .Structured("Auto-Submitted", "auto-generated") // RFC 3834 §5
            .Structured("MIME-Version", "1.0")
            .Structured("Content-Type", $"multipart/mixed; boundary=\"{boundary}\"");
        foreach ((string name, string value) in OneClick.Fields(leavePost))
            header = header.Structured(name, value);
        var body = new MemoryStream();
        Part(body, boundary, "Content-Type: text/plain; charset=utf-8", Encoding.UTF8.GetBytes(Text(facts).ReplaceLineEndings("\r\n")));
        if (facts.Records.Count > 0)
            Part(body, boundary, $"Content-Type: text/csv; charset=utf-8; header=present\r\nContent-Disposition: attachment; filename=\"complaints-{facts.Until:yyyy-MM-dd}.csv\"", await TableAsync(facts.Records));
        body.Write(Encoding.ASCII.GetBytes($"--{boundary}--\r\n"));
        return signer.Sign([.. header.ToArray(), .. "\r\n"u8, .. body.ToArray()], now);
    }

    private static void Part(Stream body, string boundary, string header, byte[] octets)
    {
        body.Write(Encoding.ASCII.GetBytes($"--{boundary}\r\n{header}\r\nContent-Transfer-Encoding: base64\r\n\r\n"));
        body.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(octets, Base64FormattingOptions.InsertLineBreaks))); // RFC 2045 §6.8: lines of 76
        body.Write("\r\n"u8);
    }

    private static async Task<byte[]> TableAsync(IReadOnlyList<ReportRecord> records)
    {
        var output = new MemoryStream();
        await new CsvTable("complaints", Columns, records.Select(r => (IReadOnlyList<string>)
        [
            r.Id.ToString(), r.FeedbackType, r.Domain, r.SigningDomain, Instant(r.PressedAt), r.ArrivedAt is { } arrived ? Instant(arrived) : "", r.Recipient ?? "",
            r.MessageId ?? "", r.ListId ?? "", r.FeedbackId ?? "", r.CfblFeedbackId ?? "", r.Subject ?? "", r.WithdrawnAt is { } withdrawn ? Instant(withdrawn) : "",
        ])).WriteAsync(output);
        return output.ToArray();
    }

    private string Text(DigestFacts facts)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Number(facts.Complaints, "complaint")} about {facts.Domain} {(facts.Complaints == 1 ? "was" : "were")} counted at {providerName}\n");
        text.Append(CultureInfo.InvariantCulture, $"from {ClaimNotices.Instant(facts.Since)} to {ClaimNotices.Instant(facts.Until)}.\n{Change(facts)}\n\n");
        if (facts.Complaints > 0)
        {
            Counts(text, "By type", facts.Types);
            Counts(text, "By stream, the largest first", facts.Streams);
            text.Append("What to do: take these recipients off your lists at once, and do not ask for a confirmation first.\n\n");
            foreach (ReportRecord record in facts.Records.Take(MaxListed))
                text.Append(CultureInfo.InvariantCulture, $"- {Value(record.MessageId) ?? "no Message-ID"}\n  {Value(record.ListId) ?? Value(record.FeedbackId) ?? "no List-Id"}, {Value(record.Recipient) ?? "recipient unknown"}, {Instant(record.PressedAt)}\n");
            if (facts.Records.Count > MaxListed)
                text.Append(CultureInfo.InvariantCulture, $"- and {facts.Records.Count - MaxListed} more in the attached table\n");
            if (facts.Complaints > facts.Records.Count)
                text.Append(CultureInfo.InvariantCulture, $"The table holds the newest {facts.Records.Count} of {facts.Complaints}; all are in the portal.\n");
            text.Append('\n');
        }

        text.Append(CultureInfo.InvariantCulture, $"All complaints: {complaintsPage}\nTo get no more of these mails, open {leavePage}\n\n{providerName}\n");
        return text.ToString();
    }

    private static string Change(DigestFacts facts)
    {
        string span = facts.Until - facts.Since == TimeSpan.FromDays(1) ? "the day before" : "the same time before";
        int more = facts.Complaints - facts.Before;
        return more == 0 ? $"As many as {span}." : string.Create(CultureInfo.InvariantCulture,
            $"{Math.Abs(more)} {(more > 0 ? "more" : "fewer")} than {span}, which had {facts.Before}{(facts.Before > 0 ? $" ({(double)more / facts.Before:+0%;-0%})" : "")}.");
    }

    private static void Counts(StringBuilder text, string title, IReadOnlyList<(string Name, int Count)> rows)
    {
        text.Append(title).Append(":\n");
        foreach ((string name, int count) in rows)
            text.Append(CultureInfo.InvariantCulture, $"  {count,6}  {Value(name)}\n");
        text.Append('\n');
    }

    /// <summary>Outside text stays on its line.</summary>
    private static string? Value(string? text)
    {
        string? clean = text is null ? null : HeaderWriter.Clean(text);
        return clean?.Length > MaxValue ? clean[..MaxValue] : clean;
    }

    private static string Number(int count, string word) => string.Create(CultureInfo.InvariantCulture, $"{count} {word}{(count == 1 ? "" : "s")}");

    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMMM yyyy HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
