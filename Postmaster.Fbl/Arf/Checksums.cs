namespace Postmaster.Fbl.Arf;

/// <summary>The checksums of gzip (RFC 1952 §8) and zlib (RFC 1950 §8).</summary>
internal static class Checksums
{
    private const uint Polynomial = 0xEDB88320;

    private const uint Modulus = 65521;

    public static uint Crc32(ReadOnlySpan<byte> octets)
    {
        var crc = uint.MaxValue;
        foreach (var octet in octets)
        {
            crc ^= octet;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * Polynomial);
        }
        return ~crc;
    }

    public static uint Adler32(ReadOnlySpan<byte> octets)
    {
        uint low = 1, high = 0;
        foreach (var octet in octets)
        {
            low = (low + octet) % Modulus;
            high = (high + low) % Modulus;
        }
        return (high << 16) | low;
    }
}
