using System.Text.Json;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Cli;

public sealed class CheckDomainTests
{
    private static readonly DkimPrivateKey Key = DkimPrivateKey.CreateRsa();

    [Fact]
    public async Task A_domain_with_everything_in_place_is_ok()
    {
        Verbs said = await CheckAsync(Healthy(), "news.example", "--selector", "s1");
        Assert.Equal((0, ""), (said.Exit, said.Error));
        Assert.StartsWith("DOMAIN OK - news.example", said.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_json_names_what_stands_in_the_dns()
    {
        Verbs said = await CheckAsync(Healthy(), "news.example", "--json", "--selector", "s1");
        JsonElement domain = said.Json;
        Assert.Equal("ok", domain.GetProperty("status").GetString());
        Assert.Equal("mx1.news.example", domain.GetProperty("mx")[0].GetProperty("exchange").GetString());
        Assert.Equal("v=spf1 ip4:192.0.2.1 -all", domain.GetProperty("spf")[0].GetString());
        Assert.Equal("_dmarc.news.example", domain.GetProperty("dmarc").GetProperty("name").GetString());
        Assert.Equal(2048, domain.GetProperty("dkim")[0].GetProperty("key_bits").GetInt32());
        Assert.Equal("postmaster-verification=abc", domain.GetProperty("ownership").GetProperty("values")[0].GetString());
        Assert.True(domain.GetProperty("reverse_names")[0].GetProperty("confirmed").GetBoolean());
        Assert.Equal(0, domain.GetProperty("findings").GetArrayLength());
    }

    [Fact]
    public async Task One_line_is_printed_for_each_domain()
    {
        Verbs said = await CheckAsync(Healthy(), "news.example", "xn--bcher-kva.example", "bücher.example", "--json");
        string[] lines = said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["news.example", "xn--bcher-kva.example", "xn--bcher-kva.example"], lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("domain").GetString()));
    }

