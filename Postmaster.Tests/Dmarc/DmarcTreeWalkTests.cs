using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Dns;
using static Postmaster.Tests.Dmarc.DmarcKit;

namespace Postmaster.Tests.Dmarc;

public sealed class DmarcTreeWalkTests
{
    [Theory]
    [InlineData("example", "example")]
    [InlineData("a.example.org", "a.example.org example.org org")]
    [InlineData("g.f.e.d.c.b.a", "g.f.e.d.c.b.a f.e.d.c.b.a e.d.c.b.a d.c.b.a c.b.a b.a a")] // seven labels
    [InlineData("h.g.f.e.d.c.b.a", "h.g.f.e.d.c.b.a g.f.e.d.c.b.a f.e.d.c.b.a e.d.c.b.a d.c.b.a c.b.a b.a a")] // eight
    [InlineData("k.j.i.h.g.f.e.d.c.b.a", "k.j.i.h.g.f.e.d.c.b.a g.f.e.d.c.b.a f.e.d.c.b.a e.d.c.b.a d.c.b.a c.b.a b.a a")] // more are passed over
    public async Task A_walk_asks_eight_times_at_most(string start, string names)
    {
        var zone = new ZoneResolver();
        await JudgeAsync(zone, start);
        Assert.Equal(names.Split(' ').Select(n => "_dmarc." + n), zone.Queries.Select(q => q.Name));
    }

    [Fact]
    public async Task Without_any_record_a_domain_is_its_own() => Assert.Equal("a.b.example.org", await OrganizationalDomainAsync(new ZoneResolver(), "a.b.example.org"));

    [Fact]
    public async Task The_record_with_the_fewest_labels_is_the_organizational_domain_s()
    {
        Assert.Equal("example.org", await OrganizationalDomainAsync(Zone("b.example.org", "v=DMARC1; p=none", "example.org", "v=DMARC1; p=none"), "a.b.example.org"));
        Assert.Equal("b.example.org", await OrganizationalDomainAsync(Zone("a.b.example.org", "v=DMARC1; p=none", "b.example.org", "v=DMARC1; p=none"), "a.b.example.org"));
        Assert.Equal("org", await OrganizationalDomainAsync(Zone("org", "v=DMARC1; p=none"), "a.b.example.org")); // a registry that forgot psd=y
    }

    [Fact]
    public async Task Psd_n_is_the_organizational_domain_and_ends_the_walk()
    {
        var zone = Zone("b.example.org", "v=DMARC1; p=none; psd=n", "example.org", "v=DMARC1; p=none");
        Assert.Equal("b.example.org", await OrganizationalDomainAsync(zone, "a.b.example.org"));
        Assert.DoesNotContain(zone.Queries, q => q.Name is "_dmarc.example.org");
        Assert.Equal("b.example.org", await OrganizationalDomainAsync(zone, "b.example.org"));
    }

    [Fact]
    public async Task One_label_below_psd_y_is_the_organizational_domain()
    {
        var zone = Zone("bank.example", "v=DMARC1; p=reject; psd=y", "big.bank.example", "v=DMARC1; p=none");
        Assert.Equal("big.bank.example", await OrganizationalDomainAsync(zone, "big.bank.example"));
        Assert.Equal("big.bank.example", await OrganizationalDomainAsync(zone, "mail.big.bank.example"));
        Assert.Equal("small.bank.example", await OrganizationalDomainAsync(zone, "a.b.small.bank.example"));
        Assert.DoesNotContain(zone.Queries, q => q.Name is "_dmarc.example"); // the walk ended
        Assert.Equal("bank.example", await OrganizationalDomainAsync(zone, "bank.example")); // at the start it does not count
    }

    [Fact]
    public async Task The_label_below_may_be_one_that_the_walk_passed_over()
        => Assert.Equal("h.g.f.e.d.c.b.a", await OrganizationalDomainAsync(Zone("g.f.e.d.c.b.a", "v=DMARC1; p=reject; psd=y"), "k.j.i.h.g.f.e.d.c.b.a"));

    [Fact]
    public async Task Several_records_at_a_name_are_as_none()
    {
        var zone = Zone("example.org", "v=DMARC1; p=reject", "b.example.org", "v=DMARC1; p=none").AddTxt("_dmarc.example.org", "v=DMARC1; p=none; x=y");
        Assert.Equal("b.example.org", await OrganizationalDomainAsync(zone, "b.example.org"));
        var result = await JudgeAsync(zone, "example.org");
        Assert.Equal((DmarcStatus.None, DmarcProblem.SeveralRecords), (result.Status, result.Problem));
        Assert.Equal(DmarcStatus.Fail, (await JudgeAsync(zone.AddTxt("_dmarc.c.example.org", "something else").AddTxt("_dmarc.c.example.org", "v=DMARC1; p=none"), "c.example.org")).Status);
    }

    [Fact]
    public async Task Every_name_is_asked_for_once_a_message()
    {
        var zone = Zone("example.org", "v=DMARC1; p=reject");
        await JudgeAsync(zone, "a.example.org", Sent("b.example.org"), null, Signed("c.example.org"), Signed("d.c.example.org"));
        Assert.Equal(zone.Queries.Count, zone.Queries.Distinct().Count());
    }

    [Fact]
    public async Task The_queries_of_a_message_share_a_budget()
    {
        var signatures = Enumerable.Range(0, 16).Select(i => Signed($"h{i}.g{i}.f{i}.e{i}.d{i}.example.org")).ToArray();
        var zone = Zone("example.org", "v=DMARC1; p=reject", "d15.example.org", "v=DMARC1; p=reject; psd=n");
        var result = await JudgeAsync(zone, "example.org", null, new DmarcEvaluatorOptions { MaxQueries = 20 }, signatures);
        Assert.Equal(DmarcStatus.Pass, result.Status); // the first ones are aligned
        Assert.InRange(zone.Queries.Count, 1, 20);

        foreach (var i in Enumerable.Range(0, 16))
            zone.AddTxt($"_dmarc.d{i}.example.org", "v=DMARC1; p=reject; psd=n");
        result = await JudgeAsync(zone, "example.org", null, new DmarcEvaluatorOptions { MaxQueries = 20 }, signatures);
        Assert.Equal((DmarcStatus.PermError, DmarcProblem.TooManyQueries), (result.Status, result.Problem));
    }
}
