using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>mx (RFC 7208 §5.4, RFC 7505 §3).</summary>
public sealed class MxMechanismTests
{
    private const string Zone = """
        over4.mx.example TXT v=spf1 mx/33 ~all
        over6.mx.example TXT v=spf1 mx//129 ~all
        nought.mx.example TXT v=spf1 mx/024 ~all
        mixed.mx.example TXT v=spf1 mx/24/64 ~all
        dual.mx.example TXT v=spf1 mx/24//64 ~all
        only4.mx.example TXT v=spf1 mx/24 ~all
        only6.mx.example TXT v=spf1 mx//64 ~all
        plain.mx.example TXT v=spf1 mx ~all
        several.mx.example TXT v=spf1 mx:farm.mx.example/24 ~all
        port.mx.example TXT v=spf1 mx:farm.mx.example:25 ~all
        absent.mx.example TXT v=spf1 mx/0 ~all
        any4.mx.example TXT v=spf1 mx/0 ~all
        any6.mx.example TXT v=spf1 mx//0 ~all
        nul.mx.example TXT v=spf1 mx:farm.mx.example\x00 ~all
        quad.mx.example TXT v=spf1 mx:192.0.2.1 ~all
        digits.mx.example TXT v=spf1 mx:farm.2026 ~all
        dash.mx.example TXT v=spf1 mx:farm.mx.-example ~all
        inner.mx.example TXT v=spf1 mx:farm.xn--4gbrim ~all
        top.mx.example TXT v=spf1 mx:example ~all
        topdot.mx.example TXT v=spf1 mx:example. ~all
        odd.mx.example TXT v=spf1 mx:to:the/farm.mx.example ~all
        empty.mx.example TXT v=spf1 mx: ~all
        slow.mx.example TXT v=spf1 mx:mute.mx.example ~all
        mute.mx.example FAIL
        dual.mx.example A 192.0.2.2
        dual.mx.example AAAA 2001:db8::2
        only4.mx.example A 192.0.2.2
        only4.mx.example AAAA 2001:db8::2
        only6.mx.example A 192.0.2.2
        only6.mx.example AAAA 2001:db8::2
        plain.mx.example A 192.0.2.2
        plain.mx.example AAAA 2001:db8::2
        any4.mx.example A 198.51.100.1
        any6.mx.example AAAA 2001:db8::2
        any4only.mx.example TXT v=spf1 mx//0 ~all
        any4only.mx.example A 192.0.2.2
        farm.mx.example A 192.0.2.99
        farm.mx.example A 198.51.100.99
        farm.xn--4gbrim A 192.0.2.1
        to:the/farm.mx.example A 192.0.2.1
        dual.mx.example MX dual.mx.example
        only4.mx.example MX only4.mx.example
        only6.mx.example MX only6.mx.example
        plain.mx.example MX plain.mx.example
        any4.mx.example MX any4.mx.example
        any6.mx.example MX any6.mx.example
        any4only.mx.example MX any4only.mx.example
        farm.mx.example MX farm.mx.example
        farm.mx.example MX other.mx.example
        other.mx.example A 192.0.2.250
        farm.xn--4gbrim MX farm.xn--4gbrim
        to:the/farm.mx.example MX to:the/farm.mx.example
        absent.mx.example MX absent.mx.example
        null.mx.example TXT v=spf1 mx/0 ~all
        null.mx.example MX .
        null.mx.example A 192.0.2.1
        implicit.mx.example TXT v=spf1 mx ~all
        implicit.mx.example A 192.0.2.1
        half.mx.example TXT v=spf1 mx ~all
        half.mx.example MX mute.mx.example
        helo.mx.example TXT v=spf1 mx ~all
        helo.mx.example MX farm.mx.example
        """;

