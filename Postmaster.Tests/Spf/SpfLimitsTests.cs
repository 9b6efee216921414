using System.Globalization;
using System.Net;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Spf;
using Postmaster.Tests.Support;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf;

public sealed class SpfLimitsTests
{
    [Fact]
    public async Task Ten_terms_may_ask_DNS_and_the_eleventh_is_permerror()
    {
        var ten = Zone("v=spf1" + Repeat(" a", 10) + " -all").AddAddress("example.org", "198.51.100.1");
        var result = await CheckAsync(ten);
        Assert.Equal((SpfStatus.Fail, 10, 0), (result.Status, result.Lookups, result.VoidLookups));

        var eleven = await CheckAsync(Zone("v=spf1" + Repeat(" a", 11) + " -all").AddAddress("example.org", "198.51.100.1"));
        Assert.Equal((SpfStatus.PermError, SpfProblem.TooManyLookups, 11), (eleven.Status, eleven.Problem, eleven.Lookups));
    }

    [Fact]
    public async Task Every_kind_of_term_that_asks_counts_and_no_other()
    {
        var zone = Zone("v=spf1 ip4:198.51.100.1 ip6:2001:db8::1 a mx ptr exists:none.example.org include:in.example redirect=other.example exp=why.example.org")
            .AddAddress("example.org", "198.51.100.1").AddMx("example.org", 10, "example.org").AddPtr(Client, "elsewhere.example")
            .AddAddress("none.example.org.x", "127.0.0.2").AddTxt("in.example", "v=spf1 a:example.org -all").AddTxt("other.example", "v=spf1 ?all");
        Assert.Equal(7, (await CheckAsync(zone)).Lookups);
    }

    [Fact]
    public async Task Includes_and_redirects_share_the_limit()
    {
        var result = await CheckAsync(Zone("v=spf1 include:in.example a a a -all").AddAddress("example.org", "198.51.100.1")
            .AddTxt("in.example", "v=spf1" + Repeat(" a:example.org", 7)));
        Assert.Equal((SpfProblem.TooManyLookups, "a at example.org"), (result.Problem, result.Detail));
    }

    [Theory]
    [InlineData("v=spf1 include:example.org")]
    [InlineData("v=spf1 redirect=example.org")]
    [InlineData("v=spf1 include:%{d} include:%{d} include:%{d}")]
    public async Task A_record_that_leads_to_itself_ends_at_the_limit(string record)
    {
        var zone = Zone(record);
        var result = await CheckAsync(zone);
        Assert.Equal((SpfProblem.TooManyLookups, 11), (result.Problem, result.Lookups));
        Assert.Equal(11, zone.Queries.Count);
    }

    [Fact]
    public async Task Two_look_ups_may_be_void_and_the_third_is_permerror()
    {
        var two = await CheckAsync(Zone("v=spf1 a:x.example mx:y.example ?all"));
        Assert.Equal((SpfStatus.Neutral, 2), (two.Status, two.VoidLookups));
        var three = await CheckAsync(Zone("v=spf1 a:x.example mx:y.example exists:z.example ?all"));
        Assert.Equal((SpfProblem.TooManyVoidLookups, 3), (three.Problem, three.VoidLookups));
        await ExpectAsync(SpfProblem.TooManyVoidLookups, Zone("v=spf1 a mx ptr ?all").AddAddress("example.org", Client6)); // NODATA as well
        await ExpectAsync(SpfStatus.Neutral, Zone("v=spf1 a mx ?all exp=x.example"));
    }

    [Fact]
    public async Task Hosts_without_an_address_of_the_client_s_family_are_void_once()
    {
        var zone = Zone("v=spf1 mx ?all").AddMx("example.org", 1, "a.example").AddMx("example.org", 2, "b.example").AddMx("example.org", 3, "c.example")
            .AddAddress("a.example", "198.51.100.1").AddAddress("b.example", "198.51.100.1").AddAddress("c.example", "198.51.100.1");
        var result = await CheckAsync(zone, Client6);
        Assert.Equal((SpfStatus.Neutral, 1), (result.Status, result.VoidLookups));
        Assert.Equal(0, (await CheckAsync(zone.AddAddress("c.example", "2001:db8::9"), Client6)).VoidLookups);
    }

