using System.Diagnostics;
using System.Text.Json;

namespace Postmaster.Tests.Support;

/// <summary>Runs a script of ours in the system's Python: one job as JSON in, one answer as JSON out.</summary>
internal static class Python
{
    public static async Task<JsonElement> RunAsync(string script, object job)
    {
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", script]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await JsonSerializer.SerializeAsync(process.StandardInput.BaseStream, job);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return JsonDocument.Parse(await output).RootElement;
    }
}
