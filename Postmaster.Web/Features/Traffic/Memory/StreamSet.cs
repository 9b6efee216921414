using System.Buffers;
using System.Runtime.InteropServices;
using Postmaster.Web.Features.Traffic.Commit;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Memory;

/// <summary>A stream as a remembered delivery has it.</summary>
/// <param name="HasHours">True for the first stream of each domain: the whole of its mail, authenticated or not.</param>
/// <param name="IsLeft">Who leaves the mail of the domain leaves this stream of it.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KeptStream(int Id, bool HasHours, bool IsLeft);

/// <summary>The streams of a delivery, packed: of each its id and two flags in as few octets as they need.</summary>
internal static class StreamSet
{
    /// <summary>Octets of a number of 34 bits, seven an octet.</summary>
    private const int MostOctets = 5;

    private const int OnStack = 512;

    /// <param name="entries">Domain by domain, the one with hours first in each.</param>
    /// <param name="streams">Is emptied first.</param>
    public static void Describe(ReadOnlySpan<StreamEntry> entries, CommitScope scope, List<KeptStream> streams)
    {
        streams.Clear();
        for (int first = 0; first < entries.Length;)
        {
            int end = first + 1;
            while (end < entries.Length && !entries[end].HasHours)
                end++;
            int left = LeftWith(entries[first..end]);
            for (int i = first; i < end; i++)
                streams.Add(new KeptStream(scope.IdOf(entries[i]), entries[i].HasHours, i - first == left));
            first = end;
        }
    }

    public static byte[] Pack(ReadOnlySpan<KeptStream> streams, ValuePool pool)
    {
        int room = streams.Length * MostOctets;
        byte[]? rented = room > OnStack ? ArrayPool<byte>.Shared.Rent(room) : null;
        Span<byte> octets = rented ?? stackalloc byte[OnStack];
        int length = 0;
        foreach (KeptStream stream in streams)
            length += WriteNumber(octets[length..], ((ulong)(uint)stream.Id << 2) | (stream.IsLeft ? 2u : 0u) | (stream.HasHours ? 1u : 0u));
        byte[] packed = pool.Get(octets[..length]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return packed;
    }

    /// <summary>How many streams from the first one on are of its domain.</summary>
    public static int OfDomain(ReadOnlySpan<KeptStream> streams)
    {
        int end = 1;
        while (end < streams.Length && !streams[end].HasHours)
            end++;
        return end;
    }

    public static void Read(ReadOnlySpan<byte> packed, List<KeptStream> streams)
    {
        streams.Clear();
        while (!packed.IsEmpty)
        {
            ulong number = ReadNumber(ref packed);
            streams.Add(new KeptStream((int)(number >> 2), (number & 1) != 0, (number & 2) != 0));
        }
    }

    internal static int WriteNumber(Span<byte> octets, ulong number)
    {
        int length = 0;
        for (; number >= 0x80; number >>= 7)
            octets[length++] = (byte)(number | 0x80);
        octets[length++] = (byte)number;
        return length;
    }

    internal static ulong ReadNumber(ref ReadOnlySpan<byte> octets)
    {
        ulong number = 0;
        int used = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte octet = octets[used++];
            number |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
                break;
        }

        octets = octets[used..];
        return number;
    }

    /// <summary>
    /// What somebody leaves who complains about a mail or unsubscribes: its list, else the kind of mail that Feedback-ID or the type field names, else
    /// all mail of the domain. None when the name is one of those that are counted together, or the mail is not authenticated.
    /// </summary>
    private static int LeftWith(ReadOnlySpan<StreamEntry> domain)
    {
        if (domain[0].Kind != StreamKind.Whole)
            return -1;
        int left = 0;
        for (int i = 1; i < domain.Length; i++)
        {
            if (Rank(domain[i].Kind) > Rank(domain[left].Kind))
                left = i;
        }

        return string.Equals(domain[left].Value, MailStream.Other, StringComparison.Ordinal) ? -1 : left;
    }

    private static int Rank(StreamKind kind) => kind switch
    {
        StreamKind.ListId => 3,
        StreamKind.Feedback3 => 2,
        StreamKind.MessageType => 1,
        _ => 0,
    };
}
