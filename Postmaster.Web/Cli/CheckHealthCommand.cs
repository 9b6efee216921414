using System.CommandLine;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Operations.Health;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster check health</c>: server, database, DNS, relay, queue age, disk, signing key.</summary>
internal static class CheckHealthCommand
{
    public static Command Create()
    {
        Option<string> data = CommonOptions.Data();
        Option<bool> json = CommonOptions.Json();
        Option<string[]> dns = CommonOptions.Dns();
        var command = new Verb("health", "Server, database, DNS, relay, queue age, disk, signing key; says which TXT record to publish.")
        {
            Notes = "Reads the same settings as the server. Ingest:Url says where the server answers.",
            Example = "postmaster check health --data /var/lib/postmaster",
        };
        foreach (Option option in (Option[])[data, json, dns])
            command.Options.Add(option);
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(data)!, parsed.GetValue(dns)!, parsed.GetValue(json), parsed.InvocationConfiguration, ct));
        return command;
    }

    private static async Task<int> RunAsync(string dataPath, string[] servers, bool json, InvocationConfiguration console, CancellationToken ct)
    {
        if (!Directory.Exists(dataPath))
            return Unknown(console.Output, json, "data", $"there is no data folder {Path.GetFullPath(dataPath)}; name it with --data.");

        try
        {
            await using WebApplication app = PostmasterHost.Build(
                new HostSettings(dataPath, Settings: CommonOptions.DnsSettings(servers)), builder => builder.Logging.ClearProviders());
            HealthReport report = await ActivatorUtilities.CreateInstance<HealthCheck>(
                app.Services, ActivatorUtilities.CreateInstance<RelayProbe>(app.Services)).RunAsync(ct);
            if (json)
                CommonOptions.WriteLine(console.Output, Json(report));
            else
                WriteWords(console.Output, report);
            return CheckExit.Code(report.Severity);
        }
        catch (OptionsValidationException invalid)
        {
            return Unknown(console.Output, json, "settings", string.Join(' ', invalid.Failures));
        }
    }

    /// <summary>Nothing could be looked at.</summary>
    private static int Unknown(TextWriter output, bool json, string item, string text)
    {
        if (json)
            CommonOptions.WriteLine(output, Json(new HealthReport([new HealthItem(item, FindingSeverity.Unknown, text)], SigningKey: null)));
        else
            output.WriteLine($"HEALTH UNKNOWN - {TerminalText.Printable(text)}");
        return CheckExit.Unknown;
    }

    private static void WriteWords(TextWriter output, HealthReport report)
    {
        List<HealthItem> wrong = [.. report.Items.Where(i => i.Severity != FindingSeverity.Ok).OrderByDescending(i => i.Severity)];
        output.WriteLine($"HEALTH {CheckExit.Word(report.Severity)} - {(wrong.Count == 0 ? "all is well" : string.Join(", ", wrong.Select(i => i.Name)))}");
        foreach (HealthItem item in report.Items)
            output.WriteLine($"  {CheckExit.Word(item.Severity),-8} {item.Name,-12} {TerminalText.Printable(item.Text)}");
    }

    private static HealthJson Json(HealthReport report) => new(
        CheckExit.Word(report.Severity).ToLowerInvariant(),
        [.. report.Items.Select(i => new HealthItemJson(i.Name, CheckExit.Word(i.Severity).ToLowerInvariant(), i.Text))],
        report.SigningKey);

    private sealed record HealthJson(string Status, IReadOnlyList<HealthItemJson> Items, SigningKeyRecord? SigningKey);

    private sealed record HealthItemJson(string Name, string Status, string Text);
}
