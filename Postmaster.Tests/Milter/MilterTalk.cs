using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Postmaster.Fbl.Milter;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Milter;

/// <summary>A milter session on pipes in memory, and the MTA's side of it. The session runs inside the MTA's calls, so nothing has to be waited for.</summary>
internal sealed class MilterTalk : IDisposable
{
    private static readonly PipeOptions Inline = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);

    private readonly Pipe _toFilter = new(Inline);
    private readonly Pipe _toMta;
    private readonly CancellationTokenSource _stop = new();

    public MilterTalk(MilterSessionOptions? options = null, IMilterHandler? handler = null, PipeOptions? toMtaOptions = null)
    {
        _toMta = new Pipe(toMtaOptions ?? Inline);
        Session = new MilterSession(new Duplex(_toFilter.Reader, _toMta.Writer), options ?? new MilterSessionOptions(), handler ?? Seen, Time).RunAsync(_stop.Token);
    }

    public ManualTime Time { get; } = new();

    public RecordingMilterHandler Seen { get; } = new();

    public Task<MilterSessionResult> Session { get; }

    /// <summary>The result of a session that has to be over by now.</summary>
    public MilterSessionResult Result
    {
        get
        {
            Assert.True(Session.IsCompletedSuccessfully);
            return Session.Result;
        }
    }

    /// <summary>Sends the octets as one chunk and returns the commands of the replies since the last call: <c>O</c> for the terms, <c>c</c> for continue.</summary>
    public string Say(params byte[][] packets)
    {
        SayQuietly(packets);
        return Heard();
    }

    public void SayQuietly(params byte[][] packets)
    {
        foreach (byte[] packet in packets)
            _toFilter.Writer.Write(packet);
        Assert.True(_toFilter.Writer.FlushAsync().AsTask().IsCompleted);
    }

    public string Heard() => string.Concat(HeardPackets().Select(p => p.Command));

    public IReadOnlyList<(char Command, byte[] Data)> HeardPackets()
    {
        var packets = new List<(char, byte[])>();
        if (!_toMta.Reader.TryRead(out ReadResult result))
            return packets;
        byte[] octets = result.Buffer.ToArray();
        _toMta.Reader.AdvanceTo(result.Buffer.End);
        for (int at = 0; at < octets.Length;)
        {
            int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(octets.AsSpan(at));
            packets.Add(((char)octets[at + 4], octets[(at + 5)..(at + 4 + length)]));
            at += 4 + length;
        }

        return packets;
    }

    /// <summary>The host stops.</summary>
    public void Stop() => _stop.Cancel();

    public void CloseByMta() => _toFilter.Writer.Complete();

    public void Dispose()
    {
        _stop.Cancel();
        _toFilter.Writer.Complete();
        _toMta.Reader.Complete();
        _stop.Dispose();
    }

    /// <summary>Sends the chunks and closes; returns what the session made of them.</summary>
    public static (string Said, IReadOnlyList<string> Seen, MilterSessionResult Result) Run(IEnumerable<byte[]> chunks, MilterSessionOptions? options = null)
    {
        using var talk = new MilterTalk(options);
        var said = new StringBuilder();
        foreach (byte[] chunk in chunks)
            said.Append(talk.Say(chunk));
        talk.CloseByMta();
        said.Append(talk.Heard());
        return (said.ToString(), talk.Seen.Told, talk.Result);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

/// <summary>Keeps what it is told, and gives the memory back at once unless told otherwise.</summary>
internal sealed class RecordingMilterHandler : IMilterHandler
{
    public List<MilterTransaction> Transactions { get; } = [];

    public List<string> Messages { get; } = [];

    /// <summary>Each transaction in one line.</summary>
    public List<string> Told { get; } = [];

    public bool Keeps { get; init; }

    public void Observe(MilterTransaction transaction)
    {
        Transactions.Add(transaction);
        Messages.Add(Encoding.Latin1.GetString(transaction.Message.Span));
        Told.Add(string.Join(' ', [
            transaction.Client.HostName, transaction.Client.Address, transaction.Helo, transaction.TlsVersion, transaction.Cipher, transaction.QueueId,
            $"<{transaction.ReversePath}>", .. transaction.Recipients.Select(r => $"{r.Address}:{r.Refusal?.EnhancedCode ?? "ok"}"),
            transaction.IsComplete, transaction.Loss, transaction.MessageBytes, Messages[^1].Length]));
        if (!Keeps)
            transaction.Dispose();
    }
}
