using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Spf;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf;

public sealed class SpfTraceTests
{
    [Fact]
    public async Task Every_term_tells_how_it_came_out_what_DNS_said_and_what_it_cost()
    {
        var zone = Zone("v=spf1 ip4:198.51.100.1 a include:in.example mx -all")
            .AddAddress("example.org", "198.51.100.2").AddTxt("in.example", "v=spf1 a:gone.example ip4:192.0.2.0/24 -all");
        var result = await CheckAsync(zone);
        Assert.Equal((SpfStatus.Pass, "include:in.example", 3, 1), (result.Status, result.Mechanism, result.Lookups, result.VoidLookups));
        Assert.Equal("include:in.example matched", result.Reason);

        var trace = result.Trace!;
        Assert.Equal(("example.org", "v=spf1 ip4:198.51.100.1 a include:in.example mx -all", DnsStatus.Found), (trace.Domain, trace.Record, trace.Answer.Status));
        Assert.Equal(
            ["ip4:198.51.100.1 NoMatch 0 0", "a NoMatch 1 0", "include:in.example Match 2 1"], // mx was not looked at
            trace.Steps.Select(s => $"{s.Term} {s.Outcome} {s.Lookups} {s.VoidLookups}"));
        Assert.Equal(("example.org", "1 A record from the zone in memory"), (trace.Steps[1].Target, Assert.Single(trace.Steps[1].Answers).Describe()));

        var inner = trace.Steps[2].Inner!;
        Assert.Equal((SpfStatus.Pass, "in.example", "ip4:192.0.2.0/24"), (inner.Status, inner.Domain, inner.Mechanism));
        Assert.Equal(["a:gone.example NoMatch", "ip4:192.0.2.0/24 Match"], inner.Steps.Select(s => $"{s.Term} {s.Outcome}"));
    }

    [Fact]
    public async Task A_redirect_is_a_step_with_the_other_record_inside()
    {
        var result = await CheckAsync(Zone("v=spf1 redirect=other.example").AddTxt("other.example", "v=spf1 ~all"));
        var step = Assert.Single(result.Trace!.Steps);
        Assert.Equal(("redirect=other.example", SpfOutcome.Redirected, 1, "~all"), (step.Term, step.Outcome, step.Lookups, step.Inner?.Mechanism));
        Assert.Equal("~all", result.Mechanism);
    }

    [Fact]
    public async Task Problems_name_the_term_and_the_place()
    {
        await SaysAsync("unknown mechanism: moo at example.org", Zone("v=spf1 moo -all"));
        await SaysAsync("the included domain has no SPF record: gone.example", Zone("v=spf1 include:gone.example"));
        await SaysAsync("unknown mechanism: moo at in.example", Zone("v=spf1 include:in.example").AddTxt("in.example", "v=spf1 moo"));
        await SaysAsync("DNS could not answer: x.example: SERVFAIL from the zone in memory", Zone("v=spf1 a:x.example").Fail("x.example"));
        await SaysAsync("more look-ups without an answer than allowed: a:z.example at example.org", Zone("v=spf1 a:x.example a:y.example a:z.example"));
        await SaysAsync("no SPF record: example.org", new ZoneResolver());
        await SaysAsync("no mechanism matched", Zone("v=spf1"));

        static async Task SaysAsync(string reason, ZoneResolver zone) => Assert.Equal(reason, (await CheckAsync(zone)).Reason);
    }

    [Fact]
    public async Task The_words_hold_no_controls_of_the_record()
    {
        var result = await CheckAsync(Zone("v=spf1 moo\u001b[31m\u0007"));
        Assert.Equal("a character other than visible US-ASCII and spaces: moo?[31m? at example.org", result.Reason);
    }
}
