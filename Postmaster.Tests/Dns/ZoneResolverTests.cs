using Postmaster.Fbl.Dns;

namespace Postmaster.Tests.Dns;

public sealed class ZoneResolverTests
{
    private readonly ZoneResolver _zone = new("192.0.2.53");

    [Fact]
    public async Task Names_are_found_without_regard_to_case_or_a_trailing_dot()
    {
        _zone.AddTxt("Example.org", "hello");
        var answer = await Ask("eXample.ORG.", DnsRecordType.TXT);
        Assert.Equal(DnsStatus.Found, answer.Status);
        Assert.Equal("hello", Assert.IsType<TxtRecord>(Assert.Single(answer.Records)).Text);
        Assert.Equal("eXample.ORG", answer.Name);
        Assert.Equal(ZoneResolver.DefaultTtl, answer.Ttl);
    }

    [Fact]
    public async Task A_name_without_the_type_is_NODATA_and_a_name_that_is_nowhere_is_NXDOMAIN()
    {
        _zone.AddTxt("example.org", "hello").AddTxt("a.b.example.org", "deep");
        Assert.Equal("no MX record (NODATA) from 192.0.2.53", (await Ask("example.org", DnsRecordType.MX)).Describe());
        Assert.Equal(DnsStatus.NoData, (await Ask("b.example.org", DnsRecordType.TXT)).Status); // exists because of a.b
        Assert.Equal(DnsStatus.NoData, (await Ask("org", DnsRecordType.TXT)).Status);
        Assert.Equal("NXDOMAIN from 192.0.2.53", (await Ask("c.example.org", DnsRecordType.TXT)).Describe());
        Assert.Equal(DnsStatus.NxDomain, (await Ask("x.a.b.example.org", DnsRecordType.TXT)).Status);
    }

    [Fact]
    public async Task Changes_are_seen_at_once_and_names_above_vanish_with_the_last_record()
    {
        _zone.AddTxt("a.b.example.org", "one").AddTxt("a.b.example.org", "two").AddMx("a.b.example.org", 10, "mx.example.org");
        Assert.Equal(2, (await Ask("a.b.example.org", DnsRecordType.TXT)).Records.Count);
        Assert.True(_zone.Remove("A.B.example.org", DnsRecordType.TXT));
        Assert.False(_zone.Remove("a.b.example.org", DnsRecordType.TXT));
        Assert.Equal(DnsStatus.NoData, (await Ask("a.b.example.org", DnsRecordType.TXT)).Status);
        Assert.True(_zone.Remove("a.b.example.org"));
        Assert.Equal(DnsStatus.NxDomain, (await Ask("b.example.org", DnsRecordType.TXT)).Status);
    }

    [Fact]
    public async Task One_of_several_records_can_go_and_the_same_record_counts_once()
    {
        _zone.AddTxt("example.org", "one").AddTxt("example.org", "one").AddTxt("example.org", "two");
        Assert.Equal(2, (await Ask("example.org", DnsRecordType.TXT)).Records.Count);
        Assert.True(_zone.Remove(new TxtRecord("example.org", ZoneResolver.DefaultTtl, ["one"u8.ToArray()])));
        Assert.Equal("two", Assert.IsType<TxtRecord>(Assert.Single((await Ask("example.org", DnsRecordType.TXT)).Records)).Text);
    }

    [Fact]
    public async Task An_absence_holds_as_long_as_the_SOA_record_says()
    {
        _zone.AddSoa("example.org", TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.FromSeconds(30), (await Ask("x.example.org", DnsRecordType.TXT)).Ttl);
        Assert.Equal(TimeSpan.FromSeconds(30), (await Ask("example.org", DnsRecordType.TXT)).Ttl);
        Assert.Equal(TimeSpan.Zero, (await Ask("x.example.net", DnsRecordType.TXT)).Ttl);
    }

