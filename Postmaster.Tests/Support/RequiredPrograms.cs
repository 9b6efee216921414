using System.Globalization;

namespace Postmaster.Tests.Support;

/// <summary>Which outside programs are here, and why a test without them is skipped.</summary>
internal static class RequiredPrograms
{
    private static readonly string[] SystemFolders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin", .. PostgresFolders()];

    /// <summary>CI sets POSTMASTER_REQUIRE_ALL=1: nothing is skipped, a missing program is a failure.</summary>
    public static bool RequireAll => Environment.GetEnvironmentVariable("POSTMASTER_REQUIRE_ALL") is "1";

    /// <summary>The full path of a program on PATH or in the system's folders; null when it is not installed.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Concat(SystemFolders)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    /// <summary>Those of the programs that are not installed.</summary>
    public static IReadOnlyList<string> Missing(IEnumerable<string> programs) => [.. programs.Where(program => Find(program) is null)];

    /// <summary>The reason to skip, or null when the test has to run.</summary>
    public static string? SkipReason(IEnumerable<string> programs) => SkipReason(programs, RequireAll);

    internal static string? SkipReason(IEnumerable<string> programs, bool requireAll) => requireAll ? null : Missing(programs) switch
    {
        [] => null,
        [var one] => $"{one} is not installed (deploy/test.sh installs it)",
        var several => $"{string.Join(", ", several)} are not installed (deploy/test.sh installs them)",
    };

    /// <summary>Debian keeps the programs of a PostgreSQL server apart, a folder a version; the newest first.</summary>
    private static IEnumerable<string> PostgresFolders() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out int version) ? version : 0).Select(d => Path.Combine(d, "bin"))
        : [];
}
