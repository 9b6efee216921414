using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>
/// A counted complaint as programs get it: the <c>data</c> of a webhook's event and an item of the API. On the wire the names are in snake_case; they do
/// not change, and others may be added. What the owner's shape leaves out, or what is not known, is null and still there.
/// </summary>
public sealed record ReportRecord
{
    public required Guid Id { get; init; }

    /// <summary>The Feedback-Type of the report (RFC 5965 §7.3): <c>abuse</c>, <c>fraud</c>, <c>virus</c>, <c>not-spam</c>.</summary>
    public required string FeedbackType { get; init; }

    /// <summary>The claimed domain that it counts for; A-labels.</summary>
    public required string Domain { get; init; }

    /// <summary>The <c>d=</c> of the signature that passed.</summary>
    public required string SigningDomain { get; init; }

    /// <summary>When the user pressed the button.</summary>
    public required DateTimeOffset PressedAt { get; init; }

    /// <summary>When the message had come to the provider.</summary>
    public DateTimeOffset? ArrivedAt { get; init; }

    /// <summary>The complainer: a code at the same domain (RFC 6590), or the address where the provider and the owner want it in clear.</summary>
    public string? Recipient { get; init; }

    public bool RecipientInClear { get; init; }

    /// <summary>Without angle brackets.</summary>
    public string? MessageId { get; init; }

    public string? ListId { get; init; }
    public string? FeedbackId { get; init; }
    public string? CfblFeedbackId { get; init; }
    public string? Subject { get; init; }
    public string? SourceIp { get; init; }

    /// <summary>Empty for the null reverse-path.</summary>
    public string? OriginalMailFrom { get; init; }

    /// <summary>The value of an Authentication-Results field (RFC 8601).</summary>
    public string? AuthenticationResults { get; init; }

    /// <summary>When the complainer took the message out of Junk again; null: the complaint stands.</summary>
    public DateTimeOffset? WithdrawnAt { get; init; }

    /// <summary>When somebody of the domain marked it as handled.</summary>
    public DateTimeOffset? HandledAt { get; init; }

    /// <summary>The message or its header; null where the shape wants identifiers alone, in lists, and when it is no longer kept.</summary>
    public ReportOriginal? Original { get; init; }
}

/// <summary>What goes out of the message that was complained about.</summary>
/// <param name="MediaType"><c>message/rfc822</c>, or <c>text/rfc822-headers</c> for the header alone.</param>
/// <param name="Content">Base64.</param>
public sealed record ReportOriginal(string MediaType, string Content);

/// <summary>How records are written.</summary>
public static class ReportJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new Instants() },
    };

    /// <summary>RFC 3339 in UTC, to the second: <c>2026-11-22T04:05:06Z</c>.</summary>
    private sealed class Instants : JsonConverter<DateTimeOffset>
    {
        private const string Form = "yyyy-MM-dd'T'HH:mm:ss'Z'";

        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            DateTimeOffset.ParseExact(reader.GetString()!, Form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture));
    }
}
