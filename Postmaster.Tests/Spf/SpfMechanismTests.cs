using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Spf;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf;

public sealed class SpfMechanismTests
{
    [Fact]
    public async Task An_address_of_the_domain_matches_a()
    {
        await ExpectAsync(SpfStatus.Pass, Zone("v=spf1 a -all").AddAddress("example.org", "198.51.100.1").AddAddress("example.org", Client));
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 a -all").AddAddress("example.org", "192.0.2.2"));
        await ExpectAsync(SpfStatus.Pass, Zone("v=spf1 a/24 -all").AddAddress("example.org", "192.0.2.2"));
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 a//24 -all").AddAddress("example.org", "192.0.2.2")); // that length is for IPv6
        await ExpectAsync(SpfStatus.Pass, Zone("v=spf1 a:host.example.net -all").AddAddress("host.example.net", Client));
        await ExpectAsync(SpfStatus.Pass, Zone("v=spf1 a:alias.example.net -all").AddCname("alias.example.net", "host.example.net").AddAddress("host.example.net", Client));
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 a/0 -all")); // no address, nothing to match
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 a/0 -all").AddAddress("example.org", Client6)); // none of the client's family
    }

    [Fact]
    public async Task An_IPv6_client_is_looked_for_among_AAAA_records()
    {
        var zone = Zone("v=spf1 a:host.example.net//64 -all").AddAddress("host.example.net", "2001:db8::ffff").AddAddress("host.example.net", Client);
        await ExpectAsync(SpfStatus.Pass, zone, Client6);
        Assert.Equal([DnsRecordType.TXT, DnsRecordType.AAAA], zone.Queries.Select(q => q.Type));
        await ExpectAsync(SpfStatus.Fail, zone, "2001:db8:0:1::1");
    }

    [Fact]
    public async Task Names_that_DNS_cannot_hold_match_nothing()
    {
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 a:x..example.org exists:x..example.org mx:x..example.org ptr:x..example.org -all"));
        await ExpectAsync(SpfStatus.Fail, Zone($"v=spf1 a:{new string('a', 64)}.example.org -all"));
        await ExpectAsync(SpfProblem.IncludeWithoutRecord, Zone("v=spf1 include:x..example.org -all"));
    }

    [Fact]
    public async Task Odd_characters_of_a_name_reach_DNS_as_they_are()
    {
        await ExpectAsync(SpfStatus.Pass, Zone("v=spf1 a:x:y/z.example.org -all").AddAddress("x:y/z.example.org", Client));
        await ExpectAsync(SpfStatus.Pass, Zone("v=spf1 a:back\\slash%_.example.org -all").AddAddress("back\\\\slash\\032.example.org", Client));
    }

    [Fact]
    public async Task Hosts_of_the_MX_match_mx()
    {
        ZoneResolver Hosts(string record) => Zone(record).AddMx("example.org", 10, "mx1.example.org").AddMx("example.org", 20, "mx2.example.org")
            .AddAddress("mx1.example.org", "198.51.100.1").AddAddress("mx2.example.org", "192.0.2.9");
        await ExpectAsync(SpfStatus.Pass, Hosts("v=spf1 mx -all"), "192.0.2.9");
        await ExpectAsync(SpfStatus.Fail, Hosts("v=spf1 mx -all"));
        await ExpectAsync(SpfStatus.Pass, Hosts("v=spf1 mx/24 -all"));
        await ExpectAsync(SpfStatus.Pass, Hosts("v=spf1 mx:example.org/24 -all"));
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 mx -all").AddAddress("example.org", Client)); // no MX, and no falling back to A
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 mx/0 -all").AddMx("example.org", 0, ".")); // takes no mail
    }

    [Fact]
    public async Task Exists_asks_for_A_whatever_the_client_is()
    {
        var zone = Zone("v=spf1 exists:flag.example.org -all").AddAddress("flag.example.org", "127.0.0.2");
        await ExpectAsync(SpfStatus.Pass, zone);
        await ExpectAsync(SpfStatus.Pass, zone, Client6);
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 exists:flag.example.org -all").AddAddress("flag.example.org", Client6), Client6);
    }