    [Fact]
    public async Task Aliases_are_followed_to_records_and_to_absences()
    {
        _zone.AddCname("a.example", "b.example").AddCname("b.example", "c.example").AddTxt("c.example", "end").AddCname("lost.example", "nowhere.example");
        var answer = await Ask("a.example", DnsRecordType.TXT);
        Assert.Equal((DnsStatus.Found, "c.example"), (answer.Status, answer.CanonicalName));
        Assert.Equal("c.example", Assert.Single(answer.Records).Name);
        Assert.Equal(DnsStatus.NoData, (await Ask("a.example", DnsRecordType.MX)).Status);
        Assert.Equal(DnsStatus.NxDomain, (await Ask("lost.example", DnsRecordType.TXT)).Status);
        Assert.IsType<CnameRecord>(Assert.Single((await Ask("a.example", DnsRecordType.CNAME)).Records));
    }

    [Fact]
    public async Task Aliases_that_never_end_are_a_failure()
    {
        _zone.AddCname("a.example", "b.example").AddCname("b.example", "a.example");
        for (var i = 0; i < 100; i++)
            _zone.AddCname($"n{i}.example", $"n{i + 1}.example");
        Assert.Equal("cname-loop", (await Ask("a.example", DnsRecordType.TXT)).Problem);
        Assert.Equal("cname-chain-too-long", (await Ask("n0.example", DnsRecordType.TXT)).Problem);
    }

    [Fact]
    public async Task A_wildcard_stands_in_only_for_names_that_do_not_exist()
    {
        _zone.AddTxt("*.example.org", "wild").AddTxt("there.example.org", "own").AddTxt("deep.below.example.org", "own");
        var answer = await Ask("x.y.example.org", DnsRecordType.TXT);
        Assert.Equal("x.y.example.org", Assert.Single(answer.Records).Name);
        Assert.Equal("own", Assert.IsType<TxtRecord>(Assert.Single((await Ask("there.example.org", DnsRecordType.TXT)).Records)).Text);
        Assert.Equal(DnsStatus.NoData, (await Ask("below.example.org", DnsRecordType.TXT)).Status);
        Assert.Equal(DnsStatus.NxDomain, (await Ask("x.below.example.org", DnsRecordType.TXT)).Status);
        Assert.Equal(DnsStatus.NoData, (await Ask("x.example.org", DnsRecordType.MX)).Status);
    }

    [Fact]
    public async Task A_name_can_fail_and_recover()
    {
        _zone.AddTxt("example.org", "hello").Fail("example.org").Fail("slow.example.org", DnsStatus.Timeout);
        Assert.Equal("SERVFAIL from 192.0.2.53", (await Ask("example.org", DnsRecordType.TXT)).Describe());
        Assert.Equal("no answer in time from 192.0.2.53", (await Ask("slow.example.org", DnsRecordType.TXT)).Describe());
        Assert.Equal(DnsStatus.Found, (await Ask("EXAMPLE.org", DnsRecordType.TXT, _zone.Recover("example.org"))).Status);
        Assert.Throws<ArgumentOutOfRangeException>(() => _zone.Fail("example.org", DnsStatus.NxDomain));
    }

    [Fact]
    public async Task The_log_tells_what_was_asked_and_forgets_the_oldest()
    {
        await Ask("A.example", DnsRecordType.TXT);
        Assert.Equal([new ZoneQuery("a.example", DnsRecordType.TXT, DnsStatus.NxDomain)], _zone.Queries);
        for (var i = 0; i < ZoneResolver.MaxLogged; i++)
            await Ask("b.example", DnsRecordType.MX);
        Assert.Equal(ZoneResolver.MaxLogged, _zone.Queries.Count);
        Assert.DoesNotContain(_zone.Queries, q => q.Type == DnsRecordType.TXT);
        _zone.ClearQueries();
        Assert.Empty(_zone.Queries);
    }

