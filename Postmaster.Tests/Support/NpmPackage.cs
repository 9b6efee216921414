using System.Collections.Concurrent;
using Postmaster.Tests.Arf;

namespace Postmaster.Tests.Support;

/// <summary>Packages of npm that read what we write: each is fetched once, in one version, into the user's folder of caches.</summary>
internal static class NpmPackage
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Folders = new(StringComparer.Ordinal);

    /// <returns>A folder whose scripts may require the package.</returns>
    public static Task<string> FindAsync(string name, string version) => Folders.GetOrAdd($"{name}@{version}", package => new Lazy<Task<string>>(() => FetchAsync(package))).Value;

    private static async Task<string> FetchAsync(string package)
    {
        string caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        string folder = Path.Combine(caches, "postmaster-tests", package.Replace('@', '-'));
        string complete = Path.Combine(folder, "complete");
        if (!File.Exists(complete))
        {
            Directory.CreateDirectory(folder);
            await OutsideReader.RunAsync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries", "5", "--prefix", folder, package], folder);
            await File.WriteAllTextAsync(complete, "");
        }

        return folder;
    }
}
