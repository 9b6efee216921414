using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Postmaster.Fbl.Dkim;

/// <summary>Finds where a body stops being in canonical form (RFC 6376 §3.4.3, §3.4.4), by looking at two neighbouring octets at a time, 32 pairs at once.</summary>
internal static class CanonicalScan
{
    /// <summary>
    /// The first octet that is not canonical together with the one behind it: a bare CR or LF, an empty line (it may be one of those at the end),
    /// and when relaxed a tab or a space before white space or a line end. -1 when there is none; the last octet is not judged.
    /// </summary>
    public static int FirstChange(ReadOnlySpan<byte> octets, bool relaxed)
    {
        var i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            ref var start = ref MemoryMarshal.GetReference(octets);
            for (; i + Vector256<byte>.Count < octets.Length; i += Vector256<byte>.Count)
            {
                var changes = Changes(Vector256.LoadUnsafe(ref start, (nuint)i), Vector256.LoadUnsafe(ref start, (nuint)i + 1), relaxed);
                if (changes != Vector256<byte>.Zero)
                    return i + BitOperations.TrailingZeroCount(changes.ExtractMostSignificantBits());
            }
        }
        for (; i + 1 < octets.Length; i++)
        {
            if (IsChange(octets[i], octets[i + 1], relaxed))
                return i;
        }
        return -1;
    }

    private static Vector256<byte> Changes(Vector256<byte> octet, Vector256<byte> next, bool relaxed)
    {
        var lineFeed = Vector256.Create((byte)'\n');
        var carriageReturn = Vector256.Create((byte)'\r');
        var space = Vector256.Create((byte)' ');
        var tab = Vector256.Create((byte)'\t');
        var feedNext = Vector256.Equals(next, lineFeed);
        var endNext = feedNext | Vector256.Equals(next, carriageReturn);
        var changes = (Vector256.Equals(octet, carriageReturn) ^ feedNext) | (Vector256.Equals(octet, lineFeed) & endNext);
        if (!relaxed)
            return changes;
        var specialNext = endNext | Vector256.Equals(next, space) | Vector256.Equals(next, tab);
        return changes | Vector256.Equals(octet, tab) | (Vector256.Equals(octet, space) & specialNext);
    }

    private static bool IsChange(byte octet, byte next, bool relaxed)
    {
        if ((octet == '\r') != (next == '\n'))
            return true;
        if (octet == '\n')
            return next is (byte)'\r' or (byte)'\n';
        return relaxed && (octet == '\t' || (octet == ' ' && next is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'));
    }
}
