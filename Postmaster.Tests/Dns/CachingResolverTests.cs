using System.Threading.Channels;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Dns;

public sealed class CachingResolverTests
{
    private readonly ManualTime _time = new();
    private readonly ZoneResolver _zone = new ZoneResolver("192.0.2.53").AddSoa("example", TimeSpan.FromMinutes(10)).AddTxt("a.example", "one");

    [Fact]
    public async Task An_answer_is_remembered_for_its_TTL_and_counts_down()
    {
        var cache = new CachingResolver(_zone, _time);
        Assert.False((await Ask(cache, "a.example")).FromCache);
        _time.Advance(TimeSpan.FromMinutes(2));
        var again = await Ask(cache, "A.EXAMPLE.");
        Assert.True(again.FromCache);
        Assert.Equal("A.EXAMPLE", again.Name);
        Assert.Equal(TimeSpan.FromMinutes(3), again.Ttl);
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.False((await Ask(cache, "a.example")).FromCache);
        Assert.Equal(2, _zone.Queries.Count);
    }

    [Fact]
    public async Task An_absence_is_remembered_as_long_as_the_SOA_record_says()
    {
        var cache = new CachingResolver(_zone, _time);
        Assert.Equal(DnsStatus.NxDomain, (await Ask(cache, "b.example")).Status);
        _zone.AddTxt("b.example", "new");
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1)); // the SOA record's own TTL is the smaller
        Assert.Equal((DnsStatus.NxDomain, true), ((await Ask(cache, "b.example")).Status, (await Ask(cache, "b.example")).FromCache));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DnsStatus.Found, (await Ask(cache, "b.example")).Status);
    }

    [Fact]
    public async Task An_absence_without_an_SOA_record_is_not_remembered()
    {
        var cache = new CachingResolver(_zone, _time);
        await Ask(cache, "b.test");
        _zone.AddTxt("b.test", "new");
        Assert.Equal(DnsStatus.Found, (await Ask(cache, "b.test")).Status);
    }

    [Fact]
    public async Task A_TTL_of_zero_is_not_remembered_and_a_long_one_is_clamped()
    {
        _zone.Add(new TxtRecord("zero.example", TimeSpan.Zero, [[1]])).Add(new TxtRecord("year.example", TimeSpan.FromDays(365), [[1]]));
        var cache = new CachingResolver(_zone, _time);
        await Ask(cache, "zero.example");
        Assert.False((await Ask(cache, "zero.example")).FromCache);
        await Ask(cache, "year.example");
        _time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromSeconds(1));
        Assert.True((await Ask(cache, "year.example")).FromCache);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False((await Ask(cache, "year.example")).FromCache);
    }

    [Theory]
    [InlineData(DnsStatus.ServFail)]
    [InlineData(DnsStatus.Timeout)]
    public async Task A_failure_is_remembered_for_seconds_only(DnsStatus failure)
    {
        var cache = new CachingResolver(_zone.Fail("a.example", failure), _time);
        Assert.Equal(failure, (await Ask(cache, "a.example")).Status);
        _zone.Recover("a.example");
        Assert.True((await Ask(cache, "a.example")).FromCache);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(DnsStatus.Found, (await Ask(cache, "a.example")).Status);
    }

    [Fact]
    public async Task A_fresh_question_passes_the_cache_and_teaches_it()
    {
        var cache = new CachingResolver(_zone, _time);
        Assert.Equal(DnsStatus.NxDomain, (await Ask(cache, "b.example")).Status);
        _zone.AddTxt("b.example", "new");
        Assert.Equal(DnsStatus.Found, (await cache.QueryFreshAsync("b.example", DnsRecordType.TXT, CancellationToken.None)).Status);
        Assert.Equal((DnsStatus.Found, true), ((await Ask(cache, "b.example")).Status, (await Ask(cache, "b.example")).FromCache));
    }

    [Fact]
    public async Task A_fresh_failure_leaves_what_was_known()
    {
        var cache = new CachingResolver(_zone, _time);
        await Ask(cache, "a.example");
        _zone.Fail("a.example");
        Assert.Equal(DnsStatus.ServFail, (await cache.QueryFreshAsync("a.example", DnsRecordType.TXT, CancellationToken.None)).Status);
        Assert.Equal(DnsStatus.Found, (await Ask(cache, "a.example")).Status);
    }

    [Fact]
    public async Task A_fresh_answer_of_TTL_zero_drives_out_the_old_one()
    {
        var cache = new CachingResolver(_zone, _time);
        await Ask(cache, "a.example");
        _zone.Remove("a.example");
        _zone.Remove("example");
        await cache.QueryFreshAsync("a.example", DnsRecordType.TXT, CancellationToken.None);
        Assert.Equal(DnsStatus.NxDomain, (await Ask(cache, "a.example")).Status);
    }

    [Fact]
    public async Task Types_are_remembered_apart()
    {
        var cache = new CachingResolver(_zone, _time);
        await Ask(cache, "a.example");
        Assert.Equal(DnsStatus.NoData, (await cache.QueryAsync("a.example", DnsRecordType.MX, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task The_entry_not_used_for_the_longest_time_goes_first()
    {
        var cache = new CachingResolver(_zone, new CachingResolverOptions { MaxEntries = 3 }, _time);
        foreach (var name in (string[])["1.example", "2.example", "3.example", "1.example", "4.example"])
            await Ask(cache, name);
        Assert.Equal(3, cache.Count);
        Assert.True((await Ask(cache, "1.example")).FromCache);
        Assert.False((await Ask(cache, "2.example")).FromCache);
    }

    [Fact]
    public async Task Large_answers_fill_the_cache_by_their_size()
    {
        for (var i = 0; i < 100; i++)
            _zone.AddTxt($"n{i}.example", new string('x', 10_000));
        var cache = new CachingResolver(_zone, new CachingResolverOptions { MaxOctets = 100_000 }, _time);
        for (var i = 0; i < 100; i++)
            await Ask(cache, $"n{i}.example");
        Assert.InRange(cache.Count, 1, 9);
    }

    [Fact]
    public async Task Many_callers_with_one_question_share_one_answer()
    {
        var gate = new GatedResolver();
        var cache = new CachingResolver(gate, _time);
        var callers = Enumerable.Range(0, 20).Select(i => Ask(cache, i % 2 == 0 ? "a.example" : "A.Example")).ToList();
        var other = Ask(cache, "b.example");
        string[] asked = [await gate.NextQuestionAsync(), await gate.NextQuestionAsync()];
        gate.Open();
        Assert.All(await Task.WhenAll(callers), a => Assert.Equal(DnsStatus.NoData, a.Status));
        await other;
        Assert.Equal("a.example b.example", string.Join(' ', asked.Order(StringComparer.OrdinalIgnoreCase)), ignoreCase: true);
        Assert.False(gate.HasMoreQuestions);
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_take_the_answer_from_the_others()
    {
        var gate = new GatedResolver();
        var cache = new CachingResolver(gate, _time);
        using var impatient = new CancellationTokenSource();
        var first = cache.QueryAsync("a.example", DnsRecordType.TXT, impatient.Token).AsTask();
        var second = Ask(cache, "a.example");
        await gate.NextQuestionAsync();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        gate.Open();
        Assert.Equal(DnsStatus.NoData, (await second).Status);
        Assert.False(gate.HasMoreQuestions);
    }

    [Fact]
    public async Task An_inner_resolver_that_throws_is_asked_again_next_time()
    {
        var cache = new CachingResolver(new ThrowingOnceResolver(), _time);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Ask(cache, "a.example"));
        Assert.Equal(DnsStatus.NoData, (await Ask(cache, "a.example")).Status);
    }

    private static Task<DnsAnswer> Ask(CachingResolver cache, string name) => cache.QueryAsync(name, DnsRecordType.TXT, CancellationToken.None).AsTask();

    private sealed class GatedResolver : IDnsResolver
    {
        private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Channel<string> _names = Channel.CreateUnbounded<string>();

        public bool HasMoreQuestions => _names.Reader.TryPeek(out _);

        public void Open() => _gate.SetResult();

        public ValueTask<string> NextQuestionAsync() => _names.Reader.ReadAsync();

        public async ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct)
        {
            Assert.True(_names.Writer.TryWrite(name));
            await _gate.Task.WaitAsync(ct);
            return new DnsAnswer { Status = DnsStatus.NoData, Name = name, Type = type };
        }
    }

    private sealed class ThrowingOnceResolver : IDnsResolver
    {
        private int _calls;

        public ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct) => Interlocked.Increment(ref _calls) == 1
            ? throw new InvalidOperationException()
            : ValueTask.FromResult(new DnsAnswer { Status = DnsStatus.NoData, Name = name, Type = type });
    }
}
