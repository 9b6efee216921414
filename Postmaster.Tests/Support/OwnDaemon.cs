using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;

namespace Postmaster.Tests.Support;

/// <summary>A Debian daemon that a test starts for itself: its process, and what it takes to put its files into a temporary folder.</summary>
[SupportedOSPlatform("linux")]
internal static class OwnDaemon
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    /// <summary>Starts a program that stays in the foreground; what it prints goes to a file.</summary>
    public static Process Start(string log, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, WorkingDirectory = Path.GetTempPath() };
        foreach (string argument in (string[])["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1", "sh", log, RequiredPrograms.Find(program) ?? program, .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>Runs a program to its end; it has to succeed.</summary>
    public static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(RequiredPrograms.Find(program) ?? program, arguments)
        {
            UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        Task<string> said = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {said.Result}");
    }

    public static async Task WaitForPortAsync(Process process, int port, Func<string> log)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (waited.Elapsed < Patience && !process.HasExited)
            {
                await Task.Delay(100);
            }
            catch (SocketException refused)
            {
                throw new TimeoutException($"Nothing listens on port {port}. The daemon says:\n{log()}", refused);
            }
        }
    }

    /// <summary>SIGTERM, and the end of its children.</summary>
    public static async Task StopAsync(Process process)
    {
        if (!process.HasExited)
            Run("kill", "-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        process.Dispose();
    }
}
