using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>ip6 (RFC 7208 §5, §5.6).</summary>
public sealed class Ip6MechanismTests
{
    private const string Zone = """
        bare.six.example TXT v=spf1 ~all ip6
        zero.six.example TXT v=spf1 ip6:::192.0.2.1/0
        over.six.example TXT v=spf1 ip6:2001:db8::/129 ?all
        dual.six.example TXT v=spf1 ip6:2001:db8::/24//64 ?all
        half.six.example TXT v=spf1 ip6:2001:DB8:8000::/33
        colons.six.example TXT v=spf1 ip6:2001::db8::1
        letter.six.example TXT v=spf1 ip6:2001:db8::g
        one.six.example TXT v=spf1 ip6:2001:db8::1 -all
        """;

    [Theory]
    [InlineData("no address", "bare.six.example", SpfProblem.ArgumentMissing)]
    [InlineData("an IPv4 client matches none, not even of length zero", "zero.six.example", Neutral)]
    [InlineData("nor does it in IPv6", "zero.six.example", Neutral, "::ffff:192.0.2.1")]
    [InlineData("every IPv6 client", "zero.six.example", Pass, "2001:db8:1::1")]
    [InlineData("129, also when the client is of IPv4", "over.six.example", SpfProblem.BadPrefixLength)]
    [InlineData("two lengths", "dual.six.example", SpfProblem.BadPrefixLength)]
    [InlineData("33 is no limit here", "half.six.example", Pass, "2001:db8:ffff::1")]
    [InlineData("and cuts within an octet", "half.six.example", Neutral, "2001:db8:7fff::1")]
    [InlineData("the same for an IPv4 client", "half.six.example", Neutral)]
    [InlineData("two gaps", "colons.six.example", SpfProblem.BadIp6)]
    [InlineData("no hexadecimal digit", "letter.six.example", SpfProblem.BadIp6)]
    [InlineData("one address", "one.six.example", Fail, "2001:db8::2")]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
