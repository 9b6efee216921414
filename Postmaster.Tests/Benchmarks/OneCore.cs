using System.Diagnostics;

namespace Postmaster.Benchmarks;

/// <summary>Binds this program and the peers that it starts to one core, so that all of them meet the same conditions.</summary>
internal static class OneCore
{
    public static void Keep()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows())
            return;
        using var self = Process.GetCurrentProcess();
        // The highest of those allowed: the lowest takes the interrupts.
        var allowed = (ulong)self.ProcessorAffinity;
        self.ProcessorAffinity = (nint)(1UL << (63 - System.Numerics.BitOperations.LeadingZeroCount(allowed)));
    }
}
