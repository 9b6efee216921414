using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Spf;
using Postmaster.Tests.Support;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf;

public sealed class SpfMacroTests
{
    private const string Long = "mike-del.ta+list@news.mail.example.org";

    [Theory]
    [InlineData("%{s}.x", "mike-del.ta+list@news.mail.example.org.x")]
    [InlineData("%{l}", "mike-del.ta+list")]
    [InlineData("%{o}", "news.mail.example.org")]
    [InlineData("%{d}", "news.mail.example.org")]
    [InlineData("%{d2}", "example.org")] // right-hand parts
    [InlineData("%{d1}", "org")]
    [InlineData("%{d9}", "news.mail.example.org")] // more than there are
    [InlineData("%{dr}", "org.example.mail.news")]
    [InlineData("%{d2r}", "mail.news")] // reversed first, then cut
    [InlineData("%{D3R}", "example.mail.news")] // letters of either case
    [InlineData("%{l-}", "mike.del.ta+list")] // other delimiters, joined by dots
    [InlineData("%{lr-}", "del.ta+list.mike")]
    [InlineData("%{l+-}", "mike.del.ta.list")] // several of them; a dot in the text is none then, but stays one
    [InlineData("%{l1r+.-}", "mike")]
    [InlineData("%{i}.x", "192.0.2.1.x")]
    [InlineData("%{ir}.%{v}.arpa", "1.2.0.192.in-addr.arpa")]
    [InlineData("%{h}", "mx.example.net")]
    [InlineData("x%%y%_z%-.example", "x%y z%20.example")]
    public async Task Macros_expand_to_names(string spec, string name) => Assert.Equal(name, await TargetAsync(spec, Client));

    [Theory]
    [InlineData("%{i}", "2.0.0.1.0.D.B.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1")]
    [InlineData("%{ir}.%{v}.arpa", "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6.arpa")]
    [InlineData("%{i3r}.x", "0.0.2.x")]
    public async Task An_IPv6_address_expands_to_nibbles(string spec, string name) => Assert.Equal(name, await TargetAsync(spec, Client6));

    [Theory]
    [InlineData("%{L}.x", "a%2Fb%26c%3D~_-..x")]
    [InlineData("%{S}.x", "a%2Fb%26c%3D~_-.%40example.org.x")]
    public async Task Capital_letters_escape_for_URLs(string spec, string name)
        => Assert.Equal(name, (await CheckAsync(Zone($"v=spf1 exists:{spec}"), sender: "a/b&c=~_-.@example.org")).Trace!.Steps[0].Target);

    [Fact]
    public async Task Long_names_lose_labels_on_the_left()
    {
        var target = await TargetAsync(string.Concat(Enumerable.Repeat("%{d}.", 30)) + "end.example", Client);
        Assert.InRange(target!.Length, 254 - "news.".Length - 1, 253);
        Assert.EndsWith("news.mail.example.org.end.example", target, StringComparison.Ordinal);
        Assert.DoesNotContain("..", target, StringComparison.Ordinal);
        Assert.False(target.StartsWith('.'));
    }

    [Fact]
    public async Task The_dot_at_the_end_is_taken_off_a_name() => Assert.Equal("org.example", await TargetAsync("%{d1}.example.", Client));

    [Fact]
    public async Task The_client_s_validated_name_is_the_one_nearest_to_the_domain()
    {
        ZoneResolver Named(params string[] names)
        {
            var zone = Zone("v=spf1 exists:%{p}.flag.example -all");
            foreach (var name in names)
                zone.AddPtr(Client, name).AddAddress(name, Client);
            return zone;
        }
        Assert.Equal("example.org.flag.example", await FirstAsync(Named("host.example.net", "host.example.org", "example.org")));
        Assert.Equal("host.example.org.flag.example", await FirstAsync(Named("host.example.net", "host.example.org")));
        Assert.Equal("host.example.net.flag.example", await FirstAsync(Named("host.example.net")));
        Assert.Equal("unknown.flag.example", await FirstAsync(Named()));
        Assert.Equal("unknown.flag.example", await FirstAsync(Named().AddPtr(Client, "host.example.org"))); // does not lead back
        Assert.Equal("unknown.flag.example", await FirstAsync(Named().Fail(ReverseName.Of(System.Net.IPAddress.Parse(Client)))));

        static async Task<string?> FirstAsync(ZoneResolver zone) => (await CheckAsync(zone)).Trace!.Steps[0].Target;
    }

