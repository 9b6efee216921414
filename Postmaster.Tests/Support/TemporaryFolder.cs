using System.Diagnostics;

namespace Postmaster.Tests.Support;

/// <summary>The end of a folder that a server had to itself.</summary>
internal static class TemporaryFolder
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Deletes it with all that is in it. Who was told to stop may still put a file there, and take it away, while it is emptied.</summary>
    public static async Task DeleteAsync(string folder)
    {
        var waited = Stopwatch.StartNew();
        while (Directory.Exists(folder))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException) when (waited.Elapsed < Patience)
            {
                await Task.Delay(100);
            }
        }
    }
}
