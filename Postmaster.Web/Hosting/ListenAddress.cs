using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Postmaster.Web.Hosting;

/// <summary>Reads settings such as <c>Lmtp:Listen</c>: <c>HOST:PORT</c>, <c>[::1]:24</c>, a Unix socket as <c>/run/postmaster/lmtp</c> or <c>unix:/run/postmaster/lmtp</c>, or <c>off</c>.</summary>
internal static class ListenAddress
{
    private const string UnixPrefix = "unix:";

    /// <param name="endPoint">Null when the door is <c>off</c>.</param>
    /// <returns>False when the text names no place to listen on.</returns>
    public static bool TryParse(string? text, out EndPoint? endPoint)
    {
        endPoint = null;
        if (string.IsNullOrWhiteSpace(text))
            return false;
        if (text is "off")
            return true;
        if (text.StartsWith('/') || text.StartsWith(UnixPrefix, StringComparison.Ordinal))
            return TryUnix(text.StartsWith('/') ? text : text[UnixPrefix.Length..], out endPoint);
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > IPEndPoint.MaxPort)
            return false;
        string host = text[..colon];
        if (host is "localhost")
            host = "127.0.0.1";
        else if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return false; // an IPv6 address without its brackets: where the port begins is a guess
        if (!IPAddress.TryParse(host, out IPAddress? address))
            return false;
        endPoint = new IPEndPoint(address, port);
        return true;
    }

    private static bool TryUnix(string path, out EndPoint? endPoint)
    {
        endPoint = null;
        if (!path.StartsWith('/'))
            return false;
        try
        {
            endPoint = new UnixDomainSocketEndPoint(path);
            return true;
        }
        catch (ArgumentException)
        {
            return false; // longer than a socket's name may be
        }
    }
}
