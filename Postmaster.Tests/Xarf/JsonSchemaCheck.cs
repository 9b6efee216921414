using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Xarf;

/// <summary>Validates JSON against schemas of draft 2020-12: the keywords that XARF's schemas use, formats included. An unknown keyword is an error, so that nothing is taken for checked that is not.</summary>
internal sealed class JsonSchemaCheck
{
    private static readonly HashSet<string> Annotations = new(StringComparer.Ordinal)
    {
        "$schema", "$id", "$defs", "title", "description", "examples", "x-recommended", "contentEncoding", "then",
    };

    private readonly Dictionary<string, JsonElement> schemas = new(StringComparer.Ordinal);

    public JsonSchemaCheck(params IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            var root = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
            schemas[root.GetProperty("$id").GetString()!] = root;
        }
    }

    /// <summary>What is wrong, each with its place; empty when the text is valid.</summary>
    public List<string> Errors(ReadOnlyMemory<byte> json, string schemaId)
    {
        var errors = new List<string>();
        using var document = JsonDocument.Parse(json);
        Check(document.RootElement, schemas[schemaId], schemaId, "$", errors);
        return errors;
    }

    private void Check(JsonElement value, JsonElement schema, string baseId, string path, List<string> errors)
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            if (!Annotations.Contains(keyword.Name) && !Holds(value, schema, keyword, baseId, path, errors))
                errors.Add($"{path}: {keyword.Name} {keyword.Value.GetRawText()}");
        }
    }

    private bool Holds(JsonElement value, JsonElement schema, JsonProperty keyword, string baseId, string path, List<string> errors)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        var rule = keyword.Value;
        switch (keyword.Name)
        {
            case "$ref":
                CheckReference(value, rule.GetString()!, baseId, path, errors);
                return true;
            case "allOf":
                foreach (var part in rule.EnumerateArray())
                    Check(value, part, baseId, path, errors);
                return true;
            case "if":
                var unlike = new List<string>();
                Check(value, rule, baseId, path, unlike);
                if (unlike.Count == 0)
                    Check(value, schema.GetProperty("then"), baseId, path, errors);
                return true;
            case "properties":
                foreach (var property in rule.EnumerateObject())
                {
                    if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty(property.Name, out var member))
                        Check(member, property.Value, baseId, $"{path}.{property.Name}", errors);
                }
                return true;
            case "items":
                foreach (var (item, i) in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select((item, i) => (item, i)) : [])
                    Check(item, rule, baseId, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), errors);
                return true;
            case "required":
                return value.ValueKind != JsonValueKind.Object || rule.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _));
            case "additionalProperties":
                return rule.GetBoolean() || value.ValueKind != JsonValueKind.Object || value.EnumerateObject().All(member => schema.GetProperty("properties").TryGetProperty(member.Name, out _));
            case "type":
                return IsOf(value, rule.GetString()!);
            case "const":
                return text is not null && string.Equals(text, rule.GetString(), StringComparison.Ordinal);
            case "enum":
                return text is not null && rule.EnumerateArray().Any(one => string.Equals(one.GetString(), text, StringComparison.Ordinal));
            case "pattern":
                return text is null || Regex.IsMatch(text, rule.GetString()!, RegexOptions.ECMAScript, TimeSpan.FromSeconds(1));
            case "format":
                return text is null || HasFormat(text, rule.GetString()!);
            case "maxLength":
                return text is null || text.EnumerateRunes().Count() <= rule.GetInt32();
            case "maxItems":
                return value.ValueKind != JsonValueKind.Array || value.GetArrayLength() <= rule.GetInt32();
            case "minimum":
                return value.ValueKind != JsonValueKind.Number || value.GetDouble() >= rule.GetDouble();
            case "maximum":
                return value.ValueKind != JsonValueKind.Number || value.GetDouble() <= rule.GetDouble();
            default:
                throw new NotSupportedException($"The keyword {keyword.Name} is not checked");
        }
    }

    private void CheckReference(JsonElement value, string reference, string baseId, string path, List<string> errors)
    {
        if (reference.StartsWith("#/$defs/", StringComparison.Ordinal))
        {
            Check(value, schemas[baseId].GetProperty("$defs").GetProperty(reference["#/$defs/".Length..]), baseId, path, errors);
            return;
        }
        var id = new Uri(new Uri(baseId), reference).AbsoluteUri;
        Check(value, schemas[id], id, path, errors);
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => throw new NotSupportedException(type),
    };

    private static bool HasFormat(string text, string format) => format switch
    {
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "date-time" => Regex.IsMatch(text, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$", RegexOptions.ECMAScript, TimeSpan.FromSeconds(1)),
        "email" => System.Text.Ascii.IsValid(text) && MailAddress.TryParse(text, out _, out _),
        "hostname" => System.Text.Ascii.IsValid(text) && DomainName.TryParse(text, out _, out _),
        "uri" => System.Text.Ascii.IsValid(text) && Uri.TryCreate(text, UriKind.Absolute, out _),
        _ => throw new NotSupportedException(format),
    };
}
