using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Xarf;

/// <summary>Writes a complaint as XARF v4: <c>abuse</c> as messaging/spam, <c>fraud</c> as content/phishing where the message shows a link, else as messaging/spam with a tag.</summary>
public static class XarfWriter
{
    /// <summary>The version of the schemas that the result is valid against.</summary>
    public const string Version = "4.2.0";

    private const int MaxOrg = 200;
    private const int MaxSubject = 500;
    private const int MaxMessageId = 200;
    private const int MaxDescription = 1000;

    /// <summary>What the format's own samples say where the client's port is not known: with smtp it has to be told.</summary>
    private const int SmtpPort = 25;

    private static readonly JsonWriterOptions Style = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>False for types that XARF has no form for (<see cref="XarfProblems.NoForm"/>), and when neither source nor reported domain is known (<see cref="XarfProblems.MissingField"/>).</returns>
    public static bool TryWrite(XarfDraft draft, [NotNullWhen(true)] out byte[]? json, out ParseProblem problem)
    {
        json = null;
        if (draft.Report.FeedbackType is not (null or FeedbackType.Abuse or FeedbackType.Fraud))
        {
            problem = new ParseProblem(XarfProblems.NoForm);
            return false;
        }
        if (Source(draft.Report) is not { } source)
        {
            problem = new ParseProblem(XarfProblems.MissingField);
            return false;
        }
        problem = default;
        var output = new MemoryStream(draft.Original.Length + 4096);
        using (var writer = new Utf8JsonWriter(output, Style))
            Write(writer, draft, source);
        json = output.ToArray();
        return true;
    }

    private static void Write(Utf8JsonWriter json, XarfDraft draft, string source)
    {
        var original = MessageReader.Read(draft.Original);
        var fraud = draft.Report.FeedbackType is FeedbackType.Fraud;
        var link = fraud ? Link(draft, original) : null;
        json.WriteStartObject();
        json.WriteString("xarf_version", Version);
        json.WriteString("report_id", draft.ReportId.ToString("D"));
        json.WriteString("timestamp", Instant(draft.Report.ArrivalDate ?? draft.Date));
        Write(json, "reporter", draft.Reporter);
        Write(json, "sender", draft.Reporter);
        json.WriteString("source_identifier", source);
        json.WriteString("category", link is null ? "messaging" : "content");
        json.WriteString("type", link is null ? "spam" : "phishing");
        json.WriteString("evidence_source", link is null ? "user_complaint" : "user_report");
        if (link is not null)
        {
            json.WriteString("url", link.AbsoluteUri);
            if (DomainName.TryParse(link.IdnHost, out var host, out _))
                json.WriteString("domain", host!.Ascii);
        }
        WriteEnvelope(json, draft, original);
        if (draft.Description is { } description)
            json.WriteString("description", Cut(HeaderWriter.Clean(description), MaxDescription));
        if (fraud && link is null)
        {
            json.WriteStartArray("tags");
            json.WriteStringValue("spam:phishing");
            json.WriteEndArray();
        }
        if (draft.WithEvidence)
            WriteEvidence(json, draft, original);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, XarfContact contact)
    {
        json.WriteStartObject(name);
        json.WriteString("org", Cut(contact.Org, MaxOrg));
        json.WriteString("contact", contact.Contact);
        json.WriteString("domain", contact.Domain);
        json.WriteEndObject();
    }

    private static void WriteEnvelope(Utf8JsonWriter json, XarfDraft draft, RawMessage original)
    {
        var report = draft.Report;
        // The null reverse-path is no address; the author's stands in for it.
        var from = Address(report.OriginalMailFrom) ?? Address(AddressListReader.Read(original.Headers, "From") is [var author, ..] ? author.AddrSpec : null);
        json.WriteString("protocol", from is null ? "other" : "smtp");
        if (from is not null || report.SourcePort is not null)
            json.WriteNumber("source_port", report.SourcePort is > 0 and < 65_536 ? report.SourcePort.Value : SmtpPort);
        if (from is not null)
            json.WriteString("smtp_from", from);
        if (report.OriginalRcptTo.Select(Address).FirstOrDefault(address => address is not null) is { } to)
            json.WriteString("smtp_to", to);
        if (draft.Shape != OriginalShape.Identifiers && original.Headers.First("Subject")?.Decoded is { Length: > 0 } subject)
            json.WriteString("subject", Cut(HeaderWriter.Clean(subject), MaxSubject));
        if (original.Headers.All("Message-ID").LastOrDefault()?.Unfolded is { Length: > 0 and <= MaxMessageId } id)
            json.WriteString("message_id", HeaderWriter.Clean(id));
    }

    private static void WriteEvidence(Utf8JsonWriter json, XarfDraft draft, RawMessage original)
    {
        var whole = draft.Shape == OriginalShape.FullMessage && draft.Original.Length <= Math.Min(draft.MaxOriginalBytes, XarfDraft.MaxEvidence);
        var octets = whole ? draft.Original.Span : OriginalPart.HeaderOf(original, draft.Shape);
        if (octets.Length > XarfDraft.MaxEvidence)
            return;
        json.WriteStartArray("evidence");
        json.WriteStartObject();
        json.WriteString("content_type", whole ? "message/rfc822" : "text/rfc822-headers");
        json.WriteString("description", whole ? "The message that was complained about" : "The header of the message that was complained about");
        json.WriteBase64String("payload", octets);
        json.WriteString("hash", "sha256:" + Convert.ToHexStringLower(SHA256.HashData(octets)));
        json.WriteNumber("size", octets.Length);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static string? Source(FeedbackReport report)
    {
        if (report.SourceIp is { } ip)
            return (ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip).ToString();
        return report.ReportedDomain is [var domain, ..] ? domain : null;
    }

    private static Uri? Link(XarfDraft draft, RawMessage original)
    {
        var named = draft.Report.ReportedUri.Select(XarfLinks.Web).FirstOrDefault(uri => uri is not null);
        return named ?? (draft.Shape == OriginalShape.FullMessage ? XarfLinks.First(original) : null);
    }

    /// <summary>Null when it is none that a validator would take: beyond ASCII, or with a quoted local-part.</summary>
    private static string? Address(string? text) =>
        MailAddress.TryParse(text, out var address, out _) && System.Text.Ascii.IsValid(address!.LocalPart) && address.LocalPart[0] != '"' ? $"{address.LocalPart}@{address.Domain.Ascii}" : null;

    private static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The schema counts characters; no pair of surrogates is cut in two.</summary>
    private static string Cut(string text, int most)
    {
        if (text.Length <= most)
            return text;
        return text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
    }
}
