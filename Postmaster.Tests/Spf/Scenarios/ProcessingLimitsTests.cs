using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>The limits on what a check may ask (RFC 7208 §4.6.4).</summary>
public sealed class ProcessingLimitsTests
{
    private const string Zone = """
        turn.cost.example TXT v=spf1 ip4:198.51.100.1 redirect=turn.cost.example
        ping.cost.example TXT v=spf1 include:pong.cost.example
        pong.cost.example TXT v=spf1 include:ping.cost.example
        ten.cost.example TXT v=spf1 mx ~all
        eleven.cost.example TXT v=spf1 mx ~all
        ten.cost.example MX h0.ten.cost.example
        ten.cost.example MX h1.ten.cost.example
        ten.cost.example MX h2.ten.cost.example
        ten.cost.example MX h3.ten.cost.example
        ten.cost.example MX h4.ten.cost.example
        ten.cost.example MX h5.ten.cost.example
        ten.cost.example MX h6.ten.cost.example
        ten.cost.example MX h7.ten.cost.example
        ten.cost.example MX h8.ten.cost.example
        ten.cost.example MX h9.ten.cost.example
        eleven.cost.example MX h0.eleven.cost.example
        eleven.cost.example MX h1.eleven.cost.example
        eleven.cost.example MX h2.eleven.cost.example
        eleven.cost.example MX h3.eleven.cost.example
        eleven.cost.example MX h4.eleven.cost.example
        eleven.cost.example MX h5.eleven.cost.example
        eleven.cost.example MX h6.eleven.cost.example
        eleven.cost.example MX h7.eleven.cost.example
        eleven.cost.example MX h8.eleven.cost.example
        eleven.cost.example MX h9.eleven.cost.example
        eleven.cost.example MX h10.eleven.cost.example
        h9.ten.cost.example A 192.0.2.1
        h0.eleven.cost.example A 192.0.2.1
        names.cost.example TXT v=spf1 ptr ~all
        late.cost.example TXT v=spf1 ptr ~all
        192.0.2.9 PTR h0.far.example
        192.0.2.9 PTR h1.far.example
        192.0.2.9 PTR h2.far.example
        192.0.2.9 PTR h3.far.example
        192.0.2.9 PTR h4.far.example
        192.0.2.9 PTR h5.far.example
        192.0.2.9 PTR h6.far.example
        192.0.2.9 PTR h7.far.example
        192.0.2.9 PTR h8.far.example
        192.0.2.9 PTR h.names.cost.example
        192.0.2.9 PTR h.late.cost.example
        h.names.cost.example A 192.0.2.9
        h.late.cost.example A 192.0.2.9
        wide.cost.example A 192.0.2.1
        wide.cost.example A 192.0.2.2
        wide.cost.example A 192.0.2.3
        wide.cost.example A 192.0.2.4
        wide.cost.example A 192.0.2.5
        wide.cost.example A 192.0.2.6
        wide.cost.example A 192.0.2.7
        wide.cost.example A 192.0.2.8
        wide.cost.example A 192.0.2.9
        wide.cost.example A 192.0.2.10
        wide.cost.example A 192.0.2.11
        wide.cost.example A 192.0.2.12
        wide.cost.example A 192.0.2.13
        wide.cost.example A 192.0.2.14
        wide.cost.example A 192.0.2.15
        wide.cost.example A 192.0.2.16
        wide.cost.example A 192.0.2.17
        wide.cost.example A 192.0.2.18
        wide.cost.example A 192.0.2.19
        wide.cost.example A 192.0.2.20
        wide.cost.example A 192.0.2.21
        wide.cost.example A 192.0.2.22
        wide.cost.example A 192.0.2.23
        wide.cost.example A 192.0.2.24
        wide.cost.example A 192.0.2.25
        wide.cost.example A 192.0.2.26
        wide.cost.example A 192.0.2.27
        wide.cost.example A 192.0.2.28
        wide.cost.example A 192.0.2.29
        wide.cost.example A 192.0.2.30
        wide.cost.example TXT v=spf1 a ~all
        host.cost.example A 198.51.100.1
        host.cost.example MX host.cost.example
        at.cost.example TXT v=spf1 a:host.cost.example mx:host.cost.example ptr:host.cost.example exists:host.cost.example.x a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example ip4:192.0.2.9 ~all
        above.cost.example TXT v=spf1 a:host.cost.example mx:host.cost.example ptr:host.cost.example exists:host.cost.example.x a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example ip4:192.0.2.9 ~all
        eight.cost.example TXT v=spf1 a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example a:host.cost.example
        inner.cost.example TXT v=spf1 a:host.cost.example include:eight.cost.example ip4:192.0.2.1 mx -all
        outer.cost.example TXT v=spf1 a:host.cost.example include:eight.cost.example a:host.cost.example ip4:192.0.2.1 -all
        voids2.cost.example TXT v=spf1 a:v1.cost.example exists:v2.cost.example ~all
        voids3.cost.example TXT v=spf1 a:v1.cost.example exists:v2.cost.example mx:v3.cost.example ~all
        voidsin.cost.example TXT v=spf1 include:voids2.cost.example a:v4.cost.example ~all
        nodata.cost.example TXT v=spf1 a:text.cost.example mx:text.cost.example ptr ~all
        text.cost.example TXT only a text
        """;

    [Theory]
    [InlineData("a redirect in a circle", "turn.cost.example", SpfProblem.TooManyLookups)]
    [InlineData("includes in a circle", "ping.cost.example", SpfProblem.TooManyLookups)]
    [InlineData("ten MX names, the last of which matches", "ten.cost.example", Pass)]
    [InlineData("eleven, the first of which would match", "eleven.cost.example", SpfProblem.TooManyMxNames)]
    [InlineData("the tenth name of the client counts", "names.cost.example", Pass, "192.0.2.9")]
    [InlineData("the eleventh does not, and that is no error", "late.cost.example", SoftFail, "192.0.2.9")]
    [InlineData("any number of addresses", "wide.cost.example", Pass, "192.0.2.30")]
    [InlineData("ten terms", "at.cost.example", Pass, "192.0.2.9")]
    [InlineData("eleven", "above.cost.example", SpfProblem.TooManyLookups, "192.0.2.9")]
    [InlineData("ten terms with those of an include", "inner.cost.example", Pass)]
    [InlineData("eleven with those of an include", "outer.cost.example", SpfProblem.TooManyLookups)]
    [InlineData("two void look-ups", "voids2.cost.example", SoftFail)]
    [InlineData("three", "voids3.cost.example", SpfProblem.TooManyVoidLookups)]
    [InlineData("three with those of an include", "voidsin.cost.example", SpfProblem.TooManyVoidLookups)]
    [InlineData("names without the type are void as well", "nodata.cost.example", SpfProblem.TooManyVoidLookups)]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
