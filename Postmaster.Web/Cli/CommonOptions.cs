using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Cli;

/// <summary>What every verb understands, and the exit codes that scripts rely on.</summary>
internal static class CommonOptions
{
    public const int Done = 0, Failed = 1, Usage = 2;

    /// <summary>One object a line, UTF-8, stable snake_case names.</summary>
    private static readonly JsonSerializerOptions Lines = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Option<bool> Json() => new("--json") { Description = "One JSON object per line and subject, on stdout." };

    public static Option<string[]> Dns() => Dns("DNS server to ask instead of the system's; may be repeated.");

    /// <summary>For a verb that has nothing to ask: scripts may pass the option to every verb.</summary>
    public static Option<string[]> DnsUnasked() => Dns("Taken as by every verb; this one asks DNS nothing.");

    private static Option<string[]> Dns(string description)
    {
        var option = new Option<string[]>("--dns")
        {
            Description = description,
            HelpName = "HOST:PORT",
            DefaultValueFactory = _ => [],
        };
        option.Validators.Add(result => AddUnreadableServers(result));
        return option;
    }

    public static Option<string> Data() =>
        new("--data") { Description = "Folder of database, keys and spool.", DefaultValueFactory = _ => "data", HelpName = "DIR" };

    /// <summary>The servers of <c>--dns</c> as settings of a server.</summary>
    public static IReadOnlyDictionary<string, string?> DnsSettings(string[] servers) =>
        servers.Index().ToDictionary(s => $"Dns:Servers:{s.Index}", s => (string?)s.Item, StringComparer.Ordinal);

    public static void WriteLine<T>(TextWriter output, T subject) => output.WriteLine(JsonSerializer.Serialize(subject, Lines));

    /// <summary>For options that hold one mail address.</summary>
    public static void RefuseUnreadableAddress(OptionResult result)
    {
        foreach (Token token in result.Tokens)
        {
            if (!MailAddress.TryParse(token.Value, out _, out Postmaster.Fbl.ParseProblem problem))
                result.AddError($"{result.Option.Name} {token.Value} is not a mail address ({problem.Code}). Write it in full, such as alice@provider.example.");
        }
    }

    /// <summary>For arguments that are files: an option that does not exist would be looked for as one.</summary>
    public static void RefuseUnknownOptions(ArgumentResult result)
    {
        foreach (Token token in result.Tokens.Where(t => t.Value.Length > 1 && t.Value.StartsWith('-') && !Path.Exists(t.Value)))
            result.AddError($"{token.Value} is no option of this command, and no file has that name.");
    }

    private static void AddUnreadableServers(OptionResult result)
    {
        foreach (Token token in result.Tokens)
        {
            if (!DnsServerAddress.TryParse(token.Value, out _, out _))
                result.AddError($"--dns {token.Value}: write an address with an optional port, such as 192.0.2.53, 127.0.0.1:5300 or [::1]:53.");
        }
    }
}
