using System.CommandLine;
using System.Globalization;
using Postmaster.Web.Features.Traffic.Intake;

namespace Postmaster.Web.Cli;

/// <summary>One run of <c>postmaster ingest</c>: several batches under way at a time, the answers summed, what is refused told by the file's line numbers.</summary>
internal sealed class IngestRun(EventClient client, string path, bool json, InvocationConfiguration console)
{
    /// <summary>The server commits together what waits together.</summary>
    private const int UnderWay = 4;

    private static readonly TimeSpan ProgressEvery = TimeSpan.FromMilliseconds(200);
    private readonly bool _terminal = !Console.IsErrorRedirected && ReferenceEquals(console.Error, Console.Error);
    private readonly Lock _lock = new();
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private TimeSpan _shown;
    private long _accepted, _bad, _before, _unjoined, _unattributed;
    private (int Line, string Reason)? _failure;

    public async Task<int> RunAsync(Stream events, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = UnderWay, CancellationToken = stop.Token };
            await Parallel.ForEachAsync(EventBatch.CutAsync(events, stop.Token), options, async (batch, cancel) =>
            {
                if (!Take(batch, await client.SendAsync(batch, cancel)))
                    await stop.CancelAsync();
            });
        }
        catch (OperationCanceledException) when (_failure is not null || ct.IsCancellationRequested)
        {
            // Said below.
        }

        return Finish(ct.IsCancellationRequested);
    }

    /// <summary>False when there is no use in sending more.</summary>
    private bool Take(EventBatch batch, SendOutcome outcome)
    {
        lock (_lock)
        {
            if (outcome is SendOutcome.KeyTaken taken)
            {
                // What comes after may be taken all the same.
                _bad += batch.Lines;
                console.Error.WriteLine($"{Name}: the {Number(batch.Lines)} lines from {batch.FirstLine} on are not counted. {TerminalText.Printable(taken.Reason)}");
                return true;
            }

            if (outcome is not SendOutcome.Answered { Answer: var answer })
            {
                string reason = outcome is SendOutcome.Refused refused ? refused.Reason : ((SendOutcome.GaveUp)outcome).Reason;
                if (_failure is null || batch.FirstLine < _failure.Value.Line)
                    _failure = (batch.FirstLine, reason);
                return false;
            }

            _accepted += answer.Accepted;
            _bad += answer.Bad + batch.TooLong.Count;
            _before += answer.Duplicate ? answer.Accepted : 0;
            _unjoined += answer.Unjoined;
            _unattributed += answer.Unattributed;
            foreach (int line in batch.TooLong)
                Tell(line, "the line is too long");
            foreach (RefusedLine problem in answer.Problems)
                Tell(batch.FirstLine + problem.Line - 1, problem.Problem);
            if (answer.Bad > answer.Problems.Count)
                console.Error.WriteLine($"{Name}: {Number(answer.Bad - answer.Problems.Count)} more lines of the batch that begins at line {batch.FirstLine} were refused");
            ShowProgress();
            return true;
        }
    }

    private int Finish(bool stopped)
    {
        if (_terminal)
            console.Error.Write("\r");
        if (_failure is { } failure)
            console.Error.WriteLine($"{Name}: the lines from {failure.Line} on are not all counted. {TerminalText.Printable(failure.Reason)} Hand the file in again; nothing is counted twice.");
        else if (stopped)
            console.Error.WriteLine($"{Name}: stopped. Hand the file in again; nothing is counted twice.");
        if (json)
            CommonOptions.WriteLine(console.Output, new IngestJsonLine(path, _accepted, _bad, _before, _unjoined, _unattributed, _failure?.Reason));
        else
            console.Output.WriteLine($"{Number(_accepted)} events taken ({Number(_before)} of them were counted before), {Number(_bad)} lines refused, {Number(_unjoined)} of unknown messages");
        return _failure is null && !stopped && _bad == 0 ? CommonOptions.Done : CommonOptions.Failed;
    }

    private string Name => TerminalText.Printable(path is "-" ? "standard input" : path);

    private void Tell(int line, string problem) => console.Error.WriteLine($"{Name}:{line}: {TerminalText.Printable(problem)}");

    private void ShowProgress()
    {
        TimeSpan elapsed = TimeProvider.System.GetElapsedTime(_started);
        if (!_terminal || elapsed - _shown < ProgressEvery)
            return;
        _shown = elapsed;
        console.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{_accepted} events, {_accepted / elapsed.TotalSeconds:0} a second "));
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <param name="Before">Of <paramref name="Accepted"/>, those that an earlier run had handed in.</param>
    /// <param name="Problem">Why not all lines are counted; null when they are.</param>
    private sealed record IngestJsonLine(string Path, long Accepted, long Bad, long Before, long Unjoined, long Unattributed, string? Problem);
}
