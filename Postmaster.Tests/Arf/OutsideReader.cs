using System.Diagnostics;
using System.Text.Json;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Arf;

/// <summary>What a reader that is not ours found in a mail.</summary>
/// <param name="Types">Of the parts, in their order; empty when the reader does not tell.</param>
/// <param name="Fields">Of the second part, as names and values with the folding undone, in their order.</param>
/// <param name="MessageId">Of the reported message.</param>
/// <param name="Arrived">Of Arrival-Date or Received-Date, in seconds since 1970; null when the reader does not read dates.</param>
/// <param name="Problems">What the reader found wrong.</param>
internal sealed record OutsideReading(
    string File, string? ReportType, IReadOnlyList<string> Types, IReadOnlyList<IReadOnlyList<string>> Fields, string? MessageId, long? Arrived, IReadOnlyList<string> Problems)
{
    public string One(string name) => Assert.Single(All(name));

    public string[] All(string name) => [.. Fields.Where(f => f[0].Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f[1])];
}

/// <summary>Runs a reader over a folder of mails: its script gets the files as arguments and prints a line of JSON for each.</summary>
internal static class OutsideReader
{
    /// <summary>Several times what a slow machine needs; a reader that hangs is to fail.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    public static async Task<Dictionary<string, T>> ReadAsync<T>(string program, string script, IEnumerable<(string Name, byte[] Octets)> mails, Func<T, string> nameOf, string? workIn = null)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("postmaster-test-");
        try
        {
            string code = Path.Combine(workIn ?? folder.FullName, $"read-{Guid.NewGuid():N}.script");
            await File.WriteAllTextAsync(code, script);
            List<string> arguments = [code];
            foreach ((string name, byte[] octets) in mails)
            {
                arguments.Add(Path.Combine(folder.FullName, name));
                await File.WriteAllBytesAsync(arguments[^1], octets);
            }

            try
            {
                string said = await RunAsync(program, arguments, workIn);
                return said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<T>(line, JsonSerializerOptions.Web)!).ToDictionary(nameOf, StringComparer.Ordinal);
            }
            finally
            {
                File.Delete(code);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <returns>Its output; a program that fails is a failure of the test, in its own words.</returns>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string? workIn = null)
    {
        var start = new ProcessStartInfo(RequiredPrograms.Find(program) ?? program) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = workIn ?? "" };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors}");
        return await output;
    }
}
