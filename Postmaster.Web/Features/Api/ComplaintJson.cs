using System.Globalization;
using System.Text.Json.Serialization;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Api;

/// <summary>A complaint as programs get it. Names stay; more may come. What is not known is null.</summary>
internal sealed record ComplaintJson
{
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("domain")]
    public required string Domain { get; init; }

    [JsonPropertyName("signing_domain")]
    public required string SigningDomain { get; init; }

    /// <summary>As in reports: abuse, fraud or virus.</summary>
    [JsonPropertyName("feedback_type")]
    public required string FeedbackType { get; init; }

    [JsonPropertyName("pressed_at")]
    public required DateTimeOffset PressedAt { get; init; }

    [JsonPropertyName("arrived_at")]
    public DateTimeOffset? ArrivedAt { get; init; }

    [JsonPropertyName("subject")]
    public string? Subject { get; init; }

    [JsonPropertyName("message_id")]
    public string? MessageId { get; init; }

    [JsonPropertyName("list_id")]
    public string? ListId { get; init; }

    [JsonPropertyName("feedback_id")]
    public string? FeedbackId { get; init; }

    [JsonPropertyName("cfbl_feedback_id")]
    public string? CfblFeedbackId { get; init; }

    [JsonPropertyName("source_ip")]
    public string? SourceIp { get; init; }

    /// <summary>The code of the recipient in reports to this account, or the address where the operator allows it; null when the message is no longer kept.</summary>
    [JsonPropertyName("recipient")]
    public string? Recipient { get; init; }

    [JsonPropertyName("evidence")]
    public required string Evidence { get; init; }

    /// <summary>When the same mailbox took the message out of Junk again; null: the complaint stands.</summary>
    [JsonPropertyName("withdrawn_at")]
    public DateTimeOffset? WithdrawnAt { get; init; }

    [JsonPropertyName("handled_at")]
    public DateTimeOffset? HandledAt { get; init; }

    public static ComplaintJson Of(Complaint complaint, string? recipient) => new()
    {
        Id = complaint.Id, Domain = complaint.Domain, SigningDomain = complaint.SigningDomain, FeedbackType = complaint.Press.ReportedAs(),
        PressedAt = complaint.PressedAt.ToUniversalTime(), ArrivedAt = complaint.ArrivedAt?.ToUniversalTime(), Subject = complaint.Subject, MessageId = complaint.MessageId, ListId = complaint.ListId,
        FeedbackId = complaint.FeedbackId, CfblFeedbackId = complaint.CfblFeedbackId, SourceIp = complaint.SourceIp, Recipient = recipient,
        Evidence = EvidenceWord(complaint.Evidence), WithdrawnAt = complaint.RescuedAt?.ToUniversalTime(), HandledAt = complaint.HandledAt?.ToUniversalTime(),
    };

    /// <summary>The columns of the CSV, in the order of <see cref="Cells"/>; the names of the JSON.</summary>
    public static readonly IReadOnlyList<string> Columns =
    [
        "id", "domain", "signing_domain", "feedback_type", "pressed_at", "arrived_at", "subject", "message_id", "list_id", "feedback_id", "cfbl_feedback_id", "source_ip", "recipient",
        "evidence", "handled_at", "withdrawn_at",
    ];

    public IReadOnlyList<string> Cells() =>
    [
        Id.ToString("D"), Domain, SigningDomain, FeedbackType, Instant(PressedAt), Instant(ArrivedAt), Subject ?? "", MessageId ?? "", ListId ?? "", FeedbackId ?? "", CfblFeedbackId ?? "",
        SourceIp ?? "", Recipient ?? "", Evidence, Instant(HandledAt), Instant(WithdrawnAt),
    ];

    private static string Instant(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "";

    private static string EvidenceWord(Evidence evidence) => evidence switch
    {
        Model.Evidence.VerifiedAtDelivery => "verified_at_delivery",
        Model.Evidence.BorderResults => "border_results",
        Model.Evidence.VerifiedNow => "verified_now",
        _ => "none",
    };
}

/// <summary>A stretch of complaints.</summary>
internal sealed record ComplaintsJson
{
    [JsonPropertyName("complaints")]
    public required IReadOnlyList<ComplaintJson> Complaints { get; init; }

    [JsonPropertyName("next_cursor")]
    public string? NextCursor { get; init; }

    [JsonPropertyName("has_more")]
    public required bool HasMore { get; init; }
}

/// <summary>What marking did.</summary>
internal sealed record HandledJson
{
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("handled")]
    public required bool Handled { get; init; }

    /// <summary>False: it was so before.</summary>
    [JsonPropertyName("changed")]
    public required bool Changed { get; init; }
}
