using System.Collections.Concurrent;
using Postmaster.Web.Hosting;

namespace Postmaster.Tests.Intake;

/// <summary>What is written together fails together only when that is nobody's own fault.</summary>
public sealed class GroupCommitTests
{
    [Fact]
    public async Task What_is_wrong_with_one_is_told_to_that_one_alone()
    {
        var commits = new Commits(some => some.Contains(5) ? throw new InvalidOperationException("5 is wrong") : Task.CompletedTask);
        Task<int>[] all = await commits.AddAsync(8);

        await Assert.ThrowsAsync<InvalidOperationException>(() => all[5]);
        foreach (int good in (int[])[0, 1, 2, 3, 4, 6, 7])
            Assert.Equal(good * 10, await all[good]);
        Assert.Equal([1, 7], commits.Sizes.Take(2));
    }

    [Fact]
    public async Task A_database_that_is_locked_is_waited_for_once_and_not_once_for_each()
    {
        var commits = new Commits(async some =>
        {
            if (some.Contains(0))
                return;
            await Task.Delay(LateFault.After * 1.2);
            throw new TimeoutException("locked");
        });
        Task<int>[] all = await commits.AddAsync(8);

        Assert.Equal(0, await all[0]);
        foreach (Task<int> late in all[1..])
            await Assert.ThrowsAsync<TimeoutException>(() => late);
        Assert.Equal([1, 7], commits.Sizes);
    }

    /// <summary>Commits of numbers; each number is answered with ten times itself.</summary>
    private sealed class Commits(Func<IReadOnlyList<int>, Task> write)
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<int> Sizes { get; } = [];

        /// <summary>The numbers below, of which the others gather while the first is written.</summary>
        public async Task<Task<int>[]> AddAsync(int below)
        {
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var commits = new GroupCommit<int, int>(async some =>
            {
                Sizes.Enqueue(some.Count);
                begun.TrySetResult();
                await _first.Task;
                await write(some);
                return [.. some.Select(n => n * 10)];
            }, 64);
            var all = new List<Task<int>> { commits.AddAsync(0, CancellationToken.None) };
            await begun.Task;
            all.AddRange(Enumerable.Range(1, below - 1).Select(n => commits.AddAsync(n, CancellationToken.None)));
            _first.SetResult();
            return [.. all];
        }
    }
}
