namespace Postmaster.Tests.Arf;

/// <summary>Where npm's mailparser is kept: fetched once, into the user's folder of caches.</summary>
internal static class MailparserFolder
{
    private const string Version = "3.9.0";

    private static readonly SemaphoreSlim Once = new(1, 1);

    public static async Task<string> FindAsync()
    {
        string caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        string folder = Path.Combine(caches, "postmaster-tests", $"mailparser-{Version}");
        await Once.WaitAsync();
        try
        {
            if (!File.Exists(Path.Combine(folder, "complete")))
            {
                Directory.CreateDirectory(folder);
                await OutsideReader.RunAsync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder, $"mailparser@{Version}"], folder);
                await File.WriteAllTextAsync(Path.Combine(folder, "complete"), "");
            }
        }
        finally
        {
            Once.Release();
        }

        return folder;
    }
}