    [Theory]
    [InlineData("a prefix length for IPv6 leaves IPv4 exact", "only6.mx.example", SoftFail)]
    [InlineData("a prefix length for IPv4 leaves IPv6 exact", "only4.mx.example", SoftFail, "2001:db8::1")]
    [InlineData("33 is too long for IPv4", "over4.mx.example", SpfProblem.BadPrefixLength)]
    [InlineData("129 is too long for IPv6", "over6.mx.example", SpfProblem.BadPrefixLength)]
    [InlineData("a nought in front", "nought.mx.example", SpfProblem.BadPrefixLength)]
    [InlineData("the second length has two slashes", "mixed.mx.example", SpfProblem.BadPrefixLength)]
    [InlineData("both lengths: the one for IPv4", "dual.mx.example", Pass)]
    [InlineData("the same for an IPv4 client in IPv6", "dual.mx.example", Pass, "::ffff:192.0.2.1")]
    [InlineData("both lengths: the one for IPv6", "dual.mx.example", Pass, "2001:db8::1")]
    [InlineData("outside of the length for IPv4", "dual.mx.example", SoftFail, "192.0.3.1")]
    [InlineData("outside of the length for IPv6", "dual.mx.example", SoftFail, "2001:db8:0:1::1")]
    [InlineData("any of several addresses", "several.mx.example", Pass)]
    [InlineData("and another one of them", "several.mx.example", Pass, "198.51.100.200")]
    [InlineData("no port", "port.mx.example", SpfProblem.BadDomainSpec)]
    [InlineData("a length of zero needs an address", "absent.mx.example", SoftFail)]
    [InlineData("and with one every client matches", "any4.mx.example", Pass, "203.0.113.9")]
    [InlineData("but none of the other family", "any4.mx.example", SoftFail, "2001:db8::1")]
    [InlineData("zero for IPv6, and no IPv4 client", "any6.mx.example", SoftFail)]
    [InlineData("nor one in IPv6", "any6.mx.example", SoftFail, "::ffff:192.0.2.1")]
    [InlineData("zero for IPv6 and a client of it", "any6.mx.example", Pass, "2001:db8:ffff::1")]
    [InlineData("zero for IPv6 without an AAAA record", "any4only.mx.example", SoftFail, "2001:db8::1")]
    [InlineData("an exact address of a host with both", "plain.mx.example", Pass, "2001:db8::2")]
    [InlineData("and the other one", "plain.mx.example", Pass, "192.0.2.2")]
    [InlineData("a NUL", "nul.mx.example", SpfProblem.BadCharacter)]
    [InlineData("an address in place of a domain", "quad.mx.example", SpfProblem.AddressAsDomain)]
    [InlineData("a top label of digits", "digits.mx.example", SpfProblem.BadDomainSpec)]
    [InlineData("a top label that begins with a dash", "dash.mx.example", SpfProblem.BadDomainSpec)]
    [InlineData("a top label with dashes inside", "inner.mx.example", Pass)]
    [InlineData("a top label alone", "top.mx.example", SpfProblem.BadDomainSpec)]
    [InlineData("and with a dot behind it", "topdot.mx.example", SpfProblem.BadDomainSpec)]
    [InlineData("a colon and a slash inside of a domain", "odd.mx.example", Pass)]
    [InlineData("the same for an IPv4 client in IPv6", "odd.mx.example", Pass, "::ffff:192.0.2.1")]
    [InlineData("an empty domain", "empty.mx.example", SpfProblem.BadDomainSpec)]
    [InlineData("no answer", "slow.mx.example", SpfProblem.DnsFailure)]
    [InlineData("a domain that takes no mail", "null.mx.example", SoftFail)]
    [InlineData("no MX record, and no falling back to the address", "implicit.mx.example", SoftFail)]
    [InlineData("a host that DNS does not answer for", "half.mx.example", SpfProblem.DnsFailure)]
    [InlineData("the MX of the HELO name for a null reverse-path", "", Pass, "192.0.2.99", "helo.mx.example")]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
