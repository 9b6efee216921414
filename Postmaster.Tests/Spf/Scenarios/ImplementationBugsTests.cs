using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>What others stumbled over: long paths through several mechanisms, aliases (RFC 7208 §4, RFC 1034 §3.6.2).</summary>
public sealed class ImplementationBugsTests
{
    private const string Zone = """
        big.path.example TXT v=spf1 mx redirect=_policy.path.example
        big.path.example MX one.path.example
        big.path.example MX two.path.example
        one.path.example A 198.51.100.1
        one.path.example AAAA 2001:db8:1::1
        two.path.example A 198.51.100.2
        two.path.example AAAA 2001:db8:1::2
        _policy.path.example TXT v=spf1 ptr:elsewhere.example ptr:out.path.example exp=_words.path.example -all
        _words.path.example TXT No. http://path.example/?s=%{S}&c=%{C}&r=%{R}
        2001:db8:2::1 PTR six.out.path.example
        six.out.path.example AAAA 2001:db8:2::1
        2001:db8:2::2 PTR six.nobody.example
        six.nobody.example AAAA 2001:db8:2::2
        real.path.example TXT a note
        real.path.example TXT v=spf1 ip4:198.51.100.7 ?include:left.path.example ?include:right.path.example -all
        real.path.example TXT another note
        alias.path.example CNAME real.path.example
        second.path.example CNAME alias.path.example
        left.path.example TXT v=spf1 ip4:198.51.100.8
        right.path.example TXT v=spf1 ip4:198.51.100.9 a -all
        right.path.example A 198.51.100.10
        twice.path.example TXT v=spf1 include:real.path.example include:alias.path.example -all
        through.path.example TXT v=spf1 include:second.path.example -all
        circle.path.example CNAME circle.path.example
        lost.path.example TXT v=spf1 include:circle.path.example -all
        """;

    [Theory]
    [InlineData("an IPv6 client through mx, redirect and two ptr", "big.path.example", Pass, "2001:db8:2::1")]
    [InlineData("and another one, which is told why", "big.path.example", Fail, "2001:db8:2::2", Helo, "No. http://path.example/?s=anna%40big.path.example&c=2001%3Adb8%3A2%3A%3A2&r=border.provider.example")]
    [InlineData("one text by two of its names, nothing matches", "twice.path.example", Fail)]
    [InlineData("and the last of their terms does, which is neutral there and so no match here", "twice.path.example", Fail, "198.51.100.10")]
    [InlineData("the first of them", "twice.path.example", Pass, "198.51.100.7")]
    [InlineData("an alias of an alias", "through.path.example", Pass, "198.51.100.7")]
    [InlineData("an alias of itself", "lost.path.example", SpfProblem.DnsFailure)]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
