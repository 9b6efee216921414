using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Names;

/// <summary>
/// A range of addresses in CIDR form (RFC 4632 §3.1, RFC 4291 §2.3). IPv4-mapped IPv6 counts as the IPv4 address inside, on both sides.
/// The default value is no prefix: it contains nothing.
/// </summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct IpPrefix
{
    private readonly AddressFamily _family;
    private readonly UInt128 _network;

    private IpPrefix(AddressFamily family, UInt128 network, int length) => (_family, _network, Length) = (family, network, length);

    /// <summary>Bits of the network part: 0-32 for IPv4, 0-128 for IPv6.</summary>
    public int Length { get; }

    /// <summary>The first address; bits behind <see cref="Length"/> are zero. Null for the default value.</summary>
    public IPAddress? Network => _family == default ? null : ToAddress(_family, _network);

    /// <summary><c>192.0.2.0/24</c>, <c>2001:db8::/32</c>, or a bare address, which is the prefix of just itself. Host bits are cleared.</summary>
    /// <param name="problem"><c>bad-address</c>, <c>bad-prefix-length</c>; offsets count characters.</param>
    public static bool TryParse(string? text, out IpPrefix prefix, out ParseProblem problem)
    {
        prefix = default;
        problem = default;
        var slash = text?.IndexOf('/', StringComparison.Ordinal) ?? -1;
        if (!StrictIpAddress.TryParse(slash < 0 ? text : text.AsSpan(0, slash), out var address))
        {
            problem = new ParseProblem("bad-address");
            return false;
        }
        var length = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        if (slash >= 0)
        {
            var digits = text.AsSpan(slash + 1);
            if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0')
                || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var given) || given > length)
            {
                problem = new ParseProblem("bad-prefix-length", slash + 1);
                return false;
            }
            length = given;
        }
        prefix = Create(address, length);
        return true;
    }

    /// <summary>For constants and tests.</summary>
    /// <exception cref="FormatException">The text is no prefix.</exception>
    public static IpPrefix Parse(string text) =>
        TryParse(text, out var prefix, out var problem) ? prefix : throw new FormatException($"Not an IP prefix ({problem.Code} at {problem.Offset}).");

    /// <param name="length">In bits of <paramref name="address"/>'s own family.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or longer than an address.</exception>
    public static IpPrefix Create(IPAddress address, int length)
    {
        var width = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, width);
        if (address.IsIPv4MappedToIPv6 && length >= 96)
            (address, length, width) = (address.MapToIPv4(), length - 96, 32);
        return new IpPrefix(address.AddressFamily, Mask(ToBits(address), width, length), length);
    }

    public bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return _family != default && address.AddressFamily == _family
            && Mask(ToBits(address), _family == AddressFamily.InterNetwork ? 32 : 128, Length) == _network;
    }

    public override string ToString() => _family == default ? "" : string.Create(CultureInfo.InvariantCulture, $"{Network}/{Length}");

    private static UInt128 Mask(UInt128 bits, int width, int length) => length == 0 ? 0 : bits >> (width - length) << (width - length);

    private static UInt128 ToBits(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out var count);
        return count == 4 ? BinaryPrimitives.ReadUInt32BigEndian(octets) : BinaryPrimitives.ReadUInt128BigEndian(octets);
    }

    private static IPAddress ToAddress(AddressFamily family, UInt128 bits)
    {
        Span<byte> octets = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(octets, bits);
        return new IPAddress(family == AddressFamily.InterNetwork ? octets[12..] : octets);
    }
}