    [Fact]
    public async Task A_local_part_beyond_ASCII_matches_nothing()
    {
        var zone = Zone("v=spf1 exists:%{l}.example.net exists:%{s}.example.net a:%{o} ~all").AddAddress("example.org", "198.51.100.1");
        await ExpectAsync(SpfStatus.SoftFail, zone, sender: "jürgen@example.org");
        Assert.DoesNotContain(zone.Queries, q => q.Name.EndsWith("example.net", StringComparison.Ordinal));
        await ExpectAsync(SpfProblem.IncludeWithoutRecord, Zone("v=spf1 include:%{l}.example.net"), sender: "jürgen@example.org");
        Assert.Null((await CheckAsync(Zone("v=spf1 -all exp=%{l}.example.net"), sender: "jürgen@example.org")).Explanation);
    }

    [Theory]
    [InlineData("Mail from %{i} is not ours.", "Mail from 192.0.2.1 is not ours.")] // the dot at the end stays
    [InlineData("%{c} %{r} %{t} %{h} %{l} %{d} %%", "192.0.2.1 mx.provider.example 1767323045 mx.example.net anna example.org %")]
    [InlineData("%{C}", "192.0.2.1")]
    [InlineData("See http://%{d}/why?s=%{S}", "See http://example.org/why?s=anna%40example.org")]
    [InlineData("", "")]
    public async Task The_explanation_expands(string text, string expected)
    {
        var zone = Zone("v=spf1 -all exp=why.%{d}").AddTxt("why.example.org", text);
        var options = new SpfEvaluatorOptions { ReceivingHost = "mx.provider.example", Time = new ManualTime() };
        Assert.Equal(expected, (await CheckAsync(zone, options: options)).Explanation);
    }

    [Fact]
    public async Task What_is_wrong_with_the_explanation_does_not_change_the_result()
    {
        async Task NoneAsync(Func<ZoneResolver, ZoneResolver> spoil)
        {
            var result = await CheckAsync(spoil(Zone("v=spf1 -all exp=why.example.org")));
            Assert.Equal((SpfStatus.Fail, null), (result.Status, result.Explanation));
        }
        await NoneAsync(zone => zone); // NXDOMAIN
        await NoneAsync(zone => zone.AddAddress("why.example.org", Client)); // NODATA
        await NoneAsync(zone => zone.Fail("why.example.org"));
        await NoneAsync(zone => zone.AddTxt("why.example.org", "one").AddTxt("why.example.org", "two"));
        await NoneAsync(zone => zone.AddTxt("why.example.org", "bad %{x}"));
        await NoneAsync(zone => zone.AddTxt("why.example.org", "bad %"));
        await NoneAsync(zone => zone.AddTxt("why.example.org", "schön"));
        await NoneAsync(zone => zone.AddTxt("why.example.org", "two\nlines"));
        await NoneAsync(zone => zone.AddTxt("why.example.org", "it is %{t} o'clock")); // without a clock
    }

    [Fact]
    public async Task The_explanation_is_that_of_the_record_that_decided()
    {
        ZoneResolver Told(string record) => Zone(record).AddTxt("other.example", "v=spf1 -all exp=why.other.example")
            .AddTxt("why.example.org", "ours").AddTxt("why.other.example", "theirs");
        Assert.Equal("ours", (await CheckAsync(Told("v=spf1 include:other.example -all exp=why.example.org"))).Explanation);
        Assert.Equal("theirs", (await CheckAsync(Told("v=spf1 redirect=other.example exp=why.example.org"))).Explanation);
        Assert.Null((await CheckAsync(Told("v=spf1 include:other.example -all"))).Explanation);
        Assert.Null((await CheckAsync(Told("v=spf1 ~all exp=why.example.org"))).Explanation); // nobody failed
    }

    [Fact]
    public async Task The_explanation_is_short_and_without_controls_whatever_the_client_says()
    {
        var zone = Zone("v=spf1 -all exp=why.example.org").AddTxt("why.example.org", "%{h}");
        Assert.Equal("x??550 bad?", (await CheckAsync(zone, helo: "x\r\n550 bad\u0085")).Explanation);
        zone = Zone("v=spf1 -all exp=why.example.org").AddTxt("why.example.org", string.Concat(Enumerable.Repeat("%{h}", 1000)));
        Assert.Equal(500, (await CheckAsync(zone, helo: new string('x', 1_000_000))).Explanation!.Length);
    }

    /// <summary>What exists: asks for.</summary>
    private static async Task<string?> TargetAsync(string spec, string ip)
        => (await CheckAsync(new ZoneResolver().AddTxt("news.mail.example.org", $"v=spf1 exists:{spec}"), ip, Long)).Trace!.Steps[0].Target;
}
