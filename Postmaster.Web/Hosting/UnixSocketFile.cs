using System.Net.Sockets;

namespace Postmaster.Web.Hosting;

/// <summary>The file of a Unix socket: left over by a crash, shared with the mail server's group, taken away at the end.</summary>
internal static class UnixSocketFile
{
    /// <summary>Takes the file away when nobody listens behind it.</summary>
    /// <param name="setting">The key that names the socket, for the words of the exception.</param>
    /// <exception cref="IOException">Somebody does, or the file is no socket.</exception>
    public static async Task RemoveStaleAsync(UnixDomainSocketEndPoint endPoint, string setting, CancellationToken ct)
    {
        string path = endPoint.ToString();
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(endPoint, ct);
        }
        catch (SocketException nobody) when (nobody.SocketErrorCode is SocketError.ConnectionRefused)
        {
            if (new FileInfo(path).Length > 0)
                throw new IOException($"{setting}: {path} is a file with content, not a left-over socket.", nobody);
            File.Delete(path);
            return;
        }

        throw new IOException($"{setting}: another program listens on {path}.");
    }

    /// <summary>The group may connect, too: the mail server runs as another user.</summary>
    public static void Share(UnixDomainSocketEndPoint endPoint)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(endPoint.ToString(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
    }

    public static void Remove(UnixDomainSocketEndPoint endPoint) => File.Delete(endPoint.ToString());
}