    [Theory]
    [InlineData(10, SpfStatus.Pass)]
    [InlineData(11, SpfStatus.PermError)]
    public async Task More_than_ten_MX_names_are_permerror_even_when_the_first_would_match(int count, SpfStatus status)
    {
        var zone = Zone("v=spf1 mx -all").AddAddress("mx.example.org", Client);
        for (var i = 0; i < count; i++)
            zone.AddMx("example.org", (ushort)i, i == 0 ? "mx.example.org" : Invariant($"mx{i}.example.org"));
        await ExpectAsync(status, zone);
    }

    [Fact]
    public async Task Of_the_client_s_names_the_first_ten_count()
    {
        ZoneResolver Names(int before)
        {
            var zone = Zone("v=spf1 ptr -all");
            for (var i = 0; i < before; i++)
                zone.AddPtr(Client, Invariant($"h{i}.example.net"));
            return zone.AddPtr(Client, "h.example.org").AddAddress("h.example.org", Client);
        }
        await ExpectAsync(SpfStatus.Pass, Names(9));
        await ExpectAsync(SpfStatus.Fail, Names(10));
    }

    [Fact]
    public async Task Addresses_of_one_name_have_no_limit()
    {
        var zone = Zone("v=spf1 a -all");
        for (var i = 1; i <= 200; i++)
            zone.AddAddress("example.org", Invariant($"198.51.100.{i}"));
        await ExpectAsync(SpfStatus.Pass, zone.AddAddress("example.org", Client));
    }

    [Fact]
    public async Task The_client_s_name_in_a_macro_costs_one_look_up()
    {
        var zone = Zone("v=spf1 exists:%{p}.x.example exists:%{p}.y.example ?all").AddPtr(Client, "h.example.org").AddAddress("h.example.org", Client);
        Assert.Equal(3, (await CheckAsync(zone)).Lookups);
        var full = Zone("v=spf1" + Repeat(" a", 9) + " exists:%{p}.x.example -all").AddAddress("example.org", "198.51.100.1").AddPtr(Client, "h.example.org");
        await ExpectAsync(SpfProblem.TooManyLookups, full);
        Assert.DoesNotContain(full.Queries, q => q.Type == DnsRecordType.PTR);
    }

    [Fact]
    public async Task Limits_can_be_set()
    {
        var options = new SpfEvaluatorOptions { MaxLookups = 2, MaxVoidLookups = 0, MaxMxNames = 1 };
        Assert.Equal(SpfProblem.TooManyVoidLookups, (await CheckAsync(Zone("v=spf1 a"), options: options)).Problem);
        var zone = Zone("v=spf1 mx").AddMx("example.org", 1, "a.example").AddMx("example.org", 2, "b.example");
        Assert.Equal(SpfProblem.TooManyMxNames, (await CheckAsync(zone, options: options)).Problem);
        Assert.Equal(SpfProblem.TooManyLookups, (await CheckAsync(Zone("v=spf1 a a a").AddAddress("example.org", Client6), Client, options: options with { MaxVoidLookups = 9 })).Problem);
    }

    [Theory]
    [InlineData("v=spf1 a:slow.example -all")]
    [InlineData("v=spf1 ptr a -all")] // ptr passes over errors, but not over this one
    [InlineData("v=spf1 include:slow.example -all")]
    public async Task A_check_that_takes_too_long_is_temperror(string record)
    {
        var time = new ManualTime();
        var dns = new SilentExcept(Zone(record), "example.org");
        var check = new SpfEvaluator(dns, new SpfEvaluatorOptions { Time = time }).CheckReversePathAsync(IPAddress.Parse(Client), Sender, Helo, CancellationToken.None).AsTask();
        await dns.Waiting.Task.WaitAsync(TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(check.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        var result = await check.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal((SpfStatus.TempError, SpfProblem.TimeLimit), (result.Status, result.Problem));
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_for_DNS()
    {
        using var source = new CancellationTokenSource();
        var dns = new SilentExcept(Zone("v=spf1 a"), "nothing");
        var check = new SpfEvaluator(dns).CheckReversePathAsync(IPAddress.Parse(Client), Sender, Helo, source.Token).AsTask();
        await dns.Waiting.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => check.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Answers for TXT of one name and leaves every other question open for ever.</summary>
    private sealed class SilentExcept(ZoneResolver zone, string name) : IDnsResolver
    {
        public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<DnsAnswer> QueryAsync(string asked, DnsRecordType type, CancellationToken ct)
        {
            if (type == DnsRecordType.TXT && asked.Equals(name, StringComparison.Ordinal))
                return await zone.QueryAsync(asked, type, ct);
            Waiting.TrySetResult();
            return await new TaskCompletionSource<DnsAnswer>().Task;
        }
    }
}
