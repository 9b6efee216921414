using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Traffic.Dovecot;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Features.Traffic.Intake;

namespace Postmaster.Web.Cli;

/// <summary>
/// One run of <c>postmaster ingest --format dovecot</c>: follows Dovecot's log as it is written, or reads one to its end, and hands in what people did. What the
/// server has counted before it counts no second time, so a log may be read again from an earlier place.
/// </summary>
/// <param name="mailDomain">Of login names without one.</param>
internal sealed class DovecotRun(EventClient client, MailboxNames names, string mailDomain, TimeProvider time, bool json, InvocationConfiguration console)
{
    /// <summary>How often what has settled is sent while the log is silent, and while it is not.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly MailboxHabits _habits = new(names);
    private readonly List<TrafficEvent> _waiting = [];
    private long _lines, _events, _accepted, _unjoined;
    private string? _failure;

    public async Task<int> RunAsync(Stream log, CancellationToken ct)
    {
        using var reader = new StreamReader(log);
        try
        {
            DateTimeOffset told = DateTimeOffset.MinValue;
            while (_failure is null && await NextAsync(reader, ct) is { } text)
            {
                if (MailLogLine.Read(text, time.GetUtcNow(), TimeZoneInfo.Local) is not { } line)
                    continue;
                _lines++;
                _habits.Take(line);
                if ((line.Time - told).Duration() < Tick)
                    continue;
                told = line.Time;
                await TellAsync(told, ct);
            }

            if (_failure is null)
                await TellAsync(DateTimeOffset.MaxValue, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // What has not settled is in the log still, and is told by the next run.
        }

        return await FinishAsync();
    }

    /// <summary>Null at the end. While nothing comes, what has settled by the clock is told.</summary>
    private async Task<string?> NextAsync(StreamReader reader, CancellationToken ct)
    {
        Task<string?> next = reader.ReadLineAsync(ct).AsTask();
        while (!next.IsCompleted && await Task.WhenAny(next, Task.Delay(Tick, time, ct)) != next && _failure is null)
        {
            ct.ThrowIfCancellationRequested();
            await TellAsync(time.GetUtcNow(), ct);
        }

        return _failure is null ? await next : null;
    }

    private async Task TellAsync(DateTimeOffset now, CancellationToken ct)
    {
        _waiting.AddRange(_habits.Settled(now, Mailbox));
        while (_waiting.Count > 0 && _failure is null)
        {
            List<TrafficEvent> part = _waiting[..Math.Min(_waiting.Count, EventBatch.MaxLines)];
            ReadOnlyMemory<byte> lines = TrafficEventWriter.Lines(part);
            var batch = new EventBatch(1, lines, "dovecot-" + Convert.ToHexStringLower(SHA256.HashData(lines.Span)), []);
            switch (await client.SendAsync(batch, ct))
            {
                case SendOutcome.Answered { Answer: var answer }:
                    _events += part.Count;
                    _accepted += answer.Accepted;
                    _unjoined += answer.Unjoined;
                    _waiting.RemoveRange(0, part.Count);
                    break;
                case SendOutcome.Refused refused:
                    _failure = refused.Reason;
                    break;
                case SendOutcome.KeyTaken taken:
                    _failure = taken.Reason;
                    break;
                case SendOutcome.GaveUp gaveUp:
                    _failure = gaveUp.Reason;
                    break;
            }
        }
    }

    private string? Mailbox(string user)
    {
        string address = user.Contains('@', StringComparison.Ordinal) ? user : $"{user}@{mailDomain}";
        return MailAddress.TryParse(address, out _, out _) ? address : null;
    }

    private async Task<int> FinishAsync()
    {
        if (_failure is not null)
            await console.Error.WriteLineAsync($"Not all is told. {TerminalText.Printable(_failure)} Read the log again from an earlier place; nothing is counted twice.");
        if (json)
            CommonOptions.WriteLine(console.Output, new DovecotJsonLine(_lines, _events, _accepted, _unjoined, _failure));
        else
            await console.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{_lines} lines of people's doings, {_events} events told, {_unjoined} of unknown messages"));
        return _failure is null ? CommonOptions.Done : CommonOptions.Failed;
    }

    /// <param name="Lines">Lines of the log that tell what people did.</param>
    /// <param name="Problem">Why not all is told; null when it is.</param>
    private sealed record DovecotJsonLine(long Lines, long Events, long Accepted, long Unjoined, string? Problem);
}
