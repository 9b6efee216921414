using System.Diagnostics;
using System.Globalization;

namespace Postmaster.Benchmarks;

/// <summary>The other implementations, each in a process of its own that does the same work in a loop and prints how often a second.</summary>
internal static class Peer
{
    private const string PythonPath = "/usr/bin/python3";

    /// <summary>A loop around libopendkim, compiled here and now; null when the library or a compiler is missing.</summary>
    public static double? OpenDkim(Table table, byte[] mail, string record)
    {
        if (!File.Exists("/usr/include/opendkim/dkim.h") || !File.Exists("/usr/bin/cc"))
        {
            table.Note("libopendkim was not measured: it needs cc and libopendkim-dev.");
            return null;
        }
        var folder = Directory.CreateTempSubdirectory("postmaster-rate-");
        try
        {
            var program = Path.Combine(folder.FullName, "opendkim_rate");
            Run("/usr/bin/cc", ["-O2", "-o", program, Source("opendkim_rate.c"), "-I/usr/include/opendkim", "-lopendkim"]);
            return Loop(folder, program, [], mail, record);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A loop in Python; null when the module is missing.</summary>
    public static double? Python(Table table, string script, string module, byte[] mail, string record)
    {
        if (!File.Exists(PythonPath) || TryRun(PythonPath, ["-c", "import " + module], out _) is not 0)
        {
            table.Note($"Python's {module} was not measured: it is not installed for {PythonPath}.");
            return null;
        }
        var folder = Directory.CreateTempSubdirectory("postmaster-rate-");
        try
        {
            return Loop(folder, PythonPath, [Source(script)], mail, record);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static double Loop(DirectoryInfo folder, string program, string[] arguments, byte[] mail, string record)
    {
        var mailFile = Path.Combine(folder.FullName, "mail");
        var recordFile = Path.Combine(folder.FullName, "record");
        File.WriteAllBytes(mailFile, mail);
        File.WriteAllText(recordFile, record);
        return double.Parse(Run(program, [.. arguments, mailFile, recordFile]), CultureInfo.InvariantCulture);
    }

    private static string Source(string name) => Path.Combine(AppContext.BaseDirectory, "Peers", name);

    private static string Run(string program, IEnumerable<string> arguments)
        => TryRun(program, arguments, out var output) is 0 ? output : throw new InvalidOperationException($"{program} failed.");

    private static int TryRun(string program, IEnumerable<string> arguments, out string output)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
