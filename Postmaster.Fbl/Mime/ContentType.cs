namespace Postmaster.Fbl.Mime;

/// <summary>A media type with its parameters (RFC 2045 §5.1, RFC 2231).</summary>
public sealed class ContentType
{
    private readonly IReadOnlyDictionary<string, string> parameters;

    private ContentType(string type, string subtype, IReadOnlyDictionary<string, string> parameters)
    {
        Type = type;
        Subtype = subtype;
        this.parameters = parameters;
    }

    /// <summary>RFC 2045 §5.2.</summary>
    internal static ContentType Default { get; } = new("text", "plain", new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase));

    /// <summary>RFC 2046 §5.1.5.</summary>
    internal static ContentType DigestDefault { get; } = new("message", "rfc822", new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase));

    /// <summary>In lower case.</summary>
    public string Type { get; }

    /// <summary>In lower case.</summary>
    public string Subtype { get; }

    /// <summary>By name without regard to case; decoded and joined as RFC 2231 says; of a name given twice, the first.</summary>
    public IReadOnlyDictionary<string, string> Parameters => parameters;

    public bool IsMultipart => string.Equals(Type, "multipart", StringComparison.Ordinal);

    /// <summary>A whole message inside: message/rfc822 (RFC 2046 §5.2.1) or message/global (RFC 6532 §3.7).</summary>
    public bool IsMessage => string.Equals(Type, "message", StringComparison.Ordinal) && Subtype is "rfc822" or "global";

    public bool Is(string type, string subtype) => string.Equals(Type, type, StringComparison.Ordinal) && string.Equals(Subtype, subtype, StringComparison.Ordinal);

    /// <summary>The value of a parameter, or null.</summary>
    public string? Parameter(string name) => parameters.GetValueOrDefault(name);

    public override string ToString() => $"{Type}/{Subtype}";

    /// <summary>Reads the value of a Content-Type field; null when it names no type and subtype.</summary>
    public static ContentType? Parse(string value)
    {
        var reader = new ParameterReader(value);
        reader.SkipWhite();
        var type = reader.Token().ToString();
        reader.SkipWhite();
        if (type.Length == 0 || !reader.Skip('/'))
            return null;
        reader.SkipWhite();
        var subtype = reader.Token().ToString();
        return subtype.Length == 0 ? null : new ContentType(type.ToLowerInvariant(), subtype.ToLowerInvariant(), reader.Parameters());
    }

    internal static ContentType Of(HeaderBlock headers, ContentType otherwise) =>
        headers.First("Content-Type") is { } field && Parse(field.Unfolded) is { } type ? type : otherwise;
}