    [Fact]
    public async Task A_name_that_DNS_cannot_hold_does_not_exist()
    {
        var answer = await Ask(new string('a', 64) + ".example", DnsRecordType.TXT);
        Assert.Equal((DnsStatus.NxDomain, "bad-name"), (answer.Status, answer.Problem));
        Assert.Throws<FormatException>(() => _zone.AddTxt("a..b", "x"));
    }

    [Fact]
    public async Task Long_text_becomes_several_strings_of_one_record()
    {
        var text = new string('k', 600);
        _zone.AddTxt("key.example", text);
        var record = Assert.IsType<TxtRecord>(Assert.Single((await Ask("key.example", DnsRecordType.TXT)).Records));
        Assert.Equal([255, 255, 90], record.Strings.Select(s => s.Length));
        Assert.Equal(text, record.Text);
    }

    [Fact]
    public async Task A_zone_is_read_from_lines()
    {
        var zone = ZoneResolver.Parse("""
            ; a small zone
            example.org. 60 IN SOA ns.example.org. hostmaster.example.org. 1 7200 1800 604800 30
            example.org.    IN MX  10 mx.example.org.
            example.org.       TXT "v=spf1 ip4:192.0.2.1 " "-all" ; a comment
            q.example.org.     TXT "a \"quoted\" ; word"
            mx.example.org. 60 A   192.0.2.25
            mx.example.org.    AAAA 2001:db8::25
            25.2.0.192.in-addr.arpa. PTR mx.example.org.
            www.example.org.   CNAME example.org.
            """);
        Assert.Equal("v=spf1 ip4:192.0.2.1 -all", Assert.IsType<TxtRecord>((await Ask("www.example.org", DnsRecordType.TXT, zone)).Records[0]).Text);
        Assert.Equal("a \"quoted\" ; word", Assert.IsType<TxtRecord>((await Ask("q.example.org", DnsRecordType.TXT, zone)).Records[0]).Text);
        Assert.Equal("mx.example.org", Assert.IsType<MxRecord>((await Ask("example.org", DnsRecordType.MX, zone)).Records[0]).Exchange);
        Assert.Equal(TimeSpan.FromSeconds(60), (await Ask("mx.example.org", DnsRecordType.A, zone)).Ttl);
        Assert.Equal(TimeSpan.FromSeconds(30), (await Ask("no.example.org", DnsRecordType.A, zone)).Ttl);
    }

    [Theory]
    [InlineData("example.org")]
    [InlineData("example.org A")]
    [InlineData("example.org A 192.0.2.999")]
    [InlineData("example.org MX ten mx.example")]
    [InlineData("example.org MX 70000 mx.example")]
    [InlineData("a..b A 192.0.2.1")]
    [InlineData("example.org WKS x")]
    public void A_line_that_is_no_record_is_named(string line)
    {
        var problem = Assert.Throws<FormatException>(() => ZoneResolver.Parse("\n" + line));
        Assert.Contains("Line 2", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.25", "25.2.0.192.in-addr.arpa")]
    [InlineData("::ffff:192.0.2.25", "25.2.0.192.in-addr.arpa")]
    [InlineData("2001:db8::25", "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")]
    public async Task An_address_has_a_reverse_name(string address, string name)
    {
        _zone.AddPtr(address, "mx.example.org");
        Assert.Equal("mx.example.org", Assert.IsType<PtrRecord>(Assert.Single((await Ask(name, DnsRecordType.PTR)).Records)).Target);
    }

    [Fact]
    public async Task The_zone_may_change_while_it_is_asked()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                _zone.AddTxt($"n{i}.example", $"{worker}");
                Assert.Equal(DnsStatus.Found, (await Ask($"n{i}.example", DnsRecordType.TXT)).Status);
            }
        })));
        Assert.Equal(4, (await Ask("n0.example", DnsRecordType.TXT)).Records.Count);
    }

    private async Task<DnsAnswer> Ask(string name, DnsRecordType type, ZoneResolver? zone = null) =>
        await (zone ?? _zone).QueryAsync(name, type, CancellationToken.None);
}
