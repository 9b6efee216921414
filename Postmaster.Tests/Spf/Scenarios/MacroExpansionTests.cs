using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>Macros (RFC 7208 §7).</summary>
public sealed class MacroExpansionTests
{
    private const string Zone = """
        dot.text.example TXT v=spf1 include:listed.text.example. redirect=%{d}.more.text.example.
        listed.text.example TXT v=spf1 ip4:198.51.100.1
        dot.text.example.more.text.example TXT v=spf1 ip4:192.0.2.1 -all
        stop.dot.text.example TXT v=spf1 redirect=named.dot.text.example.
        named.dot.text.example TXT v=spf1 exists:%{d}.flag.text.example -all
        named.dot.text.example.flag.text.example A 127.0.0.2
        full.text.example TXT v=spf1 -all exp=stop.text.example.
        stop.text.example TXT Stop. Here.
        only.text.example TXT v=spf1 -all exp=%{r}.text.example
        clock.text.example TXT v=spf1 exists:%{t}.text.example -all
        round.text.example TXT v=spf1 exists:%(i).text.example ?all
        middle.text.example TXT v=spf1 exists:x%iy.text.example ?all
        end.text.example TXT v=spf1 exists:x.text.example% ?all
        unknown.text.example TXT v=spf1 exists:%{k}.text.example ?all
        signs.text.example TXT v=spf1 exists:100%%_of%_it%-all.text.example -all
        100%_of\032it%20all.text.example A 127.0.0.2
        client.text.example TXT v=spf1 -all exp=%{ir}.%{v}.client.text.example
        1.2.0.192.in-addr.client.text.example TXT %{c} of %{i}, seen by %{R}
        a-name-that-takes-some-room.text.example TXT v=spf1 -all exp=cut.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}
        example.a-name-that-takes-some-room.text.example.a-name-that-takes-some-room.text.example.a-name-that-takes-some-room.text.example.a-name-that-takes-some-room.text.example.a-name-that-takes-some-room.text.example.a-name-that-takes-some-room.text.example TXT Cut at a label.
        another-name-that-is-somewhat-longer.text.example TXT v=spf1 -all exp=cut.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}
        another-name-that-is-somewhat-longer.text.example.another-name-that-is-somewhat-longer.text.example.another-name-that-is-somewhat-longer.text.example.another-name-that-is-somewhat-longer.text.example.another-name-that-is-somewhat-longer.text.example TXT Cut before a label.
        six.text.example TXT v=spf1 -all exp=six-words.text.example
        six-words.text.example TXT %{c} is %{ir}.%{v}.arpa
        named.text.example TXT v=spf1 -all exp=who.text.example
        who.text.example TXT You are %{p}.
        192.0.2.1 PTR mx.text.example
        192.0.2.2 PTR mx.text.example
        192.0.2.3 PTR mx.text.example
        192.0.2.3 PTR mx.many.text.example
        mx.text.example A 192.0.2.2
        mx.text.example A 192.0.2.3
        mx.text.example AAAA 2001:db8::2
        mx.many.text.example A 192.0.2.3
        2001:db8::1 PTR mx.text.example
        2001:db8::2 PTR mx.text.example
        many.text.example TXT v=spf1 exists:%{p}.near.example ~exists:%{p}.far.example
        mx.many.text.example.near.example A 127.0.0.2
        mx.text.example.far.example A 127.0.0.2
        url.text.example TXT v=spf1 -all exp=url-words.%{D2}
        url-words.text.example TXT See http://text.example/?who=%{S}&from=%{L}
        hello.text.example TXT v=spf1 a:%{h} -all
        mta.text.example A 192.0.2.1
        strict.text.example TXT v=spf1 -include:helo.%{d2} ip4:192.0.2.0/24 -all
        helo.text.example TXT v=spf1 -a:%{H} +all
        split.text.example TXT v=spf1 exists:%{l2r-}.of.%{d2} -all
        b.a.of.text.example A 127.0.0.2
        delimiters.text.example TXT v=spf1 exists:%{l3r+-=}.by.%{d2} -all
        d.c.b.by.text.example A 127.0.0.2
        parts.text.example TXT v=spf1 exists:%{o1}.%{d1r}.%{o9}.cut.example -all
        example.parts.parts.text.example.cut.example A 127.0.0.2
        case.text.example TXT v=spf1 exists:%{DR}.%{I}.cut.example -all
        example.text.case.192.0.2.1.cut.example A 127.0.0.2
        """;

