namespace Postmaster.Web.Data.Sqlite;

/// <summary>The file of the database and those beside it: the service's user alone reads them, whoever may enter the folder.</summary>
internal static class SqliteFile
{
    /// <summary>The write-ahead log and its index. SQLite gives new ones the mode of the database.</summary>
    private static readonly string[] Endings = ["", "-wal", "-shm"];

    public static void KeepPrivate(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        foreach (string file in Endings.Select(ending => path + ending).Where(File.Exists))
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