    [Fact]
    public async Task A_validated_name_of_the_client_matches_ptr()
    {
        ZoneResolver Named(string record, string name) => Zone(record).AddPtr(Client, name).AddAddress(name, Client);
        await ExpectAsync(SpfStatus.Pass, Named("v=spf1 ptr -all", "example.org"));
        await ExpectAsync(SpfStatus.Pass, Named("v=spf1 ptr -all", "Host.EXAMPLE.org"));
        await ExpectAsync(SpfStatus.Pass, Named("v=spf1 ptr:example.net -all", "host.example.net"));
        await ExpectAsync(SpfStatus.Fail, Named("v=spf1 ptr -all", "badexample.org")); // whole labels only
        await ExpectAsync(SpfStatus.Fail, Named("v=spf1 ptr -all", "org"));
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 ptr -all").AddPtr(Client, "host.example.org").AddAddress("host.example.org", "192.0.2.2")); // does not lead back
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 ptr -all").Fail(ReverseName.Of(System.Net.IPAddress.Parse(Client)))); // errors match nothing
        await ExpectAsync(SpfStatus.Pass, Named("v=spf1 ptr -all", "b.example.org").AddPtr(Client, "a.example.org").Fail("a.example.org"));
        await ExpectAsync(SpfStatus.Pass, Zone("v=spf1 ptr -all").AddPtr(Client6, "example.org").AddAddress("example.org", Client6), Client6);
    }

    [Theory]
    [InlineData("v=spf1 ip4:192.0.2.1 -all", SpfStatus.Pass)] // pass matches
    [InlineData("v=spf1 -all", SpfStatus.SoftFail)] // nothing else does
    [InlineData("v=spf1 ~all", SpfStatus.SoftFail)]
    [InlineData("v=spf1 ?all", SpfStatus.SoftFail)]
    [InlineData("v=spf1", SpfStatus.SoftFail)]
    [InlineData("v=spf1 oops", SpfStatus.PermError)]
    [InlineData("not a record", SpfStatus.PermError)]
    [InlineData("v=spf1 redirect=pass.example", SpfStatus.Pass)] // with its redirect
    [InlineData("v=spf1 include:pass.example ?all", SpfStatus.Pass)] // and its includes
    public async Task Only_a_pass_of_the_included_record_matches(string included, SpfStatus status)
        => await ExpectAsync(status, Zone("v=spf1 include:in.example ~all").AddTxt("in.example", included).AddTxt("pass.example", "v=spf1 all"));

    [Fact]
    public async Task The_qualifier_of_include_says_what_its_match_means()
    {
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 -include:in.example all").AddTxt("in.example", "v=spf1 all"));
        await ExpectAsync(SpfStatus.Neutral, Zone("v=spf1 ?include:in.example all").AddTxt("in.example", "v=spf1 all"));
    }

    [Fact]
    public async Task A_redirect_counts_when_nothing_matched()
    {
        ZoneResolver Other(string record, string other) => Zone(record).AddTxt("other.example", other);
        await ExpectAsync(SpfStatus.SoftFail, Other("v=spf1 redirect=other.example", "v=spf1 ~all"));
        await ExpectAsync(SpfStatus.Pass, Other("v=spf1 redirect=other.example ip4:192.0.2.1", "v=spf1 ~all")); // wherever it stands
        await ExpectAsync(SpfStatus.Neutral, Other("v=spf1 ?all redirect=other.example", "v=spf1 -all")); // not with an all
        await ExpectAsync(SpfStatus.Neutral, Other("v=spf1 redirect=other.example", "v=spf1"));
        await ExpectAsync(SpfProblem.RedirectWithoutRecord, Other("v=spf1 redirect=other.example", "something"));
        await ExpectAsync(SpfProblem.RedirectWithoutRecord, Zone("v=spf1 redirect=nowhere.example"));
        await ExpectAsync(SpfProblem.UnknownMechanism, Other("v=spf1 redirect=other.example", "v=spf1 oops"));
    }

    [Fact]
    public async Task Includes_and_redirects_speak_of_their_own_domain()
    {
        await ExpectAsync(SpfStatus.Pass, Zone("v=spf1 redirect=other.example").AddTxt("other.example", "v=spf1 a -all").AddAddress("other.example", Client));
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 redirect=other.example").AddTxt("other.example", "v=spf1 a -all").AddAddress("example.org", Client));
        await ExpectAsync(SpfStatus.Pass, Zone("v=spf1 include:other.example -all").AddTxt("other.example", "v=spf1 a").AddAddress("other.example", Client));
    }
}
