using System.Net;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf;

public sealed class SpfEvaluatorTests
{
    [Theory]
    [InlineData("anna@example..org")] // an empty label
    [InlineData("anna@localhost")] // a single one
    [InlineData("anna@[192.0.2.1]")] // a literal
    [InlineData("anna@192.0.2.1")] // an address
    [InlineData("anna@a234567890123456789012345678901234567890123456789012345678901234.org")] // 64 characters
    [InlineData("anna@exam ple.org")]
    [InlineData("@")]
    public async Task What_is_no_domain_has_no_policy_and_costs_no_query(string sender)
    {
        var zone = Zone("v=spf1 -all");
        var result = await CheckAsync(zone, sender: sender);
        Assert.Equal((SpfStatus.None, SpfProblem.BadDomain, null, null), (result.Status, result.Problem, result.Domain, result.Trace));
        Assert.Empty(zone.Queries);
    }

    [Theory]
    [InlineData("anna@EXAMPLE.org.")] // case and a dot at the end
    [InlineData("example.org")] // no local-part
    [InlineData("@example.org")]
    [InlineData("a@b@example.org")] // the last one parts
    public async Task The_domain_is_what_stands_behind_the_last_at_sign(string sender) => await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 -all"), sender: sender);

    [Fact]
    public async Task A_domain_in_Unicode_is_asked_for_by_its_A_labels()
    {
        var zone = new ZoneResolver().AddTxt("xn--bcher-kva.example", "v=spf1 exists:%{o}.%{d}.example.net -all");
        zone.AddAddress("xn--bcher-kva.example.xn--bcher-kva.example.example.net", "127.0.0.2");
        var result = await CheckAsync(zone, sender: "anna@bücher.example");
        Assert.Equal((SpfStatus.Pass, "xn--bcher-kva.example"), (result.Status, result.Domain?.Ascii));
    }

    [Fact]
    public async Task Without_a_record_there_is_none()
    {
        await ExpectAsync(SpfProblem.NoRecord, new ZoneResolver()); // NXDOMAIN
        await ExpectAsync(SpfProblem.NoRecord, new ZoneResolver().AddAddress("example.org", Client)); // NODATA
        await ExpectAsync(SpfProblem.NoRecord, Zone("v=spf10 -all")); // another version
        await ExpectAsync(SpfProblem.NoRecord, Zone("google-site-verification=x"));
    }

    [Fact]
    public async Task Two_records_are_an_error_and_other_text_is_none_of_ours()
    {
        await ExpectAsync(SpfProblem.SeveralRecords, Zone("v=spf1 -all").AddTxt("example.org", "V=SPF1 +all"));
        await ExpectAsync(SpfProblem.SeveralRecords, Zone("v=spf1 a").AddTxt("example.org", "v=spf1 b").AddTxt("example.org", "v=spf1 c"));
        await ExpectAsync(SpfStatus.Fail, Zone("v=spf1 -all").AddTxt("example.org", "v=spf2.0/pra ?all").AddTxt("example.org", "\u0096"));
    }

    [Fact]
    public async Task The_strings_of_a_record_are_joined_without_a_space()
    {
        var txt = new TxtRecord("example.org", TimeSpan.FromMinutes(1), ["v=spf1 ip4:"u8.ToArray(), "192.0.2.1 -all"u8.ToArray()]);
        await ExpectAsync(SpfStatus.Pass, new ZoneResolver().Add(txt));
        await ExpectAsync(SpfProblem.NoRecord, new ZoneResolver().Add(txt with { Strings = ["v=spf1"u8.ToArray(), "-all"u8.ToArray()] }));
    }

    [Theory]
    [InlineData(DnsStatus.ServFail)]
    [InlineData(DnsStatus.Timeout)]
    public async Task What_DNS_fails_to_answer_may_be_known_later(DnsStatus failure)
    {
        await ExpectAsync(SpfProblem.DnsFailure, Zone("v=spf1 -all").Fail("example.org", failure));
        foreach (var term in (string[])["a:x.example", "mx:x.example", "exists:x.example", "include:x.example", "redirect=x.example"])
            await ExpectAsync(SpfProblem.DnsFailure, Zone("v=spf1 " + term).Fail("x.example", failure));
        await ExpectAsync(SpfProblem.DnsFailure, Zone("v=spf1 mx").AddMx("example.org", 10, "x.example").Fail("x.example", failure));
    }

