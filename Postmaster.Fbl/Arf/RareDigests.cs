using System.Security.Cryptography;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>Hashes that <see cref="AddressDigests"/> leaves out because they cost more than they are met: computed only for a word that is as long as one.</summary>
internal static class RareDigests
{
    /// <summary>Octets of those there are.</summary>
    public static ReadOnlySpan<int> Lengths => [8, 16, 20, 28, 32, 48, 64];

    /// <param name="length">One of <see cref="Lengths"/>.</param>
    public static IEnumerable<byte[]> Of(byte[] text, int length)
    {
        byte[] line = [.. text, (byte)'\n'];
        byte[] link = [.. "mailto:"u8, .. text];
        return length switch
        {
            8 => Halves(Hash(HashAlgorithmName.MD5, text)),
            16 => [Hash(HashAlgorithmName.MD5, line), Hash(HashAlgorithmName.MD5, link), Hash(HashAlgorithmName.MD5, Hex(Hash(HashAlgorithmName.MD5, text)))],
            20 => [Hash(HashAlgorithmName.SHA1, line), Hash(HashAlgorithmName.SHA1, link), Hash(HashAlgorithmName.SHA1, Hex(Hash(HashAlgorithmName.SHA1, text)))],
            28 => [RareHashes.Sha224(text), .. Sha3(text, length)],
            32 =>
            [
                Hash(HashAlgorithmName.SHA256, line), Hash(HashAlgorithmName.SHA256, link), Hash(HashAlgorithmName.SHA256, Hex(Hash(HashAlgorithmName.MD5, text))),
                Hash(HashAlgorithmName.SHA256, Hex(Hash(HashAlgorithmName.SHA256, text))), RareHashes.Blake2s(text), RareHashes.Blake2b(text, length), .. Sha3(text, length),
            ],
            48 => [RareHashes.Blake2b(text, length), .. Sha3(text, length)],
            64 => [RareHashes.Blake2b(text, length), .. Sha3(text, length)],
            _ => [],
        };
    }

    private static byte[] Hash(HashAlgorithmName algorithm, byte[] text) => CryptographicOperations.HashData(algorithm, text);

    private static byte[] Hex(byte[] digest) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(digest));

    /// <summary>Of MD5 with sixteen digits, which some programs write, and its other parts of that length.</summary>
    private static IEnumerable<byte[]> Halves(byte[] digest) => [digest[..8], digest[4..12], digest[8..]];

    /// <summary>The system's library may have none.</summary>
    private static IEnumerable<byte[]> Sha3(byte[] text, int length) => length switch
    {
        32 when SHA3_256.IsSupported => [SHA3_256.HashData(text)],
        48 when SHA3_384.IsSupported => [SHA3_384.HashData(text)],
        64 when SHA3_512.IsSupported => [SHA3_512.HashData(text)],
        _ => [],
    };
}
