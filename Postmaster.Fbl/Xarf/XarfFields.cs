using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Postmaster.Fbl.Xarf;

/// <summary>The fields of one report, picked by name.</summary>
internal sealed class XarfFields(JsonElement root)
{
    /// <summary>The schema's own limits (maxItems).</summary>
    private const int MaxEvidence = 50, MaxTags = 20;

    private readonly List<ParseProblem> problems = [];

    public XarfReport Read()
    {
        var version = Text(root, "xarf_version");
        if (version is null || !version.StartsWith("4.", StringComparison.Ordinal))
            problems.Add(new ParseProblem(XarfProblems.OtherVersion));
        var report = new XarfReport
        {
            Version = version,
            ReportId = Required("report_id"),
            Timestamp = ReadTimestamp(),
            Reporter = ReadContact("reporter"),
            Sender = ReadContact("sender"),
            SourceIdentifier = Required("source_identifier"),
            SourcePort = ReadPort(),
            Category = Required("category")?.ToLowerInvariant(),
            Type = Required("type")?.ToLowerInvariant(),
            EvidenceSource = Text(root, "evidence_source"),
            Protocol = Text(root, "protocol")?.ToLowerInvariant(),
            SmtpFrom = Text(root, "smtp_from"),
            SmtpTo = Text(root, "smtp_to"),
            Subject = Text(root, "subject"),
            MessageId = Text(root, "message_id"),
            Url = Text(root, "url"),
            Description = Text(root, "description"),
            Tags = [.. Items("tags").Where(tag => tag.ValueKind == JsonValueKind.String).Take(MaxTags).Select(TextOf).OfType<string>()],
            Evidence = ReadEvidence(),
        };
        return report with { Problems = problems };
    }

    private string? Required(string name)
    {
        var value = Text(root, name);
        if (value is null)
            problems.Add(new ParseProblem(XarfProblems.MissingField));
        return value;
    }

    private DateTimeOffset? ReadTimestamp()
    {
        if (Required("timestamp") is not { } text)
            return null;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        problems.Add(new ParseProblem(XarfProblems.BadTimestamp));
        return null;
    }

    private int? ReadPort()
    {
        if (!root.TryGetProperty("source_port", out var value) || value.ValueKind == JsonValueKind.Null)
            return null;
        var text = value.ValueKind == JsonValueKind.String ? TextOf(value) : value.GetRawText();
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
            return port;
        problems.Add(new ParseProblem(XarfProblems.BadSourcePort));
        return null;
    }

    private XarfContact? ReadContact(string name)
    {
        if (root.TryGetProperty(name, out var contact) && contact.ValueKind == JsonValueKind.Object)
            return new XarfContact(Text(contact, "org") ?? "", Text(contact, "contact") ?? "", Text(contact, "domain") ?? "");
        problems.Add(new ParseProblem(XarfProblems.MissingField));
        return null;
    }

    private List<XarfEvidence> ReadEvidence()
    {
        var evidence = new List<XarfEvidence>();
        foreach (var item in Items("evidence").Take(MaxEvidence))
        {
            if (Text(item, "payload") is not { } payload || !TryDecode(payload, out var octets))
            {
                problems.Add(new ParseProblem(XarfProblems.BadEvidence));
                continue;
            }
            var holds = Text(item, "hash") is { } hash ? HashHolds(hash, octets) : null;
            if (holds is false)
                problems.Add(new ParseProblem(XarfProblems.WrongHash));
            evidence.Add(new XarfEvidence(Text(item, "content_type") ?? "application/octet-stream", Text(item, "description"), octets, holds));
        }
        return evidence;
    }

    private static bool TryDecode(string payload, out byte[] octets)
    {
        var buffer = new byte[Base64.GetMaxDecodedFromUtf8Length(payload.Length)];
        var whole = Convert.TryFromBase64String(payload, buffer, out var length);
        if (!whole && Base64Url.IsValid(payload, out length))
            whole = Base64Url.TryDecodeFromChars(payload, buffer, out length);
        octets = whole ? buffer[..length] : [];
        return whole;
    }

    private static bool? HashHolds(string hash, byte[] octets)
    {
        var colon = hash.IndexOf(':', StringComparison.Ordinal);
        HashAlgorithmName? algorithm = (colon < 0 ? "" : hash[..colon].ToLowerInvariant()) switch
        {
            "md5" => HashAlgorithmName.MD5,
            "sha1" => HashAlgorithmName.SHA1,
            "sha256" => HashAlgorithmName.SHA256,
            "sha512" => HashAlgorithmName.SHA512,
            _ => null,
        };
        return algorithm is { } known ? string.Equals(Convert.ToHexStringLower(CryptographicOperations.HashData(known, octets)), hash[(colon + 1)..].ToLowerInvariant(), StringComparison.Ordinal) : null;
    }

    private JsonElement.ArrayEnumerator Items(string name) =>
        root.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;

    /// <summary>Null for what is missing, empty or no string.</summary>
    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && TextOf(value) is { Length: > 0 } text ? text : null;

    /// <summary>Null for half surrogates, which no string can hold.</summary>
    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