    [Theory]
    [InlineData("v=spf1", SpfStatus.Neutral)] // nothing matched
    [InlineData("v=spf1 ?all", SpfStatus.Neutral)]
    [InlineData("v=spf1 all", SpfStatus.Pass)]
    [InlineData("v=spf1 +all", SpfStatus.Pass)]
    [InlineData("v=spf1 -all", SpfStatus.Fail)]
    [InlineData("v=spf1 ~all", SpfStatus.SoftFail)]
    [InlineData("v=spf1 ~all -all", SpfStatus.SoftFail)] // the first match counts
    [InlineData("v=spf1 ip4:192.0.2.1 -all", SpfStatus.Pass)]
    [InlineData("v=spf1 ip4:192.0.2.2 -all", SpfStatus.Fail)]
    [InlineData("v=spf1 ip4:192.0.2.200/24 -all", SpfStatus.Pass)]
    [InlineData("v=spf1 ip4:192.0.2.2/31 -all", SpfStatus.Fail)]
    [InlineData("v=spf1 ip4:10.0.0.0/0 -all", SpfStatus.Pass)]
    [InlineData("v=spf1 ip6:::/0 -all", SpfStatus.Fail)] // another family
    [InlineData("v=spf1 ip6:::ffff:192.0.2.1 ?all", SpfStatus.Neutral)] // however it is written
    public async Task Mechanisms_without_DNS_are_judged_by_the_address(string record, SpfStatus status)
    {
        await ExpectAsync(status, Zone(record));
        await ExpectAsync(status, Zone(record), ip: "::ffff:" + Client); // the same client
    }

    [Theory]
    [InlineData("v=spf1 ip6:2001:db8::/32 -all", SpfStatus.Pass)]
    [InlineData("v=spf1 ip6:2001:db8::2 -all", SpfStatus.Fail)]
    [InlineData("v=spf1 ip6:2001:db8:8000::/33 -all", SpfStatus.Fail)]
    [InlineData("v=spf1 ip4:0.0.0.0/0 -all", SpfStatus.Fail)]
    public async Task An_IPv6_client_is_judged_by_ip6(string record, SpfStatus status) => await ExpectAsync(status, Zone(record), Client6);

    [Fact]
    public async Task The_zone_of_an_address_does_not_count()
        => Assert.Equal(SpfStatus.Pass, (await new SpfEvaluator(Zone("v=spf1 a -all").AddAddress("example.org", "fe80::1")).CheckReversePathAsync(
            new IPAddress(IPAddress.Parse("fe80::1").GetAddressBytes(), 3), Sender, Helo, CancellationToken.None)).Status);

    [Fact]
    public async Task A_null_reverse_path_is_postmaster_at_the_HELO_name()
    {
        var zone = new ZoneResolver().AddTxt(Helo, "v=spf1 exists:%{l}.%{o} -all").AddAddress("postmaster." + Helo, "127.0.0.2");
        var result = await CheckAsync(zone, sender: "");
        Assert.Equal((SpfStatus.Pass, SpfIdentity.NullMailFrom, Helo), (result.Status, result.Identity, result.Domain?.Ascii));

        var evaluator = new SpfEvaluator(zone);
        Assert.Equal(result.Status, (await evaluator.CheckAsync(IPAddress.Parse(Client), null, Helo, CancellationToken.None)).Status);
        var helo = await evaluator.CheckHeloAsync(IPAddress.Parse(Client), Helo, CancellationToken.None);
        Assert.Equal((SpfStatus.Pass, SpfIdentity.Helo), (helo.Status, helo.Identity));
        var mailFrom = await evaluator.CheckAsync(IPAddress.Parse(Client), MailAddress.Parse(Sender), Helo, CancellationToken.None);
        Assert.Equal((SpfStatus.None, SpfIdentity.MailFrom), (mailFrom.Status, mailFrom.Identity));
    }

    [Fact]
    public async Task A_cancelled_check_is_no_verdict()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await new SpfEvaluator(Zone("v=spf1 -all")).CheckReversePathAsync(IPAddress.Parse(Client), Sender, Helo, source.Token));
    }
}
