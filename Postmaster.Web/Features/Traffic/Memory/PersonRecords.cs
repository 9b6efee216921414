using System.Runtime.InteropServices;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>What the room of people is asked for: hashes of a keyed hash of the recipient and a stream.</summary>
internal static class PersonHash
{
    private const ulong LeftMark = 0xD1B54A32D192ED03, InvitedMark = 0x8CB92BA72F3D8DD7;

    /// <summary>Somebody's leaving of a stream.</summary>
    public static ulong Left(ulong recipient, int stream) => Mix(recipient ^ LeftMark, stream);

    /// <summary>The invitations of a domain to somebody.</summary>
    /// <param name="whole">The stream of all mail of the domain.</param>
    public static ulong Invited(ulong recipient, int whole) => Mix(recipient ^ InvitedMark, whole);

    // The finalizer of SplitMix64 (Steele, Lea, Flood 2014) spreads what the keyed hash and the stream differ in over all bits.
    private static ulong Mix(ulong recipient, int stream)
    {
        ulong mixed = recipient + ((ulong)(uint)stream * 0x9E3779B97F4A7C15UL);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return mixed ^ (mixed >> 31);
    }
}

/// <summary>Somebody complained about the mail of a stream or unsubscribed from it. Times are UTC ticks, kept to the second.</summary>
/// <param name="At">0: it was taken back by "not spam".</param>
/// <param name="ToldAt">When the sender was told: the report of the complaint was delivered, or the person unsubscribed; 0: not yet.</param>
/// <param name="IsMailedAgain">It is counted that mail came all the same.</param>
/// <param name="Streams">The streams of the mail that was left with, packed.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LeftRecord(long At, long ToldAt, bool IsMailedAgain, byte[] Streams)
{
    public static LeftRecord Read(ReadOnlySpan<byte> octets)
    {
        bool again = StreamSet.ReadNumber(ref octets) != 0;
        long at = Seconds.Read(ref octets), told = Seconds.Read(ref octets);
        return new LeftRecord(at, told, again, octets.ToArray());
    }

    public byte[] Write()
    {
        Span<byte> head = stackalloc byte[3 * Seconds.MostOctets];
        int length = StreamSet.WriteNumber(head, IsMailedAgain ? 1u : 0u);
        length += Seconds.Write(head[length..], At);
        length += Seconds.Write(head[length..], ToldAt);
        return [.. head[..length], .. Streams];
    }
}

/// <summary>Invitations and reminders of a domain to somebody. Times are UTC ticks, kept to the second.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct InvitedRecord(int Count, long First, long Last)
{
    public static InvitedRecord Read(ReadOnlySpan<byte> octets)
    {
        int count = (int)StreamSet.ReadNumber(ref octets);
        long first = Seconds.Read(ref octets);
        return new InvitedRecord(count, first, Seconds.Read(ref octets));
    }

    public byte[] Write()
    {
        Span<byte> octets = stackalloc byte[3 * Seconds.MostOctets];
        int length = StreamSet.WriteNumber(octets, (uint)Count);
        length += Seconds.Write(octets[length..], First);
        return octets[..(length + Seconds.Write(octets[length..], Last))].ToArray();
    }
}

internal static class Seconds
{
    /// <summary>Seconds until the year 9999 have 39 bits.</summary>
    public const int MostOctets = 6;

    public static int Write(Span<byte> octets, long ticks) => StreamSet.WriteNumber(octets, (ulong)(ticks / TimeSpan.TicksPerSecond));

    public static long Read(ref ReadOnlySpan<byte> octets) => (long)StreamSet.ReadNumber(ref octets) * TimeSpan.TicksPerSecond;
}
