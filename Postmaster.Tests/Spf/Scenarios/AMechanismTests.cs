using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>a (RFC 7208 §5.3, §7.1).</summary>
public sealed class AMechanismTests
{
    private const string Zone = """
        over4.a.example TXT v=spf1 a/33 ~all
        over6.a.example TXT v=spf1 a//129 ~all
        nought.a.example TXT v=spf1 a/024 ~all
        mixed.a.example TXT v=spf1 a/24/64 ~all
        dual.a.example TXT v=spf1 a/24//64 ~all
        only4.a.example TXT v=spf1 a/24 ~all
        only6.a.example TXT v=spf1 a//64 ~all
        plain.a.example TXT v=spf1 a ~all
        several.a.example TXT v=spf1 a:farm.a.example/24 ~all
        port.a.example TXT v=spf1 a:farm.a.example:25 ~all
        absent.a.example TXT v=spf1 a/0 ~all
        any4.a.example TXT v=spf1 a/0 ~all
        any6.a.example TXT v=spf1 a//0 ~all
        nul.a.example TXT v=spf1 a:farm.a.example\x00 ~all
        quad.a.example TXT v=spf1 a:192.0.2.1 ~all
        digits.a.example TXT v=spf1 a:farm.2026 ~all
        dash.a.example TXT v=spf1 a:farm.a.-example ~all
        inner.a.example TXT v=spf1 a:farm.xn--4gbrim ~all
        top.a.example TXT v=spf1 a:example ~all
        topdot.a.example TXT v=spf1 a:example. ~all
        odd.a.example TXT v=spf1 a:to:the/farm.a.example ~all
        empty.a.example TXT v=spf1 a: ~all
        slow.a.example TXT v=spf1 a:mute.a.example ~all
        mute.a.example FAIL
        dual.a.example A 192.0.2.2
        dual.a.example AAAA 2001:db8::2
        only4.a.example A 192.0.2.2
        only4.a.example AAAA 2001:db8::2
        only6.a.example A 192.0.2.2
        only6.a.example AAAA 2001:db8::2
        plain.a.example A 192.0.2.2
        plain.a.example AAAA 2001:db8::2
        any4.a.example A 198.51.100.1
        any6.a.example AAAA 2001:db8::2
        any4only.a.example TXT v=spf1 a//0 ~all
        any4only.a.example A 192.0.2.2
        farm.a.example A 192.0.2.99
        farm.a.example A 198.51.100.99
        farm.xn--4gbrim A 192.0.2.1
        to:the/farm.a.example A 192.0.2.1
        """;

    [Theory]
    [InlineData("a prefix length for IPv6 leaves IPv4 exact", "only6.a.example", SoftFail)]
    [InlineData("a prefix length for IPv4 leaves IPv6 exact", "only4.a.example", SoftFail, "2001:db8::1")]
    [InlineData("33 is too long for IPv4", "over4.a.example", SpfProblem.BadPrefixLength)]
    [InlineData("129 is too long for IPv6", "over6.a.example", SpfProblem.BadPrefixLength)]
    [InlineData("a nought in front", "nought.a.example", SpfProblem.BadPrefixLength)]
    [InlineData("the second length has two slashes", "mixed.a.example", SpfProblem.BadPrefixLength)]
    [InlineData("both lengths: the one for IPv4", "dual.a.example", Pass)]
    [InlineData("the same for an IPv4 client in IPv6", "dual.a.example", Pass, "::ffff:192.0.2.1")]
    [InlineData("both lengths: the one for IPv6", "dual.a.example", Pass, "2001:db8::1")]
    [InlineData("outside of the length for IPv4", "dual.a.example", SoftFail, "192.0.3.1")]
    [InlineData("outside of the length for IPv6", "dual.a.example", SoftFail, "2001:db8:0:1::1")]
    [InlineData("any of several addresses", "several.a.example", Pass)]
    [InlineData("and another one of them", "several.a.example", Pass, "198.51.100.200")]
    [InlineData("no port", "port.a.example", SpfProblem.BadDomainSpec)]
    [InlineData("a length of zero needs an address", "absent.a.example", SoftFail)]
    [InlineData("and with one every client matches", "any4.a.example", Pass, "203.0.113.9")]
    [InlineData("but none of the other family", "any4.a.example", SoftFail, "2001:db8::1")]
    [InlineData("zero for IPv6, and no IPv4 client", "any6.a.example", SoftFail)]
    [InlineData("nor one in IPv6", "any6.a.example", SoftFail, "::ffff:192.0.2.1")]
    [InlineData("zero for IPv6 and a client of it", "any6.a.example", Pass, "2001:db8:ffff::1")]
    [InlineData("zero for IPv6 without an AAAA record", "any4only.a.example", SoftFail, "2001:db8::1")]
    [InlineData("an exact address of a host with both", "plain.a.example", Pass, "2001:db8::2")]
    [InlineData("and the other one", "plain.a.example", Pass, "192.0.2.2")]
    [InlineData("a NUL", "nul.a.example", SpfProblem.BadCharacter)]
    [InlineData("an address in place of a domain", "quad.a.example", SpfProblem.AddressAsDomain)]
    [InlineData("a top label of digits", "digits.a.example", SpfProblem.BadDomainSpec)]
    [InlineData("a top label that begins with a dash", "dash.a.example", SpfProblem.BadDomainSpec)]
    [InlineData("a top label with dashes inside", "inner.a.example", Pass)]
    [InlineData("a top label alone", "top.a.example", SpfProblem.BadDomainSpec)]
    [InlineData("and with a dot behind it", "topdot.a.example", SpfProblem.BadDomainSpec)]
    [InlineData("a colon and a slash inside of a domain", "odd.a.example", Pass)]
    [InlineData("the same for an IPv4 client in IPv6", "odd.a.example", Pass, "::ffff:192.0.2.1")]
    [InlineData("an empty domain", "empty.a.example", SpfProblem.BadDomainSpec)]
    [InlineData("no answer", "slow.a.example", SpfProblem.DnsFailure)]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
