using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Hashes of the addresses, as tracking links and avatars carry them: whoever knows an address finds it by its hash. In their place stands one under the owner's
/// key, as long as they are; its first ten octets are those of the pseudonym.
/// </summary>
internal sealed class AddressDigests(List<PrivateAddress> addresses, RedactionKey key)
{
    /// <summary>Octets of the shortest; a longer one may be cut to so many.</summary>
    public const int Shortest = 16;

    private static readonly HashAlgorithmName[] Algorithms = [HashAlgorithmName.MD5, HashAlgorithmName.SHA1, HashAlgorithmName.SHA256, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512];

    /// <summary>Slots of <see cref="fifths"/>: a power of two.</summary>
    private const int Slots = 4096;

    private List<(byte[] Digest, string Address)>? known;
    private BeginningFilter? beginnings;
    private ulong[] heads = [];

    /// <summary>A bit for each pair of the fourth and fifth octet that a digest has: with many addresses it tells places apart that the first three do not.</summary>
    private readonly ulong[] fifths = new ulong[Slots / 64];

    /// <summary>Those in a text of raw octets.</summary>
    public List<TextEdit>? Find(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < Shortest)
            return null;
        List<TextEdit>? edits = null;
        var places = (beginnings ??= Prepared()).In(octets[..^(Shortest - BeginningFilter.Depth)]);
        for (var at = places.Next(0); at >= 0; at = places.Next(at + 1))
        {
            if (!MayBegin(octets[at..]))
                continue;
            foreach (var (digest, address) in known!)
            {
                // Hashes are cut to whole words; another octet that fits stands there by chance.
                var length = octets[at..].CommonPrefixLength(digest) & ~3;
                if (length < Shortest)
                    continue;
                (edits ??= []).Add(new TextEdit(at, length, key.DigestOf(address)[..length]));
                at += length - 1;
                break;
            }
        }
        return edits;
    }

    private bool MayBegin(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < Shortest)
            return false;
        var slot = Slot(octets);
        return (fifths[slot / 64] >> (slot % 64) & 1) != 0 && heads.AsSpan().Contains(MemoryMarshal.Read<ulong>(octets));
    }

    private static int Slot(ReadOnlySpan<byte> octets) => ((octets[3] << 8) | octets[4]) & (Slots - 1);

    private BeginningFilter Prepared()
    {
        known = All();
        heads = [.. known.Select(one => MemoryMarshal.Read<ulong>(one.Digest))];
        var filter = new BeginningFilter();
        for (var i = 0; i < known.Count; i++)
        {
            var digest = known[i].Digest;
            filter.Add(i % BeginningFilter.Groups, digest.AsSpan(0, 1), digest.AsSpan(1, 1), digest.AsSpan(2, 1));
            var slot = Slot(digest);
            fifths[slot / 64] |= 1UL << (slot % 64);
        }
        return filter;
    }

    private List<(byte[] Digest, string Address)> All()
    {
        var all = new List<(byte[], string)>();
        foreach (var address in addresses)
        {
            var local = PrivateAddress.Unquoted(address.Address.LocalPart);
            var whole = $"{local}@{address.Address.Domain.Ascii}";
            foreach (var text in Inputs(local, address))
            {
                var octets = Encoding.UTF8.GetBytes(text);
                foreach (var algorithm in Algorithms)
                    all.Add((CryptographicOperations.HashData(algorithm, octets), whole));
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
