using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Suppression;

/// <summary>The entries whose command has not succeeded yet: a file each in <c>FILE.due</c>, deleted when it has.</summary>
internal sealed class DueCommands(string folder)
{
    /// <summary>A command that fails for everything (a database is away) is not started for a hundred thousand entries.</summary>
    public const int MaxFailuresInSuccession = 10;

    private const string Ending = ".json";

    /// <summary>Not more than an entry of the longest values.</summary>
    private const int MaxFileLength = 1024 * 1024;

    /// <summary>On the disk when it returns.</summary>
    public void Add(IEnumerable<SuppressionEntry> entries)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (SuppressionEntry entry in entries)
        {
            string path = Path.Combine(folder, entry.Id + Ending);
            string next = Path.Combine(folder, entry.Id + ".new");
            using (var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(System.Text.Encoding.UTF8.GetBytes(entry.ToJson()));
                file.Flush(flushToDisk: true);
            }

            File.Move(next, path, overwrite: true);
        }

        FolderSync.Flush(folder);
    }

    /// <summary>Runs the command for each, the longest untried first; one that another process is at is left to it.</summary>
    /// <param name="failed">Told each entry whose command failed, and why.</param>
    /// <returns>How many succeeded, and how many are still due.</returns>
    public async Task<(int Done, int Due)> RunAsync(SuppressionCommand command, Action<SuppressionEntry, string> failed, CancellationToken ct)
    {
        if (!Directory.Exists(folder))
            return (0, 0);
        int done = 0, due = 0, inSuccession = 0;
        // Those that failed come last: a few that always fail do not keep the others waiting.
        foreach (FileInfo file in new DirectoryInfo(folder).GetFiles("*" + Ending).OrderBy(f => f.LastWriteTimeUtc).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            if (inSuccession >= MaxFailuresInSuccession)
            {
                due++;
                continue;
            }

            switch (await RunOneAsync(file.FullName, command, failed, ct))
            {
                case true:
                    done++;
                    inSuccession = 0;
                    break;
                case false:
                    due++;
                    inSuccession++;
                    break;
            }
        }

        return (done, due);
    }

    /// <summary>Null: another process has it, or had it.</summary>
    private static async Task<bool?> RunOneAsync(string path, SuppressionCommand command, Action<SuppressionEntry, string> failed, CancellationToken ct)
    {
        try
        {
            await using var held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            // Between opening and locking another process may have been done with it.
            if (!File.Exists(path) || held.Length > MaxFileLength)
                return null;
            byte[] json = new byte[held.Length];
            await held.ReadExactlyAsync(json, ct);
            if (SuppressionEntry.FromJson(json) is not { } entry)
                return null;
            if (await command.RunAsync(entry, ct) is { } problem)
            {
                failed(entry, problem);
                held.Seek(0, SeekOrigin.Begin);
                await held.WriteAsync(json, ct); // later than the others from now on
                return false;
            }

            File.Delete(path);
            return true;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
