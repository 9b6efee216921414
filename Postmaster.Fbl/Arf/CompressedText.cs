using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Postmaster.Fbl.Arf;

/// <summary>What gzip (RFC 1952) and zlib (RFC 1950) have packed before it was encoded: it is unpacked, redacted and packed again.</summary>
internal sealed class CompressedText(TextRedactor redactor)
{
    /// <summary>Octets that are unpacked of one token, and tokens of one message: against bombs. What is larger is not looked into.</summary>
    private const int MaxUnpacked = 65_536, MaxTokens = 64;

    /// <summary>Octets of the smallest that holds an address: header, a block, checksum.</summary>
    private const int Shortest = 14;

    private int looked;

    /// <summary>Null when there is nothing.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> octets, int depth)
    {
        List<TextEdit>? edits = null;
        for (var at = 0; octets.Length - at >= Shortest;)
        {
            var next = octets[at..].IndexOfAny((byte)0x1F, (byte)0x78);
            if (next < 0)
                break;
            at += next;
            if (!IsTokenStart(octets, at) || !Begins(octets[at..]))
            {
                at++;
                continue;
            }
            if (++looked > MaxTokens)
                break;
            if (FindAt(octets[at..], depth) is { } edit)
            {
                (edits ??= []).Add(edit with { Start = at });
                at += edit.Length;
            }
            else
            {
                at++;
            }
        }
        return edits;
    }

    /// <summary>Zeros stand before a word that was decoded with others; "/", "-" and the like, which are letters of base64, too, end in six bits of which five are set.</summary>
    private static bool IsTokenStart(ReadOnlySpan<byte> octets, int at) => at == 0 || octets[at - 1] == 0 || (octets[at - 1] & 62) == 62;

    /// <summary>RFC 1952 §2.3, RFC 1950 §2.2 with the window of 32 KB that everybody has; a block of the third kind does not exist (RFC 1951 §3.2.3).</summary>
    private static bool Begins(ReadOnlySpan<byte> octets) =>
        octets.Length >= Shortest && (octets[0] == 0x1F ? octets[1] == 0x8B && octets[2] == 8 : octets[1] is 0x01 or 0x5E or 0x9C or 0xDA && (octets[2] & 6) != 6);

    private TextEdit? FindAt(ReadOnlySpan<byte> octets, int depth)
    {
        var gzip = octets[0] == 0x1F;
        if (Unpacked(octets, gzip) is not { } text)
            return null;
        var end = octets.IndexOf(gzip ? Crc32(text) : Adler32(text));
        if (end < 0 || redactor.Find(text, TextKind.Plain, depth + 1).Edits is not { } found)
            return null;
        // gzip tells the length behind the checksum.
        end += gzip ? 8 : 4;
        return end > octets.Length ? null : new TextEdit(0, end, Packed(FoundEdits.Apply(text, found), gzip));
    }

    /// <summary>Null when it is none or too large.</summary>
    private static byte[]? Unpacked(ReadOnlySpan<byte> octets, bool gzip)
    {
        using var input = new MemoryStream(octets.ToArray());
        using Stream stream = gzip ? new GZipStream(input, CompressionMode.Decompress) : new ZLibStream(input, CompressionMode.Decompress);
        var text = ArrayPool<byte>.Shared.Rent(MaxUnpacked);
        var length = 0;
        try
        {
            while (length < MaxUnpacked && stream.Read(text, length, MaxUnpacked - length) is var read and > 0)
                length += read;
        }
        catch (InvalidDataException)
        {
            // Other octets may follow the checksum; what was read before them counts.
        }
        var unpacked = length is 0 or MaxUnpacked ? null : text[..length];
        ArrayPool<byte>.Shared.Return(text);
        return unpacked;
    }

    private static byte[] Packed(byte[] text, bool gzip)
    {
        using var output = new MemoryStream();
        using (Stream stream = gzip ? new GZipStream(output, CompressionLevel.SmallestSize) : new ZLibStream(output, CompressionLevel.SmallestSize))
            stream.Write(text);
        return output.ToArray();
    }

    private static byte[] Crc32(ReadOnlySpan<byte> text)
    {
        var crc = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(crc, Checksums.Crc32(text));
        return crc;
    }

    private static byte[] Adler32(ReadOnlySpan<byte> text)
    {
        var adler = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(adler, Checksums.Adler32(text));
        return adler;
    }
}
