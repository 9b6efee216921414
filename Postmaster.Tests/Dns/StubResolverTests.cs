using System.Globalization;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Dns;

/// <summary>The resolver against a real server on loopback: what an honest server says.</summary>
public sealed class StubResolverTests : IAsyncLifetime
{
    private readonly ZoneResolver _zone = new();

    /// <summary>The server answers each question, however slow the machine is: nothing is asked twice.</summary>
    private readonly ManualTime _still = new();

    private LoopbackDnsServer _server = null!;

    public Task InitializeAsync()
    {
        _server = LoopbackDnsServer.Start(_zone);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData("example.org", DnsRecordType.A)]
    [InlineData("example.org", DnsRecordType.AAAA)]
    [InlineData("example.org", DnsRecordType.MX)]
    [InlineData("EXAMPLE.org.", DnsRecordType.TXT)]
    [InlineData("example.org", DnsRecordType.NS)]
    [InlineData("example.org", DnsRecordType.SOA)]
    [InlineData("1.2.0.192.in-addr.arpa", DnsRecordType.PTR)]
    [InlineData("www.example.org", DnsRecordType.CNAME)]
    public async Task Every_type_comes_over_the_wire(string name, DnsRecordType type)
    {
        _zone.AddAddress("example.org", "192.0.2.1").AddAddress("example.org", "2001:db8::1").AddMx("example.org", 10, "mx.example.org")
            .AddTxt("example.org", "v=spf1 -all").AddNs("example.org", "ns.example.org").AddSoa("example.org", TimeSpan.FromMinutes(1))
            .AddPtr("192.0.2.1", "example.org").AddCname("www.example.org", "example.org");
        using var resolver = Resolver();
        var answer = await resolver.QueryAsync(name, type, CancellationToken.None);
        var direct = await _zone.QueryAsync(name, type, CancellationToken.None);
        Assert.Equal((DnsStatus.Found, ZoneResolver.DefaultTtl), (answer.Status, answer.Ttl));
        Assert.Equal(Assert.Single(direct.Records), Assert.Single(answer.Records) with { Name = direct.Records[0].Name });
    }

    [Fact]
    public async Task Absences_name_their_kind_their_TTL_and_the_server()
    {
        _zone.AddSoa("example.org", TimeSpan.FromSeconds(60));
        using var resolver = Resolver();
        var nothing = await Ask(resolver, "no.example.org");
        Assert.Equal((DnsStatus.NxDomain, TimeSpan.FromSeconds(60)), (nothing.Status, nothing.Ttl));
        Assert.Equal($"NXDOMAIN from {_server.Address}", nothing.Describe());
        var empty = await Ask(resolver, "example.org");
        Assert.Equal((DnsStatus.NoData, TimeSpan.FromSeconds(60)), (empty.Status, empty.Ttl));
        Assert.Equal($"no TXT record (NODATA) from {_server.Address}", empty.Describe());
        Assert.Equal(TimeSpan.Zero, (await Ask(resolver, "example.net")).Ttl);
    }

    [Fact]
    public async Task A_change_in_the_zone_is_seen_by_the_next_question()
    {
        using var resolver = Resolver();
        Assert.Equal(DnsStatus.NxDomain, (await Ask(resolver, "new.example")).Status);
        _zone.AddTxt("new.example", "here");
        Assert.Equal(DnsStatus.Found, (await Ask(resolver, "new.example")).Status);
    }

    [Fact]
    public async Task What_does_not_fit_a_datagram_comes_by_TCP()
    {
        _zone.AddTxt("big.example", new string('x', 5_000));
        using var resolver = Resolver();
        var answer = await Ask(resolver, "big.example");
        Assert.Equal(new string('x', 5_000), Assert.IsType<TxtRecord>(Assert.Single(answer.Records)).Text);
        Assert.Equal([false, true], _server.Questions.Select(q => q.IsTcp));
    }

    [Fact]
    public async Task EDNS_lets_a_kilobyte_through_without_TCP()
    {
        _zone.AddTxt("key.example", new string('x', 1_000));
        using var resolver = Resolver();
        Assert.Equal(DnsStatus.Found, (await Ask(resolver, "key.example")).Status);
        var question = Assert.Single(_server.Questions);
        Assert.Equal((ushort?)1232, question.Query.EdnsPayloadSize);
    }

    [Fact]
    public async Task Nearly_64_kilobytes_come_whole()
    {
        _zone.AddTxt("huge.example", new string('x', 65_000));
        using var resolver = Resolver();
        Assert.Equal(65_000, Assert.IsType<TxtRecord>(Assert.Single((await Ask(resolver, "huge.example")).Records)).Joined.Length);
    }

