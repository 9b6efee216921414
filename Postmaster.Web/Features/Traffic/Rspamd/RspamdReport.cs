using System.Text;
using System.Text.Json;

namespace Postmaster.Web.Features.Traffic.Rspamd;

/// <summary>A symbol that rspamd gave a mail, with its options.</summary>
internal sealed record RspamdSymbol(string Name, IReadOnlyList<string> Options);

/// <summary>
/// What rspamd's metadata_exporter sends of one mail: its own formatter <c>json</c>, or that of deploy/rspamd, whose further fields are null in the former.
/// What rspamd does not know stands as <c>unknown</c> there, and is null or empty here.
/// </summary>
internal sealed record RspamdReport
{
    /// <summary>Those of a mail; SMTP servers allow a thousand or so (RFC 5321 §4.5.3.1.8).</summary>
    private const int MaxRecipients = 10_000;

    private const string Unknown = "unknown";

    /// <summary>What rspamd told the mail server to do.</summary>
    public required string Action { get; init; }

    /// <summary>A module forced the action; else the score chose it.</summary>
    public bool IsForced { get; init; }

    /// <summary>The login of whoever submitted the mail.</summary>
    public string? User { get; init; }

    public string? Ip { get; init; }
    public string? Helo { get; init; }

    /// <summary>The client's reverse name, where the mail server has found that it leads back.</summary>
    public string? HostName { get; init; }

    public string? Tls { get; init; }
    public long? Size { get; init; }

    /// <summary>Empty for the null reverse-path.</summary>
    public string? From { get; init; }

    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>The values of all From fields.</summary>
    public IReadOnlyList<string> Authors { get; init; } = [];

    public string? MessageId { get; init; }
    public string? ListId { get; init; }
    public string? FeedbackId { get; init; }
    public string? MessageType { get; init; }
    public IReadOnlyList<RspamdSymbol> Symbols { get; init; } = [];

    /// <summary>Null when it is no JSON object with an action.</summary>
    /// <param name="octets">Text from headers may stand in it as it came; what is not UTF-8 is replaced.</param>
    public static RspamdReport? Read(ReadOnlyMemory<byte> octets)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(Encoding.UTF8.GetString(octets.Span));
            JsonElement root = json.RootElement;
            return root.ValueKind == JsonValueKind.Object && Text(root, "action") is { } action ? Read(root, action) : null;
        }
        catch (Exception bad) when (bad is JsonException or InvalidOperationException) // the latter: half of a surrogate pair in a name
        {
            return null;
        }
    }

    private static RspamdReport Read(JsonElement root, string action) => new()
    {
        Action = action,
        IsForced = root.TryGetProperty("passthrough", out JsonElement forced) && forced.ValueKind == JsonValueKind.True,
        User = Text(root, "user"),
        Ip = Text(root, "ip"),
        Helo = Text(root, "helo"),
        HostName = Text(root, "hostname"),
        Tls = Text(root, "tls"),
        Size = root.TryGetProperty("size", out JsonElement size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out long octets) ? octets : null,
        From = Text(root, "from"),
        Recipients = [.. Texts(root, "rcpt").Take(MaxRecipients)],
        Authors = [.. Texts(root, "header_from")],
        // Without one rspamd says undef.
        MessageId = Text(root, "message_id") is { } id and not "undef" ? id : null,
        ListId = Text(root, "list_id"),
        FeedbackId = Text(root, "feedback_id"),
        MessageType = Text(root, "msgtype"),
        Symbols = [.. Symbol(root)],
    };

    private static IEnumerable<RspamdSymbol> Symbol(JsonElement root)
    {
        if (!root.TryGetProperty("symbols", out JsonElement symbols) || symbols.ValueKind != JsonValueKind.Array)
            yield break;
        foreach (JsonElement symbol in symbols.EnumerateArray())
        {
            if (symbol.ValueKind == JsonValueKind.Object && Text(symbol, "name") is { } name)
                yield return new RspamdSymbol(name, [.. Texts(symbol, "options")]);
        }
    }

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) && Text(value) is { } text and not Unknown ? text : null;

    /// <summary>Null for what is no text, be it by an escape that stands for no character: a sender must not keep its mail from being counted by one odd field.</summary>
    private static string? Text(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Texts(JsonElement of, string name)
    {
        // An empty Lua table has no type: it leaves as {} or [].
        if (!of.TryGetProperty(name, out JsonElement values) || values.ValueKind != JsonValueKind.Array)
            yield break;
        foreach (JsonElement value in values.EnumerateArray())
        {
            if (Text(value) is { } text)
                yield return text;
        }
    }
}