    [Theory]
    [InlineData("a dot at the end of a name is ignored", "dot.text.example", Pass)]
    [InlineData("also where the name is used again", "stop.dot.text.example", Pass)]
    [InlineData("but not in an explanation", "full.text.example", Fail, Client, Helo, "Stop. Here.")]
    [InlineData("letters for explanations only, in exp", "only.text.example", SpfProblem.BadMacro)]
    [InlineData("and in a mechanism", "clock.text.example", SpfProblem.BadMacro)]
    [InlineData("a percent sign and a round bracket", "round.text.example", SpfProblem.BadMacro)]
    [InlineData("a percent sign in the middle", "middle.text.example", SpfProblem.BadMacro)]
    [InlineData("a percent sign at the end", "end.text.example", SpfProblem.BadMacro)]
    [InlineData("an unknown letter", "unknown.text.example", SpfProblem.BadMacro)]
    [InlineData("percent signs and spaces", "signs.text.example", Pass)]
    [InlineData("the client and the receiver in an explanation", "client.text.example", Fail, Client, Helo, "192.0.2.1 of 192.0.2.1, seen by border.provider.example")]
    [InlineData("a long name loses labels on its left, until it has 253 characters", "a-name-that-takes-some-room.text.example", Fail, Client, Helo, "Cut at a label.")]
    [InlineData("and only whole ones", "another-name-that-is-somewhat-longer.text.example", Fail, Client, Helo, "Cut before a label.")]
    [InlineData("the client of IPv4", "six.text.example", Fail, Client, Helo, "192.0.2.1 is 1.2.0.192.in-addr.arpa")]
    [InlineData("the client of IPv6", "six.text.example", Fail, "2001:db8::a", "mx.example.net", "2001:db8::a is A.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6.arpa")]
    [InlineData("a name that does not lead back is unknown", "named.text.example", Fail, Client, Helo, "You are unknown.")]
    [InlineData("and one that does is not", "named.text.example", Fail, "192.0.2.2", Helo, "You are mx.text.example.")]
    [InlineData("the same in IPv6, unknown", "named.text.example", Fail, "2001:db8::1", Helo, "You are unknown.")]
    [InlineData("the same in IPv6, known", "named.text.example", Fail, "2001:db8::2", Helo, "You are mx.text.example.")]
    [InlineData("of several names the one below the domain", "many.text.example", Pass, "192.0.2.3")]
    [InlineData("capital letters escape", "~a+b&c=d@url.text.example", Fail, Client, Helo, "See http://text.example/?who=~a%2Bb%26c%3Dd%40url.text.example&from=~a%2Bb%26c%3Dd")]
    [InlineData("the HELO name", "hello.text.example", Pass, Client, "mta.text.example")]
    [InlineData("a HELO that is no name", "hello.text.example", Fail, Client, "IT'S ME")]
    [InlineData("a HELO that is an address literal", "hello.text.example", Fail, Client, "[192.0.2.1]")]
    [InlineData("a policy that wants a good HELO, and gets one", "strict.text.example", Pass, Client, "mta.text.example")]
    [InlineData("and gets none", "strict.text.example", Fail, Client, "MYCOMPUTER")]
    [InlineData("split at dashes, reversed, and cut", "a-b-c@split.text.example", Pass)]
    [InlineData("the order of the parts counts", "a-c-b@split.text.example", Fail)]
    [InlineData("two parts of two", "a-b@split.text.example", Pass)]
    [InlineData("several delimiters", "a=b-c+d@delimiters.text.example", Fail)]
    [InlineData("and three parts of them", "b=c-d@delimiters.text.example", Pass)]
    [InlineData("numbers below, at and above the count of labels", "parts.text.example", Pass)]
    [InlineData("capital letters of transformers", "case.text.example", Pass)]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