    [Fact]
    public async Task Aliases_are_followed_within_an_answer()
    {
        _zone.AddCname("a.example", "b.example").Add(new CnameRecord("b.example", TimeSpan.FromSeconds(7), "c.example")).AddTxt("c.example", "end");
        using var resolver = Resolver();
        var answer = await Ask(resolver, "a.example");
        Assert.Equal((DnsStatus.Found, "c.example", TimeSpan.FromSeconds(7)), (answer.Status, answer.CanonicalName, answer.Ttl));
        Assert.Single(_server.Questions);
    }

    [Fact]
    public async Task Aliases_whose_end_the_answer_lacks_are_asked_for()
    {
        _zone.AddCname("a.example", "b.example").AddTxt("b.example", "end").AddCname("x.example", "gone.example");
        _server.Reply(q => [(q.Response()! with { Answers = [.. q.Response()!.Answers.Take(1)], ResponseCode = DnsResponseCode.NoError }).Write()]);
        using var resolver = Resolver();
        Assert.Equal(DnsStatus.Found, (await Ask(resolver, "a.example")).Status);
        Assert.Equal("a.example b.example", string.Join(' ', _server.Questions.Select(q => q.Name)));
        _server.Reply(q => [(q.Name.StartsWith('x') ? q.Response()! with { ResponseCode = DnsResponseCode.NoError } : q.Response()!).Write()]);
        Assert.Equal(DnsStatus.NxDomain, (await Ask(resolver, "x.example")).Status);
    }

    [Fact]
    public async Task Aliases_that_never_end_are_a_failure_after_a_bounded_number_of_questions()
    {
        _server.Reply(q =>
        {
            var target = q.Name.StartsWith('l') ? (q.Name.Equals("l1.example", StringComparison.Ordinal) ? "l2.example" : "l1.example") : "n" + q.Name;
            return [(q.Empty() with { Answers = [new CnameRecord(q.Name, TimeSpan.FromSeconds(60), target)] }).Write()];
        });
        using var resolver = Resolver();
        var loop = await Ask(resolver, "l1.example");
        Assert.Equal((DnsStatus.ServFail, "cname-loop"), (loop.Status, loop.Problem));
        Assert.Equal(2, _server.Questions.Count);
        var endless = await Ask(resolver, "n.example");
        Assert.Equal((DnsStatus.ServFail, "cname-chain-too-long"), (endless.Status, endless.Problem));
        Assert.InRange(_server.Questions.Count, 3, 2 + AnswerChain.MaxAliases + 1);
    }

    [Fact]
    public async Task Every_question_has_its_own_id_and_port()
    {
        using var resolver = Resolver();
        for (var i = 0; i < 20; i++)
            await Ask(resolver, "a.example");
        Assert.InRange(_server.Questions.Select(q => q.SourcePort).Distinct().Count(), 10, 20);
        Assert.InRange(_server.Questions.Select(q => q.Query.Id).Distinct().Count(), 15, 20);
        Assert.All(_server.Questions, q => Assert.True(q.Query.RecursionDesired));
    }

    [Fact]
    public async Task Odd_octets_in_a_name_reach_the_server_as_they_are()
    {
        _zone.AddTxt(@"a\.b\032c.example", "odd");
        using var resolver = Resolver();
        Assert.Equal(DnsStatus.Found, (await Ask(resolver, @"a\046b c.example")).Status);
    }

    [Fact]
    public async Task A_name_that_DNS_cannot_hold_is_not_asked_for()
    {
        using var resolver = Resolver();
        var answer = await Ask(resolver, "a..example");
        Assert.Equal((DnsStatus.NxDomain, "no such name can exist in DNS"), (answer.Status, answer.Describe()));
        Assert.Empty(_server.Questions);
    }

    [Fact]
    public async Task Without_servers_nothing_can_be_said()
    {
        using var resolver = new StubResolver(new StubResolverOptions { Servers = [] }, TimeProvider.System);
        var answer = await Ask(resolver, "a.example");
        Assert.Equal((DnsStatus.ServFail, "no DNS server is configured"), (answer.Status, answer.Describe()));
    }

    [Fact]
    public async Task Many_questions_at_once_are_all_answered()
    {
        for (var i = 0; i < 300; i++)
            _zone.AddTxt($"n{i}.example", $"{i}");
        using var resolver = new StubResolver(new StubResolverOptions { Servers = [_server.EndPoint], MaxConcurrentQuestions = 20 }, _still);
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(i => Ask(resolver, $"n{i}.example")));
        Assert.Equal(Enumerable.Range(0, 300), answers.Select(a => int.Parse(((TxtRecord)a.Records[0]).Text, CultureInfo.InvariantCulture)));
    }

    private StubResolver Resolver() => new(new StubResolverOptions { Servers = [_server.EndPoint] }, _still);

    private static async Task<DnsAnswer> Ask(StubResolver resolver, string name) => await resolver.QueryAsync(name, DnsRecordType.TXT, CancellationToken.None);
}
