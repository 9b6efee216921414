using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Xarf;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Webhooks;

/// <summary>The body of a request to a webhook.</summary>
internal sealed class WebhookPayload(IOptions<ProviderOptions> provider)
{
    /// <summary>The types of events.</summary>
    public const string ComplaintCreated = "complaint.created", ComplaintWithdrawn = "complaint.withdrawn", Ping = "ping";

    /// <summary>A complaint in the format that the owner has chosen.</summary>
    /// <param name="createdAt">When the event was queued; the same at every attempt.</param>
    /// <returns>The event also where XARF was chosen and has no form for the type of complaint.</returns>
    public byte[] Complaint(WebhookFormat format, WholeReport report, DateTimeOffset createdAt) => (format is WebhookFormat.Xarf ? Xarf(report) : null)
        ?? JsonSerializer.SerializeToUtf8Bytes(new Event<ReportRecord>(ComplaintCreated, createdAt, report.Record), ReportJson.Options);

    /// <summary>A complaint that was taken back, the same in every format: XARF has no form for it. The message went out with the complaint.</summary>
    public static byte[] Withdrawn(ReportRecord record, DateTimeOffset createdAt) =>
        JsonSerializer.SerializeToUtf8Bytes(new Event<ReportRecord>(ComplaintWithdrawn, createdAt, record with { Original = null }), ReportJson.Options);

    /// <summary>The test event, the same in every format. The endpoint has to give the challenge back.</summary>
    public static byte[] Test(WebhookEndpoint endpoint, string domain, string challenge, DateTimeOffset now) =>
        JsonSerializer.SerializeToUtf8Bytes(new Event<PingData>(Ping, now, new PingData(endpoint.Id, domain, challenge)), ReportJson.Options);

    private byte[]? Xarf(WholeReport report)
    {
        ReportRecord record = report.Record;
        ProviderOptions named = provider.Value;
        var draft = new XarfDraft
        {
            ReportId = record.Id,
            Date = record.PressedAt,
            Reporter = new XarfContact(named.Name, $"{ReportComposer.Sender}@{named.Domain}", named.Domain),
            Report = new FeedbackReport
            {
                FeedbackType = record.FeedbackType,
                ArrivalDate = record.ArrivedAt,
                SourceIp = IPAddress.TryParse(record.SourceIp, out IPAddress? ip) ? ip : null,
                OriginalMailFrom = record.OriginalMailFrom,
                OriginalRcptTo = record.Recipient is { } recipient ? [recipient] : [],
                ReportedDomain = [record.Domain],
                AuthenticationResults = record.AuthenticationResults is { } results ? [results] : [],
            },
            // Of a message that is no longer kept its Message-ID remains.
            Original = report.Original ?? Encoding.UTF8.GetBytes(record.MessageId is { } id ? $"Message-ID: {id}\r\n\r\n" : "\r\n"),
            Shape = report.Shape,
            WithEvidence = report.Original is not null,
            MaxOriginalBytes = ReportRecords.MaxOriginalBytes,
        };
        return XarfWriter.TryWrite(draft, out byte[]? json, out _) ? json : null;
    }

    private sealed record Event<T>(string Type, DateTimeOffset Timestamp, T Data);

    private sealed record PingData(Guid EndpointId, string Domain, string Challenge);
}
