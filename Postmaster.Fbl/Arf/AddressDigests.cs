using System.Security.Cryptography;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Hashes of the addresses, as tracking links and avatars carry them: whoever knows an address finds it by its hash. In their place stands one under the owner's
/// key, as long as they are; its first ten octets are those of the pseudonym.
/// </summary>
internal sealed class AddressDigests(List<PrivateAddress> addresses, RedactionKey key)
{
    /// <summary>Octets of the shortest.</summary>
    public const int Shortest = 16;

    private static readonly HashAlgorithmName[] Algorithms = [HashAlgorithmName.MD5, HashAlgorithmName.SHA1, HashAlgorithmName.SHA256, HashAlgorithmName.SHA512];

    private List<(byte[] Digest, byte[] Replacement)>? known;

    /// <summary>Those in a text of raw octets.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < Shortest)
            return null;
        List<TextEdit>? edits = null;
        foreach (var (digest, replacement) in known ??= All())
        {
            var from = 0;
            for (var at = octets.IndexOf(digest); at >= 0; at = octets[from..].IndexOf(digest) is var next and >= 0 ? from + next : -1)
            {
                (edits ??= []).Add(new TextEdit(at, digest.Length, replacement));
                from = at + digest.Length;
            }
        }
        return edits;
    }

    private List<(byte[] Digest, byte[] Replacement)> All()
    {
        var all = new List<(byte[], byte[])>();
        foreach (var address in addresses)
        {
            var local = PrivateAddress.Unquoted(address.Address.LocalPart);
            var replacement = key.DigestOf($"{local}@{address.Address.Domain.Ascii}");
            foreach (var text in Inputs(local, address))
            {
                var octets = Encoding.UTF8.GetBytes(text);
                foreach (var algorithm in Algorithms)
                {
                    var digest = CryptographicOperations.HashData(algorithm, octets);
                    all.Add((digest, replacement[..digest.Length]));
                }
            }
        }
        return all;
    }

    private static IEnumerable<string> Inputs(string local, PrivateAddress address)
    {
        var whole = $"{local}@{address.Address.Domain.Ascii}";
        var inputs = new List<string> { whole, whole.ToLowerInvariant(), whole.ToUpperInvariant(), $"{local}@{address.Address.Domain.Unicode}" };
        if (address.IsDistinctive)
            inputs.AddRange([local, local.ToLowerInvariant()]);
        return inputs.Distinct(StringComparer.Ordinal);
    }
}
