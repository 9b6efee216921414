using System.Collections.Concurrent;
using Postmaster.Tests.Support;
using Postmaster.Web.Hosting;

namespace Postmaster.Tests.Data;

/// <summary>Commits that several callers share: nobody hears before his own is written, and what is wrong with one is no other's trouble.</summary>
public sealed class GroupCommitTests
{
    [Fact]
    public async Task What_comes_while_a_commit_is_under_way_is_written_in_the_next_one()
    {
        var writer = new Writer { Gate = new TaskCompletionSource() };
        var commits = new GroupCommit<int, string>(writer.WriteAsync, most: 64, clock: writer.Clock);
        Task<string> first = commits.AddAsync(1, CancellationToken.None);
        await writer.Begun.Task;
        Task<string>[] others = [.. Enumerable.Range(2, 5).Select(i => commits.AddAsync(i, CancellationToken.None))];
        Assert.DoesNotContain(others.Append(first), t => t.IsCompleted);

        writer.Gate.SetResult();

        Assert.Equal(["1", "2", "3", "4", "5", "6"], await Task.WhenAll(others.Prepend(first)));
        Assert.Equal(["1", "2 3 4 5 6"], writer.Commits);
    }

    [Fact]
    public async Task A_commit_holds_no_more_than_it_may()
    {
        var writer = new Writer { Gate = new TaskCompletionSource() };
        var commits = new GroupCommit<int, string>(writer.WriteAsync, most: 3, clock: writer.Clock);
        Task<string>[] all = [.. Enumerable.Range(1, 8).Select(i => commits.AddAsync(i, CancellationToken.None))];
        writer.Gate.SetResult();
        await Task.WhenAll(all);
        Assert.All(writer.Commits, commit => Assert.InRange(commit.Split(' ').Length, 1, 3));
    }

    [Fact]
    public async Task What_cannot_be_written_is_told_to_its_own_caller_alone()
    {
        var writer = new Writer { Gate = new TaskCompletionSource(), Bad = 5 };
        var commits = new GroupCommit<int, string>(writer.WriteAsync, most: 64, clock: writer.Clock);
        Task<string>[] all = [.. Enumerable.Range(1, 8).Select(i => commits.AddAsync(i, CancellationToken.None))];
        writer.Gate.SetResult();

        await Assert.ThrowsAsync<InvalidDataException>(() => all[4]);
        foreach (int i in (int[])[1, 2, 3, 4, 6, 7, 8])
            Assert.Equal($"{i}", await all[i - 1]);
        Assert.Equal(["1", "2", "3", "4", "6", "7", "8"], writer.Commits.SelectMany(c => c.Split(' ')).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_database_that_is_locked_is_waited_for_once_and_not_once_for_each()
    {
        var writer = new Writer { Gate = new TaskCompletionSource(), Bad = 5, BadAfter = LateFault.After * 1.2 };
        var commits = new GroupCommit<int, string>(writer.WriteAsync, most: 64, clock: writer.Clock);
        Task<string> first = commits.AddAsync(1, CancellationToken.None);
        await writer.Begun.Task;
        Task<string>[] others = [.. Enumerable.Range(2, 7).Select(i => commits.AddAsync(i, CancellationToken.None))];
        writer.Gate.SetResult();

        Assert.Equal("1", await first);
        foreach (Task<string> late in others)
            await Assert.ThrowsAsync<InvalidDataException>(() => late);
        Assert.Equal(2, writer.Tries);
    }

    [Fact]
    public async Task Who_gives_up_before_its_turn_is_not_written_and_who_is_being_written_hears_the_end()
    {
        var writer = new Writer { Gate = new TaskCompletionSource() };
        var commits = new GroupCommit<int, string>(writer.WriteAsync, most: 64, clock: writer.Clock);
        using var stop = new CancellationTokenSource();
        Task<string> first = commits.AddAsync(1, stop.Token);
        await writer.Begun.Task;
        Task<string> second = commits.AddAsync(2, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(first.IsCompleted);

        writer.Gate.SetResult();

        Assert.Equal("1", await first);
        Assert.Equal("3", await commits.AddAsync(3, CancellationToken.None));
        Assert.Equal(["1", "3"], writer.Commits);
    }

    private sealed class Writer
    {
        private readonly ConcurrentQueue<string> _commits = new();

        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Each commit waits for it.</summary>
        public required TaskCompletionSource Gate { get; init; }

        /// <summary>With this one a commit fails.</summary>
        public int Bad { get; init; }

        public ManualTime Clock { get; } = new();

        /// <summary>How long that takes.</summary>
        public TimeSpan BadAfter { get; init; }

        public int Tries { get; private set; }

        public IReadOnlyCollection<string> Commits => _commits;

        public async Task<IReadOnlyList<string>> WriteAsync(IReadOnlyList<int> all)
        {
            Begun.TrySetResult();
            await Gate.Task;
            Tries++;
            if (all.Contains(Bad))
            {
                Clock.Advance(BadAfter);
                throw new InvalidDataException("bad");
            }

            _commits.Enqueue(string.Join(' ', all));
            return [.. all.Select(i => $"{i}")];
        }
    }
}
