using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Smtp;

/// <summary>An LMTP session on pipes in memory, and the client's side of it. The session runs inside the client's calls, so nothing has to be waited for.</summary>
internal sealed class LmtpTalk : IDisposable
{
    private static readonly PipeOptions Inline = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);

    private readonly Pipe toServer = new(Inline);
    private readonly Pipe toClient;
    private readonly CancellationTokenSource stop = new();

    public LmtpTalk(ILmtpHandler handler, LmtpSessionOptions? options = null, PipeOptions? toClientOptions = null)
    {
        toClient = new Pipe(toClientOptions ?? Inline);
        Session = new LmtpSession(new Duplex(toServer.Reader, toClient.Writer), options ?? new LmtpSessionOptions { HostName = "mx.test" }, handler, Time)
            .RunAsync(stop.Token);
    }

    public ManualTime Time { get; } = new();

    public Task<LmtpSessionResult> Session { get; }

    /// <summary>The result of a session that has to be over by now.</summary>
    public LmtpSessionResult Result
    {
        get
        {
            Assert.True(Session.IsCompletedSuccessfully);
            return Session.Result;
        }
    }

    /// <summary>Sends this (Latin-1) as one chunk and returns what the server has said since the last call.</summary>
    public string Say(string text) => Say(Encoding.Latin1.GetBytes(text));

    public string Say(ReadOnlySpan<byte> bytes)
    {
        toServer.Writer.Write(bytes);
        Assert.True(toServer.Writer.FlushAsync().AsTask().IsCompleted);
        return Heard();
    }

    public string Heard()
    {
        if (!toClient.Reader.TryRead(out var result))
            return "";
        var text = Encoding.Latin1.GetString(result.Buffer);
        toClient.Reader.AdvanceTo(result.Buffer.End);
        return text;
    }

    /// <summary>Waits for the server to say something: for what ends on another thread.</summary>
    public async Task<string> HearAsync()
    {
        var result = await toClient.Reader.ReadAsync();
        toClient.Reader.AdvanceTo(result.Buffer.Start);
        return Heard();
    }

    /// <summary>The host stops.</summary>
    public string Stop()
    {
        stop.Cancel();
        return Heard();
    }

    public string CloseByClient()
    {
        toServer.Writer.Complete();
        return Heard();
    }

    public void Dispose()
    {
        stop.Cancel();
        toServer.Writer.Complete();
        toClient.Reader.Complete();
        stop.Dispose();
    }

    /// <summary>Sends the chunks and closes; returns all that the server said.</summary>
    public static (string Said, LmtpSessionResult Result) Run(ILmtpHandler handler, IEnumerable<byte[]> chunks, LmtpSessionOptions? options = null)
    {
        using var talk = new LmtpTalk(handler, options);
        var said = new StringBuilder(talk.Heard());
        foreach (var chunk in chunks)
            said.Append(talk.Say(chunk));
        said.Append(talk.CloseByClient());
        return (said.ToString(), talk.Result);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

/// <summary>Takes everything unless told otherwise, and keeps what came.</summary>
internal sealed class RecordingLmtpHandler : ILmtpHandler
{
    public Func<MailAddress, SmtpReply> OnRecipient { get; init; } = _ => new SmtpReply(250, "2.1.5", "Recipient OK");

    public Func<LmtpEnvelope, CancellationToken, Task<IReadOnlyList<SmtpReply>>> OnDeliver { get; init; } =
        (envelope, _) => Task.FromResult<IReadOnlyList<SmtpReply>>([.. envelope.Recipients.Select(r => new SmtpReply(250, "2.0.0", "Kept for " + r))]);

    public List<(LmtpEnvelope Envelope, string Message)> Delivered { get; } = [];

    public ValueTask<SmtpReply> RecipientAsync(LmtpEnvelope envelope, MailAddress recipient, CancellationToken ct) =>
        ValueTask.FromResult(OnRecipient(recipient));

    public async ValueTask<IReadOnlyList<SmtpReply>> DeliverAsync(LmtpEnvelope envelope, ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        Delivered.Add((envelope, Encoding.Latin1.GetString(message.Span)));
        return await OnDeliver(envelope, ct);
    }
}
