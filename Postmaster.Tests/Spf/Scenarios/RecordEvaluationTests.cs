using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>The grammar of terms and their order (RFC 7208 §4.6, §4.7, §4.8).</summary>
public sealed class RecordEvaluationTests
{
    private const string Zone = """
        late.rule.example TXT v=spf1 ip4:192.0.2.1 ?all fooled
        modifier.rule.example TXT v=spf1 x-9_z.y=any:thing/at-all ip4:192.0.2.1 -all
        slash.rule.example TXT v=spf1 x/y=z ip4:192.0.2.1 -all
        colon.rule.example TXT v=spf1 x:y=z ip4:192.0.2.1 -all
        unused.rule.example TXT v=spf1 redirect=unused.rule.example ?all
        front.rule.example TXT v=spf1 redirect=no.rule.example ip4:192.0.2.1
        no.rule.example TXT v=spf1 -all
        end.rule.example TXT v=spf1 ip4:198.51.100.1 a:no.rule.example
        no.rule.example A 198.51.100.1
        mechanism.rule.example TXT v=spf1 ip4:192.0.2.1 redirect:no.rule.example
        qualified.rule.example TXT v=spf1 ip4:192.0.2.1 +redirect=no.rule.example
        single.rule.example TXT v=spf1 a:intranet ?all
        hole.rule.example TXT v=spf1 a:mx..rule.example ~all
        long.rule.example TXT v=spf1 a:n123456789012345678901234567890123456789012345678901234567890abc.rule.example ~all
        macro.rule.example TXT v=spf1 a:%{h}.rule.example ~all
        order.rule.example TXT v=spf1 ~ip4:192.0.2.0/24 ip4:192.0.2.1 -all
        """;

    [Theory]
    [InlineData("an error behind the term that matches", "late.rule.example", SpfProblem.UnknownMechanism)]
    [InlineData("every character that a modifier's name may have", "modifier.rule.example", Pass)]
    [InlineData("a slash before the equals sign makes it a mechanism", "slash.rule.example", SpfProblem.UnknownMechanism)]
    [InlineData("and so does a colon", "colon.rule.example", SpfProblem.UnknownMechanism)]
    [InlineData("a redirect is not followed where there is an all", "unused.rule.example", Neutral)]
    [InlineData("a redirect counts behind all mechanisms: one matches", "front.rule.example", Pass)]
    [InlineData("and none does", "front.rule.example", Fail, "192.0.2.2")]
    [InlineData("the first match decides", "order.rule.example", SoftFail)]
    [InlineData("nothing matches", "end.rule.example", Neutral)]
    [InlineData("redirect is no mechanism", "mechanism.rule.example", SpfProblem.UnknownMechanism)]
    [InlineData("and takes no qualifier", "qualified.rule.example", SpfProblem.BadTerm)]
    [InlineData("a domain needs a dot", "single.rule.example", SpfProblem.BadDomainSpec)]
    [InlineData("an empty label cannot be asked for and matches nothing", "hole.rule.example", SoftFail)]
    [InlineData("nor can one of 64 characters", "long.rule.example", SoftFail)]
    [InlineData("nor one that a macro made so long", "macro.rule.example", SoftFail, Client, "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh")]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
