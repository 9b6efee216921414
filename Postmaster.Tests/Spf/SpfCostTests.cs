using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf;

public sealed class SpfCostTests
{
    [Fact]
    public async Task Every_term_tells_what_taking_it_out_would_save()
    {
        var cost = await MeasureAsync(Zone("v=spf1 ip4:192.0.2.0/24 include:esp.example include:old.example mx a:%{i}.x.example redirect=more.example")
            .AddTxt("esp.example", "v=spf1 include:in.esp.example a:x.example ~all").AddTxt("in.esp.example", "v=spf1 ip4:192.0.2.1 exists:%{i}.example")
            .AddTxt("old.example", "v=spf1 a mx ptr -all").AddTxt("more.example", "v=spf1 ?all"));
        Assert.Equal(11, cost.Lookups);
        Assert.Equal(
            ["include:esp.example 4", "include:old.example 4", "mx 1", "a:%{i}.x.example 1", "redirect=more.example 1"],
            cost.Terms.Select(t => $"{t.Term} {t.Lookups}"));
        Assert.Equal("in.esp.example", cost.Terms[0].Inner!.Terms[0].Inner!.Domain);
    }

    [Fact]
    public async Task What_cannot_be_read_is_named_and_costs_its_own_look_up()
    {
        var cost = await MeasureAsync(Zone("v=spf1 include:gone.example include:bad.example include:two.example include:down.example include:%{d}.x.example")
            .AddTxt("bad.example", "v=spf1 moo").AddTxt("two.example", "v=spf1 a").AddTxt("two.example", "v=spf1 mx").Fail("down.example"));
        Assert.Equal(5, cost.Lookups);
        Assert.Equal(
            [SpfProblem.NoRecord, SpfProblem.UnknownMechanism, SpfProblem.SeveralRecords, SpfProblem.DnsFailure, null],
            cost.Terms.Select(t => t.Inner?.Problem));
    }

    [Fact]
    public async Task Loops_and_explosions_end()
    {
        var zone = Zone("v=spf1 " + string.Concat(Enumerable.Repeat("include:example.org ", 50)));
        var cost = await MeasureAsync(zone);
        Assert.InRange(cost.Lookups, 11, 5000);
        Assert.InRange(zone.Queries.Count, 11, 100);
    }

    private static async Task<SpfCost> MeasureAsync(IDnsResolver dns) => await new SpfEvaluator(dns).MeasureAsync(DomainName.Parse("example.org"), CancellationToken.None);
}
