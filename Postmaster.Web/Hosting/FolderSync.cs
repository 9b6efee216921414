using Microsoft.Win32.SafeHandles;

namespace Postmaster.Web.Hosting;

/// <summary>Makes a rename survive a power cut: on Unix a folder's entries are on the disk only after the folder itself was flushed.</summary>
internal static class FolderSync
{
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        try
        {
            using SafeFileHandle handle = File.OpenHandle(folder, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            RandomAccess.FlushToDisk(handle);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Some file systems and the runtime refuse to open a folder; the file itself was flushed.
        }
    }
}
