using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Postmaster.Fbl.Names;

/// <summary>
/// IP addresses in the one form that every program reads alike: four decimal numbers without leading zeros, or RFC 4291 §2.2 without a zone.
/// The platform's own parser also takes <c>0x7f.1</c> and <c>010.0.0.1</c>, by which an address gets past a check (RFC 6943 §3.1.1).
/// </summary>
public static class StrictIpAddress
{
    /// <summary>The longest text form of IPv6 has 45 characters.</summary>
    private const int MaxTextLength = 45;

    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>No brackets, no port, no prefix length, no white space. IPv4-mapped IPv6 stays IPv6.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length is 0 or > MaxTextLength)
            return false;
        if (!text.Contains(':'))
            return TryParseIPv4(text, out address);
        var lastColon = text.LastIndexOf(':');
        if (text.ContainsAnyExcept(IPv6Characters))
            return false;
        // An IPv4 tail is held to the same rule as an IPv4 address.
        if (text.Contains('.') && !TryParseIPv4(text[(lastColon + 1)..], out _))
            return false;
        return IPAddress.TryParse(text, out address) && address.AddressFamily == AddressFamily.InterNetworkV6;
    }

    private static bool TryParseIPv4(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        Span<byte> octets = stackalloc byte[4];
        var count = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (count == 4 || part.Length is 0 or > 3 || part.ContainsAnyExceptInRange('0', '9') || (part.Length > 1 && part[0] == '0'))
                return false;
            var value = 0;
            foreach (var digit in part)
                value = (value * 10) + (digit - '0');
            if (value > byte.MaxValue)
                return false;
            octets[count++] = (byte)value;
        }
        if (count != 4)
            return false;
        address = new IPAddress(octets);
        return true;
    }
}