    [Theory]
    [InlineData("no-spf", 1)]
    [InlineData("several-spf", 2)]
    [InlineData("spf-allows-all", 2)]
    [InlineData("bad-spf", 2)]
    [InlineData("spf-too-many-lookups", 2)]
    [InlineData("no-dmarc", 1)]
    [InlineData("several-dmarc", 2)]
    [InlineData("no-mx", 1)]
    [InlineData("null-mx", 1)]
    [InlineData("mx-without-address", 2)]
    [InlineData("no-dkim-key", 2)]
    [InlineData("bad-dkim-key", 2)]
    [InlineData("no-such-domain", 2)]
    [InlineData("spf-unknown", 3)]
    public async Task What_is_wrong_is_named_and_decides_the_exit_code(string code, int exit)
    {
        Verbs said = await CheckAsync(Broken(code), "news.example", "--json", "--selector", "s1");
        Assert.Contains(code, said.Json.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("code").GetString()));
        Assert.Equal(exit, said.Exit);
    }

    [Fact]
    public async Task A_parent_s_dmarc_record_is_found_by_the_tree_walk()
    {
        ZoneResolver zone = Healthy().AddTxt("a.b.news.example", "v=spf1 -all").AddMx("a.b.news.example", 10, "mx1.news.example");
        Verbs said = await CheckAsync(zone, "a.b.news.example", "--json");
        Assert.Equal("_dmarc.news.example", said.Json.GetProperty("dmarc").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Of_several_parents_with_a_dmarc_record_the_organizational_domain_s_counts()
    {
        ZoneResolver zone = Healthy().AddTxt("_dmarc.b.news.example", "v=DMARC1; p=none").AddMx("a.b.news.example", 10, "mx1.news.example");
        Verbs said = await CheckAsync(zone, "a.b.news.example", "--json");
        Assert.Equal("v=DMARC1; p=reject", said.Json.GetProperty("dmarc").GetProperty("records")[0].GetString());
    }

    [Fact]
    public async Task Of_several_reverse_names_the_one_that_leads_back_is_told()
    {
        ZoneResolver zone = Healthy();
        zone.Remove("1.2.0.192.in-addr.arpa");
        Verbs said = await CheckAsync(zone.AddPtr("192.0.2.1", "old.news.example").AddPtr("192.0.2.1", "mx1.news.example"), "news.example", "--json");
        JsonElement reverse = said.Json.GetProperty("reverse_names")[0];
        Assert.Equal(("mx1.news.example", true), (reverse.GetProperty("name").GetString(), reverse.GetProperty("confirmed").GetBoolean()));
    }

    [Fact]
    public async Task Control_characters_of_a_record_do_not_reach_the_terminal()
    {
        ZoneResolver zone = Healthy();
        zone.Remove("news.example", DnsRecordType.TXT);
        Verbs said = await CheckAsync(zone.AddTxt("news.example", "v=spf1 \u001b[31m -all"), "news.example");
        Assert.DoesNotContain('\u001b', said.Output);
    }

    [Theory]
    [InlineData("nope..x")]
    [InlineData("")]
    public async Task A_name_that_is_none_is_unknown_to_a_monitor(string name)
    {
        Verbs said = await Verbs.RunAsync("check", "domain", name);
        Assert.Equal(3, said.Exit);
        Assert.Contains("is not a domain name", said.Error, StringComparison.Ordinal);
        Assert.Contains("--help", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_none_is_named_with_the_right_form()
    {
        Verbs said = await Verbs.RunAsync("check", "domain", "news.example", "--dns", "nonsense");
        Assert.Equal(3, said.Exit);
        Assert.Contains("--dns nonsense", said.Error, StringComparison.Ordinal);
    }

    private static async Task<Verbs> CheckAsync(ZoneResolver zone, params string[] arguments)
    {
        await using LoopbackDnsServer server = LoopbackDnsServer.Start(zone);
        return await Verbs.RunAsync(["check", "domain", .. arguments, "--dns", server.EndPoint.ToString()]);
    }

    private static ZoneResolver Healthy() => new ZoneResolver()
        .AddMx("news.example", 10, "mx1.news.example")
        .AddAddress("mx1.news.example", "192.0.2.1")
        .AddPtr("192.0.2.1", "mx1.news.example")
        .AddTxt("news.example", "v=spf1 ip4:192.0.2.1 -all")
        .AddTxt("_dmarc.news.example", "v=DMARC1; p=reject")
        .AddTxt("s1._domainkey.news.example", Key.PublicKeyRecord)
        .AddTxt("_postmaster-challenge.news.example", "postmaster-verification=abc");

    private static ZoneResolver Broken(string code)
    {
        ZoneResolver zone = Healthy();
        switch (code)
        {
            case "no-spf":
                zone.Remove("news.example", DnsRecordType.TXT);
                break;
            case "several-spf":
                zone.AddTxt("news.example", "v=spf1 -all");
                break;
            case "spf-allows-all":
                zone.Remove("news.example", DnsRecordType.TXT);
                zone.AddTxt("news.example", "v=spf1 +all");
                break;
            case "bad-spf":
                zone.Remove("news.example", DnsRecordType.TXT);
                zone.AddTxt("news.example", "v=spf1 ip4:192.0.2.300 -all");
                break;
            case "spf-too-many-lookups":
                zone.Remove("news.example", DnsRecordType.TXT);
                zone.AddTxt("news.example", "v=spf1 include:one.example include:two.example -all");
                zone.AddTxt("one.example", "v=spf1 a:a.example a:b.example a:c.example a:d.example -all").AddTxt("two.example", "v=spf1 a:a.example a:b.example a:c.example a:d.example mx -all");
                break;
            case "no-dmarc":
                zone.Remove("_dmarc.news.example");
                break;
            case "several-dmarc":
                zone.AddTxt("_dmarc.news.example", "v=DMARC1; p=none");
                break;
            case "no-mx":
                zone.Remove("news.example", DnsRecordType.MX);
                break;
            case "null-mx":
                zone.Remove("news.example", DnsRecordType.MX);
                zone.AddMx("news.example", 0, ".");
                break;
            case "mx-without-address":
                zone.Remove("mx1.news.example", DnsRecordType.A);
                break;
            case "no-dkim-key":
                zone.Remove("s1._domainkey.news.example");
                break;
            case "bad-dkim-key":
                zone.Remove("s1._domainkey.news.example");
                zone.AddTxt("s1._domainkey.news.example", "v=DKIM1; p=AAAA");
                break;
            case "no-such-domain":
                return new ZoneResolver();
            case "spf-unknown":
                zone.Fail("news.example");
                break;
        }

        return zone;
    }
}
