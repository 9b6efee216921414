using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>ip4 (RFC 7208 §5.6).</summary>
public sealed class Ip4MechanismTests
{
    private const string Zone = """
        zero.four.example TXT v=spf1 ip4:10.11.12.13/0 ~all
        full.four.example TXT v=spf1 ip4:192.0.2.1/32 ~all
        exact.four.example TXT v=spf1 ip4:192.0.2.1 ~all
        half.four.example TXT v=spf1 ip4:192.0.2.129/25 ~all
        over.four.example TXT v=spf1 ip4:192.0.2.1/33 ~all
        nought.four.example TXT v=spf1 ip4:192.0.2.1/024 ~all
        bare.four.example TXT v=spf1 ip4 ~all
        port.four.example TXT v=spf1 ip4:192.0.2.1:587 ~all
        short.four.example TXT v=spf1 ip4:192.0.2/24 ~all
        dual.four.example TXT v=spf1 ip4:192.0.2.1/24//64 ~all
        mapped.four.example TXT v=spf1 ~ip4:192.0.2.1 ip6:::ffff:192.0.2.1 -all
        hole.four.example TXT v=spf1 ip4:192.0..1 ~all
        """;

    [Theory]
    [InlineData("every address", "zero.four.example", Pass)]
    [InlineData("but none of IPv6", "zero.four.example", SoftFail, "2001:db8::1")]
    [InlineData("one address", "full.four.example", Pass)]
    [InlineData("and not the next", "full.four.example", SoftFail, "192.0.2.0")]
    [InlineData("32 is what is meant without a length", "exact.four.example", SoftFail, "192.0.2.0")]
    [InlineData("a network named by an address in it", "half.four.example", Pass, "192.0.2.200")]
    [InlineData("and not by the other half", "half.four.example", SoftFail)]
    [InlineData("33", "over.four.example", SpfProblem.BadPrefixLength)]
    [InlineData("a nought in front", "nought.four.example", SpfProblem.BadPrefixLength)]
    [InlineData("no address", "bare.four.example", SpfProblem.ArgumentMissing)]
    [InlineData("a port", "port.four.example", SpfProblem.BadIp4)]
    [InlineData("three numbers", "short.four.example", SpfProblem.BadIp4)]
    [InlineData("a hole", "hole.four.example", SpfProblem.BadIp4)]
    [InlineData("two lengths", "dual.four.example", SpfProblem.BadPrefixLength)]
    [InlineData("an IPv4 client in IPv6 is an IPv4 client", "mapped.four.example", SoftFail, "::ffff:192.0.2.1")]
    [InlineData("and no other", "mapped.four.example", Fail, "::ffff:192.0.2.3")]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
