using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>ptr (RFC 7208 §5.5).</summary>
public sealed class PtrMechanismTests
{
    private const string Zone = """
        length.ptr.example TXT v=spf1 ptr/24 ?all
        empty.ptr.example TXT v=spf1 ptr:
        target.ptr.example TXT v=spf1 ptr:hosts.example ~all
        hosts.example TXT v=spf1 ptr ~all
        upper.ptr.example TXT v=spf1 ptr:HOSTS.Example ~all
        ptr.example TXT v=spf1 ptr ~all
        192.0.2.1 PTR nowhere.ptr.example
        192.0.2.1 PTR false.ptr.example
        192.0.2.1 PTR mail.hosts.example
        mail.hosts.example A 192.0.2.1
        false.ptr.example A 192.0.2.77
        192.0.2.2 PTR evilhosts.example
        evilhosts.example A 192.0.2.2
        192.0.2.3 PTR turn.ptr.example
        turn.ptr.example CNAME Turn.Ptr.Example
        2001:db8::1 PTR Six.hosts.EXAMPLE
        six.hosts.example AAAA 2001:db8::1
        six.hosts.example A 192.0.2.66
        2001:db8::2 PTR four.hosts.example
        four.hosts.example A 192.0.2.2
        """;

    [Theory]
    [InlineData("no prefix length", "length.ptr.example", SpfProblem.UnexpectedArgument)]
    [InlineData("no empty domain", "empty.ptr.example", SpfProblem.BadDomainSpec)]
    [InlineData("a validated name below the domain that is named", "target.ptr.example", Pass)]
    [InlineData("a validated name below the domain itself", "hosts.example", Pass)]
    [InlineData("names that do not lead back", "ptr.example", SoftFail)]
    [InlineData("a name that only ends alike", "hosts.example", SoftFail, "192.0.2.2")]
    [InlineData("an IPv6 client", "hosts.example", Pass, "2001:db8::1")]
    [InlineData("which needs an address of its own family", "hosts.example", SoftFail, "2001:db8::2")]
    [InlineData("the reverse name and the domain in other letters", "upper.ptr.example", Pass, "2001:DB8::1")]
    [InlineData("a name that is an alias of itself", "ptr.example", SoftFail, "192.0.2.3")]
    [InlineData("a client without a name", "hosts.example", SoftFail, "192.0.2.200")]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
