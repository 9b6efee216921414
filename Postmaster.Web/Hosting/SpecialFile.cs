using System.Runtime.InteropServices;

namespace Postmaster.Web.Hosting;

/// <summary>
/// Devices, pipes and sockets, which a program that means files must not open: a pipe keeps it waiting for ever, and a rename would put a file in the place of
/// /dev/null. The runtime does not tell them from files.
/// </summary>
internal static class SpecialFile
{
    /// <summary>statx(2), whose structure is the same on every machine: relative to the working folder, the type alone.</summary>
    private const int WorkingFolder = -100, StructureOctets = 256, ModeAt = 28, TypeMask = 0xF000, Regular = 0x8000, Folder = 0x4000;

    private const uint TypeAlone = 1;

    /// <summary>Links are followed. False where nothing is there, or where the system cannot be asked.</summary>
    public static bool Is(string path)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        byte[] about = new byte[StructureOctets];
        try
        {
            return Stat(WorkingFolder, path, 0, TypeAlone, about) == 0 && (BitConverter.ToUInt16(about, ModeAt) & TypeMask) is not (Regular or Folder);
        }
        catch (Exception none) when (none is EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

#pragma warning disable SYSLIB1054, CA2101 // The generated form needs unsafe code, which this program has none of; how the text is handed over is said.
    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] about);
#pragma warning restore SYSLIB1054, CA2101
}
