using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Postmaster.Tests.Support;

/// <summary>A mail server's side of a milter connection over a real socket.</summary>
internal sealed class MilterPeer : IDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private MilterPeer(Socket socket) => (_socket, _stream) = (socket, new NetworkStream(socket, ownsSocket: false));

    /// <summary>Connects, agrees on terms as Postfix does, and tells of an SMTP client.</summary>
    public static async Task<MilterPeer> OpenAsync(EndPoint endPoint, string client = "192.0.2.17")
    {
        var socket = endPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp); // with Nagle's delay, as mail servers leave it
        await socket.ConnectAsync(endPoint);
        var peer = new MilterPeer(socket);
        await peer.SendAsync(MilterWire.Negotiate());
        if (await peer.ReplyAsync() != 'O')
            throw new InvalidOperationException("The filter did not agree.");
        await peer.SendAsync([.. MilterWire.Connect(address: client), .. MilterWire.Macros('H'), .. MilterWire.Helo()]);
        return peer;
    }

    /// <summary>A transaction with its message, in one write; returns the reply to its end.</summary>
    /// <param name="recipients">Packets.</param>
    public async Task<char> DeliverAsync(string reversePath, byte[] recipients, byte[] message)
    {
        await SendAsync([.. MilterWire.Mail(reversePath), .. recipients, .. MilterWire.Content(message)]);
        var reply = await ReplyAsync();
        await SendAsync(MilterWire.Abort());
        return reply;
    }

    public async Task SendAsync(byte[] packets) => await _stream.WriteAsync(packets);

    /// <summary>The command of the next reply; NUL when the filter has closed.</summary>
    public async Task<char> ReplyAsync()
    {
        var head = new byte[5];
        if (await _stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false) < head.Length)
            return '\0';
        await _stream.ReadExactlyAsync(new byte[BinaryPrimitives.ReadInt32BigEndian(head) - 1]);
        return (char)head[4];
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }
}
