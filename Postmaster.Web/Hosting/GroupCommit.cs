using System.Collections.Concurrent;

namespace Postmaster.Web.Hosting;

/// <summary>
/// Writes what several callers have at the same time in one commit: while one commit is under way, the next gathers. A caller hears when its own is on the
/// disk. When a commit fails, each half is written for itself, and so on, so that what is wrong with one is told to that one alone. A commit that fails late
/// waited for a database that is locked or away: that is told to all, and nobody waits once more for each of them.
/// </summary>
/// <param name="write">Writes all in one commit and answers each in its place, or throws and has written nothing.</param>
/// <param name="most">In one commit.</param>
/// <param name="gather">How long a commit waits for more to come, by the real clock; zero: not at all.</param>
/// <param name="clock">Tells what fails late; null: the real one.</param>
internal sealed class GroupCommit<T, TResult>(Func<IReadOnlyList<T>, Task<IReadOnlyList<TResult>>> write, int most, TimeSpan gather = default, TimeProvider? clock = null)
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ConcurrentQueue<Place> _waiting = new();
    private int _isWriting;

    /// <summary>Returns when it is written.</summary>
    /// <param name="ct">Stops the waiting for its turn; what is being written already is awaited.</param>
    public async Task<TResult> AddAsync(T item, CancellationToken ct)
    {
        var place = new Place(item);
        await using CancellationTokenRegistration stop = ct.Register(() => place.TryCancel(ct));
        _waiting.Enqueue(place);
        Begin();
        return await place.Answer.Task;
    }

    private void Begin()
    {
        if (Interlocked.Exchange(ref _isWriting, 1) == 0)
            _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            if (gather > TimeSpan.Zero)
                await Task.Delay(gather);
            List<Place> places = Next();
            if (places.Count == 0)
                break;
            await WriteAsync(places);
        }

        Volatile.Write(ref _isWriting, 0);
        // Somebody may have come between the last look and the line above.
        if (!_waiting.IsEmpty)
            Begin();
    }

    private List<Place> Next()
    {
        var places = new List<Place>();
        while (places.Count < most && _waiting.TryDequeue(out Place? place))
        {
            if (place.TryTake())
                places.Add(place);
        }

        return places;
    }

    private async Task WriteAsync(List<Place> places)
    {
        long began = _clock.GetTimestamp();
        try
        {
            IReadOnlyList<TResult> answers = await write([.. places.Select(p => p.Item)]);
            for (int i = 0; i < places.Count; i++)
                places[i].Answer.TrySetResult(answers[i]);
        }
        catch (Exception fault) when (places.Count == 1 || _clock.GetElapsedTime(began) > LateFault.After)
        {
            foreach (Place place in places)
                place.Answer.TrySetException(fault);
        }
        catch (Exception)
        {
            await WriteAsync(places[..(places.Count / 2)]);
            await WriteAsync(places[(places.Count / 2)..]);
        }
    }

    private sealed class Place(T item)
    {
        private int _isDecided;

        public T Item => item;

        public TaskCompletionSource<TResult> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool TryTake() => Interlocked.Exchange(ref _isDecided, 1) == 0;

        public void TryCancel(CancellationToken ct)
        {
            if (TryTake())
                Answer.TrySetCanceled(ct);
        }
    }
}

/// <summary>What tells a fault of the database from one of a row.</summary>
internal static class LateFault
{
    /// <summary>
    /// By the real clock: the database says what is wrong with a row at once, on a machine that is overloaded within a second or two, and waits for a lock or
    /// a connection for fifteen.
    /// </summary>
    public static readonly TimeSpan After = TimeSpan.FromSeconds(5);
}
