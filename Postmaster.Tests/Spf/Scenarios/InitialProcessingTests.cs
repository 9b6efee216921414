using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>What stands before any term: the domain, the octets of the record, its spaces and strings (RFC 7208 §4.3, §4.5, §4.6.1).</summary>
public sealed class InitialProcessingTests
{
    private const string Zone = """
        n123456789012345678901234567890123456789012345678901234567890ab.ship.example TXT v=spf1 -all
        ship.example TXT v=spf1 -all exp=told.ship.example
        told.ship.example TXT you are %{l}
        argument.ship.example TXT v=spf1 a:caf\xC3\xA9.ship.example ?all
        mechanism.ship.example TXT v=spf1 \xFFmx ?all
        qualifier.ship.example TXT v=spf1 mx \xA0all
        neighbour.ship.example TXT v=spf1 ~all
        neighbour.ship.example TXT \xE4\xFF\x80 is a note
        tab.ship.example TXT v=spf1 a:tab.ship.example\x09all
        tab.ship.example A 192.0.2.1
        return.ship.example TXT v=spf1 ip4:192.0.2.1\x0D all
        feed.ship.example TXT v=spf1 ip4:192.0.2.1\x0A?all
        wide.ship.example TXT v=spf1    ip4:198.51.100.1     -all
        tail.ship.example TXT v=spf1 ~all\x20\x20
        pieces.ship.example TXT v=spf1 i|p4:192.0.2|.1 -a|ll
        pieces.ship.example TXT
        """;

    [Theory]
    [InlineData("a label of 63 characters is a name", "n123456789012345678901234567890123456789012345678901234567890ab.ship.example", Fail)]
    [InlineData("one of 64 is none", "n123456789012345678901234567890123456789012345678901234567890abc.ship.example", SpfProblem.BadDomain)]
    [InlineData("an empty label", "a..ship.example", SpfProblem.BadDomain)]
    [InlineData("a dot in front", ".ship.example", SpfProblem.BadDomain)]
    [InlineData("a HELO name of a single label", "", SpfProblem.BadDomain, Client, "ship")]
    [InlineData("a HELO that is an address literal", "", SpfProblem.BadDomain, Client, "[192.0.2.1]")]
    [InlineData("a sender in an address literal", "anna@[192.0.2.1]", SpfProblem.BadDomain)]
    [InlineData("no local-part is postmaster", "@ship.example", Fail, Client, Helo, "you are postmaster")]
    [InlineData("the null reverse-path is postmaster at the HELO name", "", Fail, Client, "ship.example", "you are postmaster")]
    [InlineData("octets beyond US-ASCII in an argument", "argument.ship.example", SpfProblem.BadCharacter)]
    [InlineData("and in the name of a mechanism", "mechanism.ship.example", SpfProblem.BadCharacter)]
    [InlineData("and in place of a qualifier", "qualifier.ship.example", SpfProblem.BadCharacter)]
    [InlineData("and in a text that is no record", "neighbour.ship.example", SoftFail)]
    [InlineData("a tab parts no terms", "tab.ship.example", SpfProblem.BadCharacter)]
    [InlineData("nor does a carriage return", "return.ship.example", SpfProblem.BadCharacter)]
    [InlineData("nor a line feed", "feed.ship.example", SpfProblem.BadCharacter)]
    [InlineData("several spaces part terms", "wide.ship.example", Fail)]
    [InlineData("spaces at the end are no term", "tail.ship.example", SoftFail)]
    [InlineData("strings are glued together, an empty text beside them is none", "pieces.ship.example", Pass)]
    [InlineData("and the glued record counts to its end", "pieces.ship.example", Fail, "192.0.2.2")]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
