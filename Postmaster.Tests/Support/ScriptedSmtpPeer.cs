using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Postmaster.Tests.Support;

/// <summary>
/// A real listener on loopback that talks SMTP as a script says: <c>new ScriptedSmtpPeer(async peer => { await peer.SendAsync("220 hi\r\n"); ... })</c>.
/// The script runs once for each connection; a script's exception is kept in <see cref="Failures"/> and ends only its connection.
/// <see cref="Accepting"/> is a ready script: a relay that takes every message and keeps it in <see cref="Messages"/>.
/// </summary>
public sealed class ScriptedSmtpPeer : IAsyncDisposable
{
    public const string Host = "127.0.0.1";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<ScriptedSmtpConversation, Task> script;
    private readonly ConcurrentBag<Task> conversations = [];
    private readonly Task accepting;
    private int connectionCount;

    public ScriptedSmtpPeer(Func<ScriptedSmtpConversation, Task> script)
    {
        this.script = script;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Every line that any client sent, in order of arrival, without line ends; message data is not among them.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Every message taken by <see cref="ScriptedSmtpConversation.ServeAsync"/>.</summary>
    public ConcurrentQueue<ReceivedMessage> Messages { get; } = new();

    public ConcurrentQueue<Exception> Failures { get; } = new();

    public int Connections => Volatile.Read(ref connectionCount);

    /// <summary>A relay that accepts everything. Answers are changed by <paramref name="answer"/>: the command line (for the end of the data
    /// the word <c>.</c>) to a full reply with CRLF, or null for the usual one.</summary>
    public static ScriptedSmtpPeer Accepting(Func<string, string?>? answer = null, X509Certificate2? certificate = null) =>
        new(peer => peer.ServeAsync(answer, certificate));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await accepting;
        listener.Stop();
        await Task.WhenAll(conversations);
        stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                Interlocked.Increment(ref connectionCount);
                conversations.Add(TalkAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // Disposed.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            await using var conversation = new ScriptedSmtpConversation(this, client.GetStream(), stop.Token);
            try
            {
                await script(conversation);
            }
            catch (Exception e)
            {
                if (!stop.IsCancellationRequested)
                    Failures.Enqueue(e);
            }
        }
    }
}

/// <param name="MailFrom">The whole MAIL line.</param>
/// <param name="Recipients">The whole RCPT lines that were answered 2xx.</param>
/// <param name="Data">The message, dot-unstuffed, without the terminator.</param>
public sealed record ReceivedMessage(string MailFrom, IReadOnlyList<string> Recipients, byte[] Data);
