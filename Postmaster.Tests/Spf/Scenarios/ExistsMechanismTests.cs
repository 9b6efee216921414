using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>exists (RFC 7208 §5.7).</summary>
public sealed class ExistsMechanismTests
{
    private const string Zone = """
        four.flag.example A 127.0.0.2
        six.flag.example AAAA ::1
        mute.flag.example FAIL
        empty.exists.example TXT v=spf1 exists: ~all
        bare.exists.example TXT v=spf1 exists ~all
        length.exists.example TXT v=spf1 exists:four.flag.example/32 ~all
        four.exists.example TXT v=spf1 exists:four.flag.example ~all
        six.exists.example TXT v=spf1 exists:six.flag.example ~all
        mute.exists.example TXT v=spf1 exists:mute.flag.example ~all
        none.exists.example TXT v=spf1 exists:none.flag.example ~all
        """;

    [Theory]
    [InlineData("an empty domain", "empty.exists.example", SpfProblem.BadDomainSpec)]
    [InlineData("no domain", "bare.exists.example", SpfProblem.ArgumentMissing)]
    [InlineData("a prefix length", "length.exists.example", SpfProblem.BadDomainSpec)]
    [InlineData("any A record will do", "four.exists.example", Pass)]
    [InlineData("also for an IPv6 client", "four.exists.example", Pass, "2001:db8::1")]
    [InlineData("an AAAA record will not", "six.exists.example", SoftFail, "2001:db8::1")]
    [InlineData("no answer", "mute.exists.example", SpfProblem.DnsFailure, "2001:db8::1")]
    [InlineData("no record", "none.exists.example", SoftFail)]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
