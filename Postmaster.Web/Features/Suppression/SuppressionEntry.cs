using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postmaster.Web.Features.Suppression;

/// <summary>
/// One line of a sender's suppression list: whom to unsubscribe because of one complaint, as well as the report tells it. Null: the report does not say.
/// The values are outside text, but hold no control characters and are at most <see cref="MaxValueLength"/> long.
/// </summary>
/// <param name="Id">32 hexadecimal digits; the same for every report about the same recipient and message.</param>
/// <param name="Recipient">The complainer's address, or the provider's pseudonym for it (RFC 6590), without angle brackets.</param>
/// <param name="RecipientFrom">The field that <paramref name="Recipient"/> comes from: original-rcpt-to, removal-recipient, or to (of the reported mail); list: the report had a code, and this is its address on the sender's list.</param>
/// <param name="UnsubscribeMailto">The mailto: link of the reported mail's List-Unsubscribe (RFC 2369), parameters and all.</param>
/// <param name="UnsubscribeUrl">Its web link.</param>
/// <param name="ReportedDomain">Separated by blanks.</param>
/// <param name="ReportId">Message-ID of the report itself.</param>
/// <param name="SignedBy">The domain of <c>--require-dkim</c> whose signature held; null when none was asked for.</param>
public sealed record SuppressionEntry(
    string Id,
    DateTimeOffset RecordedAt,
    string FeedbackType,
    string? Recipient,
    string? RecipientFrom,
    string? UnsubscribeMailto,
    string? UnsubscribeUrl,
    string? CfblFeedbackId,
    string? FeedbackId,
    string? MessageId,
    string? ListId,
    DateTimeOffset? ArrivalDate,
    string? ReportedDomain,
    string? OriginalMailFrom,
    string? SourceIp,
    string? ReportId,
    string? SignedBy)
{
    /// <summary>Attack: a field of megabytes that would end in every line, variable and page.</summary>
    public const int MaxValueLength = 4096;

    private static readonly JsonSerializerOptions Snake = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Names and values in the order of the file; the names are a contract, as in JSON.</summary>
    [JsonIgnore]
    public IReadOnlyList<(string Name, string? Value)> Columns =>
    [
        ("id", Id),
        ("recorded_at", Instant(RecordedAt)),
        ("feedback_type", FeedbackType),
        ("recipient", Recipient),
        ("recipient_from", RecipientFrom),
        ("unsubscribe_mailto", UnsubscribeMailto),
        ("unsubscribe_url", UnsubscribeUrl),
        ("cfbl_feedback_id", CfblFeedbackId),
        ("feedback_id", FeedbackId),
        ("message_id", MessageId),
        ("list_id", ListId),
        ("arrival_date", ArrivalDate is { } arrived ? Instant(arrived) : null),
        ("reported_domain", ReportedDomain),
        ("original_mail_from", OriginalMailFrom),
        ("source_ip", SourceIp),
        ("report_id", ReportId),
        ("signed_by", SignedBy),
    ];

    /// <summary>One line without its end.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Snake);

    /// <summary>Null when it is none.</summary>
    public static SuppressionEntry? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<SuppressionEntry>(json, Snake) is { Id: not null, FeedbackType: not null } entry ? entry : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
