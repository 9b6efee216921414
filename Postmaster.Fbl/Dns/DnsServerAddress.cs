using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Postmaster.Fbl.Dns;

/// <summary>How people write a DNS server in settings and on the command line, and how we write it back.</summary>
public static class DnsServerAddress
{
    public const int DefaultPort = 53;

    /// <summary>
    /// <c>192.0.2.53</c>, <c>127.0.0.1:5300</c>, <c>2001:db8::53</c>, <c>[::1]:53</c>, <c>[fe80::1%eth0]</c>, or <c>localhost</c> for 127.0.0.1.
    /// Other names are refused, since it would take a DNS server to find them.
    /// </summary>
    /// <param name="problem"><c>empty</c>, <c>bad-address</c>, <c>bad-port</c>.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out IPEndPoint? server, out ParseProblem problem)
    {
        server = null;
        problem = default;
        if (string.IsNullOrEmpty(text))
            return Refuse("empty", 0, out problem);
        var (host, colon) = Split(text);
        if (!TryParseHost(host, out var address))
            return Refuse("bad-address", 0, out problem);
        ushort port = DefaultPort;
        if (colon >= 0 && (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port == 0))
            return Refuse("bad-port", colon + 1, out problem);
        server = new IPEndPoint(address, port);
        return true;
    }

    /// <summary>For constants and tests.</summary>
    /// <exception cref="FormatException">The text is no server.</exception>
    public static IPEndPoint Parse(string text) =>
        TryParse(text, out var server, out var problem) ? server : throw new FormatException($"Not a DNS server ({problem.Code} at {problem.Offset}).");

    /// <summary>The address alone when the port is 53.</summary>
    public static string Format(IPEndPoint server) => server.Port == DefaultPort ? server.Address.ToString() : server.ToString();

    /// <summary>The host without brackets, and where the colon before the port stands, or -1.</summary>
    private static (string Host, int Colon) Split(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (text[0] != '[')
            return colon < 0 || text.LastIndexOf(':') != colon ? (text, -1) : (text[..colon], colon); // several colons: IPv6 without a port
        var close = text.IndexOf(']', StringComparison.Ordinal);
        if (colon < 0 || close < colon)
            return ("", -1); // only IPv6 stands in brackets
        if (close == text.Length - 1)
            return (text[1..close], -1);
        // Anything but a colon behind the bracket leaves an empty, unreadable port.
        return (text[1..close], text[close + 1] == ':' ? close + 1 : text.Length - 1);
    }

    private static bool TryParseHost(string host, [NotNullWhen(true)] out IPAddress? address)
    {
        if (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase))
        {
            address = IPAddress.Loopback;
            return true;
        }
        var zone = host.IndexOf('%', StringComparison.Ordinal);
        if (!Names.StrictIpAddress.TryParse(zone < 0 ? host : host.AsSpan(0, zone), out address))
            return false;
        // RFC 4007 §11: a link-local server needs the interface it is on.
        return zone < 0 || (address.AddressFamily == AddressFamily.InterNetworkV6 && IPAddress.TryParse(host, out address));
    }

    private static bool Refuse(string code, int offset, out ParseProblem problem)
    {
        problem = new ParseProblem(code, offset);
        return false;
    }
}
