using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Postmaster.Fbl.Dns;

/// <summary>
/// One question to one server: UDP with EDNS, again without it for a server that does not know EDNS, TCP when the answer is cut.
/// Against forged answers (RFC 5452 §9): an unpredictable id, a new socket for every datagram sent, which the system gives a random
/// port, connected so that only this server's datagrams arrive, and nothing accepted but the echo of our question.
/// </summary>
internal sealed class ServerExchange(IPEndPoint server, DnsQuestion question, ushort udpPayloadSize)
{
    /// <summary>More than any server sends that keeps to the offered size; what is longer is cut and does not parse.</summary>
    private const int DatagramOctets = 4096;

    /// <summary>So many answers that are not ours mean that somebody guesses (RFC 5452 §9): TCP cannot be guessed.</summary>
    private const int MaxForeignDatagrams = 32;

    /// <returns>A response to this question whose code the caller judges, or the problem that stood in the way.</returns>
    /// <exception cref="OperationCanceledException">The time that <paramref name="ct"/> gives is over.</exception>
    public async ValueTask<(DnsMessage? Response, string? Problem)> AskAsync(CancellationToken ct)
    {
        try
        {
            var ednsSize = (ushort?)udpPayloadSize;
            var (response, problem) = await AskByUdpAsync(ednsSize, ct);
            // RFC 6891 §7: a server that does not know EDNS answers FORMERR, some answer NOTIMP.
            if (response?.ResponseCode is DnsResponseCode.FormErr or DnsResponseCode.NotImp or DnsResponseCode.BadVers)
            {
                ednsSize = null;
                (response, problem) = await AskByUdpAsync(ednsSize, ct);
            }
            // RFC 7766 §5; a null response without a problem means too many foreign datagrams.
            return response is { IsTruncated: true } || (response is null && problem is null) ? await AskByTcpAsync(ednsSize, ct) : (response, problem);
        }
        catch (SocketException)
        {
            ct.ThrowIfCancellationRequested();
            return (null, "unreachable");
        }
    }

    private async ValueTask<(DnsMessage? Response, string? Problem)> AskByUdpAsync(ushort? ednsSize, CancellationToken ct)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, ct);
        var query = Query(ednsSize);
        await socket.SendAsync(query.Write(), ct);
        var buffer = new byte[DatagramOctets];
        for (var foreign = 0; foreign < MaxForeignDatagrams; foreign++)
        {
            var count = await socket.ReceiveAsync(buffer, ct);
            if (IsResponseTo(query, buffer.AsSpan(0, count)))
                return DnsMessage.TryRead(buffer.AsSpan(0, count), out var response, out _) ? (response, null) : (null, "malformed");
        }
        return (null, null);
    }

    private async ValueTask<(DnsMessage? Response, string? Problem)> AskByTcpAsync(ushort? ednsSize, CancellationToken ct)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, ct);
        await using var stream = new NetworkStream(socket);
        var query = Query(ednsSize);
        var octets = query.Write();
        var framed = new byte[2 + octets.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)octets.Length);
        octets.CopyTo(framed, 2);
        try
        {
            await stream.WriteAsync(framed, ct); // RFC 7766 §8: length and message in one segment
            var length = new byte[2];
            await stream.ReadExactlyAsync(length, ct);
            var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(answer, ct);
            return IsResponseTo(query, answer) && DnsMessage.TryRead(answer, out var response, out _) && !response.IsTruncated ? (response, null) : (null, "malformed");
        }
        catch (EndOfStreamException)
        {
            return (null, "malformed");
        }
        catch (IOException)
        {
            ct.ThrowIfCancellationRequested();
            return (null, "unreachable");
        }
    }

    private DnsMessage Query(ushort? ednsSize) => DnsMessage.Query((ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1), question, ednsSize);

    /// <summary>The id, the direction, the kind, and exactly our question, whatever comes behind it.</summary>
    private bool IsResponseTo(DnsMessage query, ReadOnlySpan<byte> octets)
    {
        if (octets.Length < DnsMessage.HeaderOctets)
            return false;
        var flags = octets[2];
        var isResponse = BinaryPrimitives.ReadUInt16BigEndian(octets) == query.Id && (flags & 0x80) != 0 && (flags & 0x78) == 0;
        var questions = BinaryPrimitives.ReadUInt16BigEndian(octets[4..]);
        // A server that cannot read a query cannot echo its question either.
        if (isResponse && questions == 0)
            return (DnsResponseCode)(octets[3] & 0xF) is DnsResponseCode.FormErr or DnsResponseCode.NotImp;
        var offset = DnsMessage.HeaderOctets;
        return isResponse && questions == 1 && DnsName.TryRead(octets, ref offset, out var name) && name.Equals(question.Name)
            && octets.Length - offset >= 4
            && BinaryPrimitives.ReadUInt16BigEndian(octets[offset..]) == (ushort)question.Type
            && BinaryPrimitives.ReadUInt16BigEndian(octets[(offset + 2)..]) == question.Class;
    }
}
