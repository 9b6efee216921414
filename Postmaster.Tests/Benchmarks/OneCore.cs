using System.Diagnostics;

namespace Postmaster.Benchmarks;

/// <summary>Binds this program and the peers that it starts to one core, so that all of them meet the same conditions.</summary>
internal static class OneCore
{
    /// <summary>As the program found it; zero before <see cref="Keep"/>.</summary>
    private static nint s_all;

    public static void Keep()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
            return;
        using var self = Process.GetCurrentProcess();
        // The highest of those allowed: the lowest takes the interrupts.
        if (s_all == 0)
            s_all = self.ProcessorAffinity;
        var allowed = (ulong)s_all;
        self.ProcessorAffinity = (nint)(1UL << (63 - System.Numerics.BitOperations.LeadingZeroCount(allowed)));
    }

    /// <summary>Gives all cores back, until <see cref="Keep"/>.</summary>
    public static void Release()
    {
        if ((!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows()) || s_all == 0)
            return;
        using var self = Process.GetCurrentProcess();
        self.ProcessorAffinity = s_all;
    }
}
