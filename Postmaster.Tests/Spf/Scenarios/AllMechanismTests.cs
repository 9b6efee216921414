using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>all (RFC 7208 §5.1).</summary>
public sealed class AllMechanismTests
{
    private const string Zone = """
        dot.all.example TXT v=spf1 ~all.
        argument.all.example TXT v=spf1 ~all:all.example
        empty.all.example TXT v=spf1 ~all:
        length.all.example TXT v=spf1 ~all/0
        neutral.all.example TXT v=spf1 ?all
        soft.all.example TXT v=spf1 ~ALL
        twice.all.example TXT v=spf1 all ~all -all
        """;

    [Theory]
    [InlineData("with a dot", "dot.all.example", SpfProblem.UnknownMechanism)]
    [InlineData("with an argument", "argument.all.example", SpfProblem.UnexpectedArgument)]
    [InlineData("with an empty one", "empty.all.example", SpfProblem.UnexpectedArgument)]
    [InlineData("with a prefix length", "length.all.example", SpfProblem.UnexpectedArgument)]
    [InlineData("neutral", "neutral.all.example", Neutral)]
    [InlineData("soft, in upper case", "soft.all.example", SoftFail)]
    [InlineData("the first of several", "twice.all.example", Pass)]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
