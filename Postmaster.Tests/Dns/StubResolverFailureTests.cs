using System.Net;
using System.Net.Sockets;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Dns;

/// <summary>Servers that lie, fail, stay silent or are not there. Time stands still and is moved by the scripts.</summary>
public sealed class StubResolverFailureTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly ZoneResolver _zone = new ZoneResolver().AddTxt("a.example", "true");
    private LoopbackDnsServer _first = null!;
    private LoopbackDnsServer _second = null!;

    public Task InitializeAsync()
    {
        _first = LoopbackDnsServer.Start(_zone);
        _second = LoopbackDnsServer.Start(_zone);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Theory]
    [InlineData("id")]
    [InlineData("name")]
    [InlineData("type")]
    [InlineData("class")]
    [InlineData("query")]
    [InlineData("opcode")]
    [InlineData("no question")]
    [InlineData("two questions")]
    [InlineData("garbage")]
    [InlineData("empty")]
    public async Task What_does_not_echo_the_question_is_passed_over_and_the_true_answer_awaited(string lie)
    {
        _first.Reply(q => [Forge(q, lie), q.Answer()!]);
        Assert.Equal("true", await TextAsync(_first));
        Assert.Single(_first.Questions);
    }

    [Fact]
    public async Task Somebody_who_guesses_many_times_is_evaded_by_TCP()
    {
        _first.Reply(q => q.IsTcp ? [q.Answer()!] : [.. Enumerable.Repeat(q.WithWrongId(), 40)]);
        Assert.Equal("true", await TextAsync(_first));
        Assert.True(_first.Questions[^1].IsTcp);
    }

    [Fact]
    public async Task A_datagram_from_another_port_does_not_arrive()
    {
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _first.Reply(q =>
        {
            var forged = q.Empty() with { Answers = [new TxtRecord("a.example", TimeSpan.FromDays(1), ["forged"u8.ToArray()])] };
            stranger.SendTo(forged.Write(), new IPEndPoint(IPAddress.Loopback, q.SourcePort));
            return [q.Answer()!];
        });
        Assert.Equal("true", await TextAsync(_first));
    }

    [Theory]
    [InlineData(1)] // FORMERR
    [InlineData(4)] // NOTIMP
    [InlineData(16)] // BADVERS
    public async Task A_server_that_does_not_know_EDNS_is_asked_without(int code)
    {
        _first.Reply(q => q.HasEdns ? [q.Empty((DnsResponseCode)code).Write()] : [q.Answer()!]);
        Assert.Equal("true", await TextAsync(_first));
        Assert.Equal(2, _first.Questions.Count);
    }

    [Fact]
    public async Task A_format_error_may_come_without_the_question()
    {
        _first.Reply(q => q.HasEdns ? [(q.Empty(DnsResponseCode.FormErr) with { Questions = [], EdnsPayloadSize = null }).Write()] : [q.Answer()!]);
        Assert.Equal("true", await TextAsync(_first));
    }

    [Theory]
    [InlineData(1, "format-error", "FORMERR")]
    [InlineData(2, "servfail", "SERVFAIL")]
    [InlineData(4, "not-implemented", "NOTIMP")]
    [InlineData(5, "refused", "REFUSED")]
    [InlineData(9, "response-code-9", "SERVFAIL")]
    public async Task A_failing_server_hands_over_to_the_next(int code, string problem, string words)
    {
        _first.Reply(q => [q.Empty((DnsResponseCode)code).Write()]);
        Assert.Equal("true", await TextAsync(_first, _second));
        _second.Script = _first.Script;
        var answer = await AskAsync(Resolver(_first, _second));
        Assert.Equal((DnsStatus.ServFail, problem), (answer.Status, answer.Problem));
        Assert.Equal($"{words} from {_second.Address}", answer.Describe());
    }

    [Fact]
    public async Task A_server_that_only_refers_to_others_hands_over_to_the_next()
    {
        _first.Reply(q => [(q.Empty() with { RecursionAvailable = false, Authorities = [new NsRecord("example", TimeSpan.Zero, "ns.example")] }).Write()]);
        Assert.Equal("true", await TextAsync(_first, _second));
        Assert.Equal("not-recursive", (await AskAsync(Resolver(_first))).Problem);
    }

    [Fact]
    public async Task An_unreadable_answer_hands_over_to_the_next()
    {
        _first.Reply(q => [q.WithPointerLoop()]);
        Assert.Equal("true", await TextAsync(_first, _second));
        var answer = await AskAsync(Resolver(_first));
        Assert.Equal((DnsStatus.ServFail, "malformed"), (answer.Status, answer.Problem));
    }

    [Fact]
    public async Task A_datagram_larger_than_any_that_was_offered_hands_over_to_the_next()
    {
        _first.Reply(q => [(q.Empty() with { Answers = [new TxtRecord("a.example", TimeSpan.FromDays(1), [.. Enumerable.Repeat(new byte[255], 40)])] }).Write()]);
        Assert.Equal("true", await TextAsync(_first, _second));
        var answer = await AskAsync(Resolver(_first));
        Assert.Equal((DnsStatus.ServFail, "malformed"), (answer.Status, answer.Problem));
    }

    [Fact]
    public async Task Records_of_names_that_nobody_asked_for_are_no_answer()
    {
        _first.Reply(q =>
        [
            (q.Empty() with
            {
                Answers = [new TxtRecord("b.example", TimeSpan.FromDays(1), ["forged"u8.ToArray()]), new CnameRecord("c.example", TimeSpan.FromDays(1), "a.example")],
                Additionals = [new TxtRecord("a.example", TimeSpan.FromDays(1), ["forged"u8.ToArray()])],
            }).Write(),
        ]);
        Assert.Equal(DnsStatus.NoData, (await AskAsync(Resolver(_first))).Status);
    }

    [Fact]
    public async Task Names_compressed_into_each_other_are_an_unreadable_answer()
    {
        _first.Reply(q =>
        {
            var octets = (q.Empty() with { EdnsPayloadSize = null }).Write();
            octets[7] = 1; // ANCOUNT; the owner points to a pointer that points back to it
            var owner = octets.Length;
            return [[.. octets, 0xC0, (byte)(owner + 2), 0xC0, (byte)owner, 0, 16, 0, 1, 0, 0, 0, 60, 0, 0]];
        });
        Assert.Equal("malformed", (await AskAsync(Resolver(_first))).Problem);
    }

    [Fact]
    public async Task An_absent_server_hands_over_to_the_next()
    {
        // A port that is taken, so that nobody else gets it, but hears only another address.
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await taken.ConnectAsync(_second.EndPoint);
        var absent = (IPEndPoint)taken.LocalEndPoint!;
        using var both = new StubResolver(new StubResolverOptions { Servers = [absent, _second.EndPoint] }, _time);
        Assert.Equal(DnsStatus.Found, (await AskAsync(both)).Status);
        using var alone = new StubResolver(new StubResolverOptions { Servers = [absent] }, _time);
        var answer = await AskAsync(alone);
        Assert.Equal((DnsStatus.ServFail, $"the DNS server {absent} cannot be reached"), (answer.Status, answer.Describe()));
    }

    [Fact]
    public async Task A_silent_server_is_left_for_the_next_which_is_preferred_from_then_on()
    {
        _first.Reply(Silent(TimeSpan.FromSeconds(2)));
        using var resolver = Resolver(_first, _second);
        Assert.Equal(DnsStatus.Found, (await AskAsync(resolver)).Status);
        Assert.Equal(DnsStatus.Found, (await AskAsync(resolver)).Status);
        Assert.Equal((1, 2), (_first.Questions.Count, _second.Questions.Count));
    }

    [Fact]
    public async Task A_lost_datagram_is_sent_again_under_a_new_id()
    {
        _first.Reply(q => _first.Questions.Count == 1 ? Silent(TimeSpan.FromSeconds(2))(q) : [q.Answer()!]);
        Assert.Equal("true", await TextAsync(_first));
        Assert.Equal(2, _first.Questions.Count);
    }

    [Fact]
    public async Task When_all_are_silent_to_the_end_it_is_said_how_long_and_by_whom()
    {
        _first.Reply(Silent(TimeSpan.FromSeconds(4)));
        var answer = await AskAsync(Resolver(_first));
        Assert.Equal((DnsStatus.Timeout, null), (answer.Status, answer.Problem));
        Assert.Equal($"no answer within 8 s from {_first.Address}", answer.Describe());
        Assert.Equal(2, _first.Questions.Count);
    }

    [Fact]
    public async Task The_total_ends_all_patience()
    {
        _first.Reply(Silent(TimeSpan.FromSeconds(5)));
        using var resolver = new StubResolver(new StubResolverOptions { Servers = [_first.EndPoint], Rounds = 100, ServerTimeout = TimeSpan.FromMinutes(1), TotalTimeout = TimeSpan.FromSeconds(5) }, _time);
        var answer = await AskAsync(resolver);
        Assert.Equal($"no answer within 5 s from {_first.Address}", answer.Describe());
        Assert.Single(_first.Questions);
    }

    [Fact]
    public async Task A_silent_and_a_failing_server_together_are_a_failure()
    {
        _first.Reply(Silent(TimeSpan.FromSeconds(2)));
        _second.Reply(q => [q.Empty(DnsResponseCode.ServFail).Write()]);
        var answer = await AskAsync(Resolver(_first, _second));
        Assert.Equal($"SERVFAIL from {_second.Address}", answer.Describe());
    }

    [Fact]
    public async Task A_caller_that_gives_up_gets_its_cancellation()
    {
        using var caller = new CancellationTokenSource();
        _first.Script = async _ =>
        {
            await caller.CancelAsync();
            return [];
        };
        using var resolver = Resolver(_first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => resolver.QueryAsync("a.example", DnsRecordType.TXT, caller.Token).AsTask());
    }

    [Theory]
    [InlineData("id")]
    [InlineData("name")]
    [InlineData("garbage")]
    [InlineData("truncated")]
    [InlineData("empty")]
    [InlineData("loop")]
    public async Task What_is_wrong_over_TCP_is_a_failure(string lie)
    {
        _first.Reply(q => q.IsTcp ? [lie switch { "truncated" => q.Truncated(), "loop" => q.WithPointerLoop(), _ => Forge(q, lie) }] : [q.Truncated()]);
        var answer = await AskAsync(Resolver(_first));
        Assert.Equal((DnsStatus.ServFail, "malformed"), (answer.Status, answer.Problem));
    }

    [Fact]
    public async Task A_server_silent_over_TCP_times_out()
    {
        _first.Reply(q => q.IsTcp ? Silent(TimeSpan.FromSeconds(8))(q) : [q.Truncated()]);
        Assert.Equal(DnsStatus.Timeout, (await AskAsync(Resolver(_first))).Status);
    }

    [Fact]
    public async Task Answers_changed_at_random_never_throw()
    {
        var random = new Random(53);
        _zone.AddCname("b.example", "a.example").AddSoa("example", TimeSpan.FromMinutes(1)).AddMx("a.example", 10, "mx.example");
        _first.Reply(q =>
        {
            var octets = q.Answer()!;
            for (var changes = random.Next(1, 5); changes > 0; changes--)
                octets[random.Next(2, octets.Length)] = (byte)random.Next(256);
            var cut = octets[..random.Next(octets.Length + 1)];
            // The end of patience comes with the honest answer, so that what is passed over does not hang.
            return [cut, (q.Empty(DnsResponseCode.Refused) with { EdnsPayloadSize = null }).Write()];
        });
        using var resolver = Resolver(_first);
        for (var i = 0; i < 300; i++)
        {
            var answer = await resolver.QueryAsync(i % 2 == 0 ? "b.example" : "nowhere.example", DnsRecordType.TXT, CancellationToken.None);
            Assert.NotEmpty(answer.Describe());
            Assert.Equal(answer.Status == DnsStatus.Found, answer.Records.Count > 0);
        }
    }

    private static byte[] Forge(LoopbackDnsQuestion q, string lie) => lie switch
    {
        "id" => q.WithWrongId(),
        "name" => q.WithWrongName("b.example"),
        "type" => Changed(q, m => m with { Questions = [m.Questions[0] with { Type = DnsRecordType.MX }] }),
        "class" => Changed(q, m => m with { Questions = [m.Questions[0] with { Class = 3 }] }),
        "query" => Changed(q, m => m with { IsResponse = false }),
        "opcode" => Changed(q, m => m with { Opcode = 4 }),
        "no question" => Changed(q, m => m with { Questions = [] }),
        "two questions" => Changed(q, m => m with { Questions = [m.Questions[0], m.Questions[0]] }),
        "garbage" => q.Garbage(100),
        "empty" => [],
        _ => throw new ArgumentOutOfRangeException(nameof(lie)),
    };

    private static byte[] Changed(LoopbackDnsQuestion q, Func<DnsMessage, DnsMessage> change) =>
        change(q.Empty() with { Answers = [new TxtRecord("a.example", TimeSpan.FromDays(1), ["forged"u8.ToArray()])] }).Write();

    /// <summary>No answer, and so much time goes by.</summary>
    private Func<LoopbackDnsQuestion, byte[][]> Silent(TimeSpan time) => _ =>
    {
        _time.Advance(time);
        return [];
    };

    private StubResolver Resolver(params LoopbackDnsServer[] servers) => new(new StubResolverOptions { Servers = [.. servers.Select(s => s.EndPoint)] }, _time);

    private static async Task<DnsAnswer> AskAsync(StubResolver resolver) => await resolver.QueryAsync("a.example", DnsRecordType.TXT, CancellationToken.None);

    private async Task<string> TextAsync(params LoopbackDnsServer[] servers)
    {
        using var resolver = Resolver(servers);
        var answer = await AskAsync(resolver);
        Assert.True(answer.Status == DnsStatus.Found, answer.Describe());
        return Assert.IsType<TxtRecord>(Assert.Single(answer.Records)).Text;
    }
}
