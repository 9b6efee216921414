using System.Runtime.InteropServices;

namespace Postmaster.Web.Hosting;

/// <summary>
/// Makes a rename survive a power cut: on Unix a folder's entries are on the disk only after the folder itself was flushed (POSIX fsync(2)). The runtime
/// refuses to open a folder as a file, so the system is asked itself.
/// </summary>
internal static class FolderSync
{
    private const int ReadOnly = 0;

    /// <returns>Whether it was flushed: Windows and some file systems have no such thing. The files in it are flushed by whoever wrote them.</returns>
    public static bool Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return false;
        int opened = Open(folder, ReadOnly);
        if (opened < 0)
            return false;
        try
        {
            return Sync(opened) == 0;
        }
        finally
        {
            _ = Close(opened);
        }
    }

#pragma warning disable SYSLIB1054, CA2101 // The generated form needs unsafe code, which this program has none of; how the text is handed over is said.
    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(int file);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int file);
#pragma warning restore SYSLIB1054, CA2101
}
