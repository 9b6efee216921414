using System.Text.Json;
using Postmaster.Web.Cli;

namespace Postmaster.Tests.Cli;

/// <summary>Runs a verb in this process and keeps what it prints.</summary>
internal sealed record Verbs(int Exit, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    public static async Task<Verbs> RunAsync(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int exit = await CommandLine.RunAsync(arguments, output, error);
        return new Verbs(exit, output.ToString(), error.ToString());
    }
}
