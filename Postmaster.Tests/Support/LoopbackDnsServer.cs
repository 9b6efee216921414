using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Postmaster.Fbl.Dns;

namespace Postmaster.Tests.Support;

/// <summary>
/// A DNS server on 127.0.0.1, UDP and TCP on one free port, that answers from a zone which may change meanwhile:
/// <c>await using var dns = LoopbackDnsServer.Start(zone);</c>, then ask <c>dns.EndPoint</c>.
/// What it sends can be replaced by <see cref="Script"/>.
/// </summary>
internal sealed class LoopbackDnsServer : IAsyncDisposable
{
    private const int AttemptsForAPortFreeInBoth = 50;

    private readonly Socket _udp;
    private readonly Socket _tcp;
    private readonly ZoneResolver _zone;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<LoopbackDnsQuestion> _questions = new();
    private readonly ConcurrentDictionary<Task, bool> _conversations = new();
    private readonly Task _loops;

    private LoopbackDnsServer(Socket udp, Socket tcp, ZoneResolver zone)
    {
        (_udp, _tcp, _zone) = (udp, tcp, zone);
        EndPoint = (IPEndPoint)udp.LocalEndPoint!;
        _loops = Task.WhenAll(Task.Run(ServeUdpAsync), Task.Run(ServeTcpAsync));
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>As settings and the command line take it: <c>127.0.0.1:5300</c>.</summary>
    public string Address => EndPoint.ToString();

    /// <summary>
    /// The messages to send for a question, each a datagram of its own; none is silence. The script may wait, and may ask
    /// <see cref="LoopbackDnsQuestion.Answer"/> for the honest answer. Null: always the honest answer.
    /// </summary>
    public Func<LoopbackDnsQuestion, Task<byte[][]>>? Script { get; set; }

    /// <summary>Everything that arrived and was a query, oldest first.</summary>
    public IReadOnlyList<LoopbackDnsQuestion> Questions => [.. _questions];

    public static LoopbackDnsServer Start(ZoneResolver zone)
    {
        for (var attempt = 1; ; attempt++)
        {
            var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
                tcp.Bind(udp.LocalEndPoint!);
                tcp.Listen();
                return new LoopbackDnsServer(udp, tcp, zone);
            }
            catch (SocketException) when (attempt < AttemptsForAPortFreeInBoth)
            {
                udp.Dispose();
                tcp.Dispose();
            }
        }
    }

    /// <summary>A script of plain answers, for those that need not wait.</summary>
    public void Reply(Func<LoopbackDnsQuestion, byte[][]> script) => Script = question => Task.FromResult(script(question));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _udp.Dispose();
        _tcp.Dispose();
        await _loops;
        await Task.WhenAll(_conversations.Keys);
        _stop.Dispose();
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[DnsMessage.MaxOctets];
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                var from = (IPEndPoint)received.RemoteEndPoint;
                if (TryTake(buffer.AsSpan(0, received.ReceivedBytes), from, isTcp: false) is { } question)
                    Track(AnswerAsync(question, async message => await _udp.SendToAsync(message, from, _stop.Token)));
            }
            catch (Exception e) when (IsEnd(e))
            {
                // A client that has gone (its port refuses) or our own end; the loop's condition tells which.
            }
        }
    }

    private async Task ServeTcpAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _tcp.AcceptAsync(_stop.Token);
                Track(ConverseAsync(client));
            }
            catch (Exception e) when (IsEnd(e))
            {
                // As above.
            }
        }
    }

    private async Task ConverseAsync(Socket client)
    {
        try
        {
            await using var stream = new NetworkStream(client, ownsSocket: true);
            var length = new byte[2];
            while (await stream.ReadAtLeastAsync(length, 2, throwOnEndOfStream: false, _stop.Token) == 2)
            {
                var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(message, _stop.Token);
                if (TryTake(message, (IPEndPoint)client.RemoteEndPoint!, isTcp: true) is not { } question)
                    return;
                await AnswerAsync(question, async answer =>
                {
                    var prefix = new byte[2];
                    BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)answer.Length);
                    await stream.WriteAsync((byte[])[.. prefix, .. answer], _stop.Token);
                });
            }
        }
        catch (Exception e) when (IsEnd(e) || e is IOException)
        {
            // The client has hung up.
        }
    }

    private async Task AnswerAsync(LoopbackDnsQuestion question, Func<byte[], Task> send)
    {
        try
        {
            var messages = Script is { } script ? await script(question).WaitAsync(_stop.Token) : question.Answer() is { } answer ? [answer] : [];
            foreach (var message in messages)
                await send(message);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Nobody is left to answer to.
        }
    }

    private LoopbackDnsQuestion? TryTake(ReadOnlySpan<byte> octets, IPEndPoint from, bool isTcp)
    {
        if (!DnsMessage.TryRead(octets, out var query, out _) || query.IsResponse || query.Questions.Count != 1)
            return null;
        var question = new LoopbackDnsQuestion(query, from.Port, isTcp, _zone);
        _questions.Enqueue(question);
        return question;
    }

    private void Track(Task conversation)
    {
        _conversations.TryAdd(conversation, true);
        _ = conversation.ContinueWith(t => _conversations.TryRemove(t, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static bool IsEnd(Exception e) => e is SocketException or OperationCanceledException or ObjectDisposedException;
}
