using System.Runtime.InteropServices;

namespace Postmaster.Web.Features.Traffic.Directory;

/// <summary>The field of an event that leads to streams: to one, of Feedback-ID to up to four, of an address to itself and its network.</summary>
internal enum StreamField : byte
{
    ListId,
    FeedbackId,
    MessageType,
    Selector,
    EnvelopeDomain,
    Ip,
}

/// <summary>A field's octets as an event of a domain has them.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AliasKey(int Domain, StreamField Field, byte[] Octets);

/// <summary>The same for looking up.</summary>
internal readonly ref struct AliasProbe(int domain, StreamField field, ReadOnlySpan<byte> octets)
{
    public int Domain { get; } = domain;
    public StreamField Field { get; } = field;
    public ReadOnlySpan<byte> Octets { get; } = octets;
}

internal sealed class AliasComparer : IEqualityComparer<AliasKey>, IAlternateEqualityComparer<AliasProbe, AliasKey>
{
    public static readonly AliasComparer Instance = new();

    public bool Equals(AliasKey x, AliasKey y) => x.Domain == y.Domain && x.Field == y.Field && x.Octets.AsSpan().SequenceEqual(y.Octets);

    public int GetHashCode(AliasKey key) => Hash(key.Domain, key.Field, key.Octets);

    public bool Equals(AliasProbe alternate, AliasKey other) =>
        alternate.Domain == other.Domain && alternate.Field == other.Field && alternate.Octets.SequenceEqual(other.Octets);

    public int GetHashCode(AliasProbe alternate) => Hash(alternate.Domain, alternate.Field, alternate.Octets);

    public AliasKey Create(AliasProbe alternate) => new(alternate.Domain, alternate.Field, alternate.Octets.ToArray());

    private static int Hash(int domain, StreamField field, ReadOnlySpan<byte> octets) => Utf8Hash.Of(octets, ((uint)domain << 3) | (uint)field);
}
