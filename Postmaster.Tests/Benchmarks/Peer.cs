using System.Diagnostics;
using System.Globalization;

namespace Postmaster.Benchmarks;

/// <summary>The other implementations, each in a process of its own that does the same work in a loop and prints how often a second.</summary>
internal static class Peer
{
    public const string PythonPath = "/usr/bin/python3";

    /// <summary>A loop around libopendkim, compiled here and now; null when the library or a compiler is missing.</summary>
    public static double? OpenDkim(Table table, byte[] mail, string record) =>
        Compiled(table, "opendkim_rate.c", "libopendkim", "/usr/include/opendkim/dkim.h", ["-I/usr/include/opendkim", "-lopendkim"], folder => Files(folder, mail, record));

    /// <summary>The same around libspf2, which has a zone in memory of its own.</summary>
    public static double? Spf2(Table table) =>
        Compiled(table, "libspf2_rate.c", "libspf2", "/usr/include/spf2/spf.h", ["-lspf2"], _ => []);

    /// <summary>A loop in Python; null when the module is missing.</summary>
    public static double? Python(Table table, string script, string module, byte[] mail, string record)
    {
        if (!HasPython(table, module))
            return null;
        var folder = Directory.CreateTempSubdirectory("postmaster-rate-");
        try
        {
            return Number(Run(PythonPath, [Source(script), .. Files(folder, mail, record)]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static bool HasPython(Table table, string module)
    {
        if (File.Exists(PythonPath) && TryRun(PythonPath, ["-c", "import " + module], out _) is 0)
            return true;
        table.Note($"Python's {module} was not measured: it is not installed for {PythonPath}.");
        return false;
    }

    private static double? Compiled(Table table, string source, string library, string header, string[] options, Func<DirectoryInfo, string[]> arguments)
    {
        if (!File.Exists(header) || !File.Exists("/usr/bin/cc"))
        {
            table.Note($"{library} was not measured: it needs cc and {library}-dev.");
            return null;
        }
        var folder = Directory.CreateTempSubdirectory("postmaster-rate-");
        try
        {
            var program = Path.Combine(folder.FullName, "rate");
            Run("/usr/bin/cc", ["-O2", "-o", program, Source(source), .. options]);
            return Number(Run(program, arguments(folder)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[] Files(DirectoryInfo folder, byte[] mail, string record)
    {
        var mailFile = Path.Combine(folder.FullName, "mail");
        var recordFile = Path.Combine(folder.FullName, "record");
        File.WriteAllBytes(mailFile, mail);
        File.WriteAllText(recordFile, record);
        return [mailFile, recordFile];
    }

    private static double Number(string printed) => double.Parse(printed, CultureInfo.InvariantCulture);

    public static string Source(string name) => Path.Combine(AppContext.BaseDirectory, "Peers", name);

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
