using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>include (RFC 7208 §5.2).</summary>
public sealed class IncludeMechanismTests
{
    private const string Zone = """
        pass.part.example TXT v=spf1 ip4:192.0.2.0/24 -all
        fail.part.example TXT v=spf1 -all
        soft.part.example TXT v=spf1 ~all
        neutral.part.example TXT v=spf1 ?all
        plain.part.example TXT v=spf1
        mute.part.example FAIL
        wrong.part.example TXT v=spf1 incl:x.example
        note.part.example TXT v=spf1; is what we want
        apass.whole.example TXT v=spf1 ?include:pass.part.example -all
        afail.whole.example TXT v=spf1 include:fail.part.example ~all
        asoft.whole.example TXT v=spf1 include:soft.part.example -all
        aneutral.whole.example TXT v=spf1 include:neutral.part.example -all
        aplain.whole.example TXT v=spf1 include:plain.part.example -all
        amute.whole.example TXT v=spf1 include:mute.part.example -all
        awrong.whole.example TXT v=spf1 include:wrong.part.example -all
        anote.whole.example TXT v=spf1 include:note.part.example -all
        agone.whole.example TXT v=spf1 include:gone.part.example -all
        bare.whole.example TXT v=spf1 include -all
        empty.whole.example TXT v=spf1 include: -all
        length.whole.example TXT v=spf1 include:pass.part.example/24 -all
        """;

    [Theory]
    [InlineData("a pass matches, and the qualifier is ours", "apass.whole.example", Neutral)]
    [InlineData("a fail does not match", "afail.whole.example", SoftFail)]
    [InlineData("nor does a softfail", "asoft.whole.example", Fail)]
    [InlineData("nor a neutral", "aneutral.whole.example", Fail)]
    [InlineData("nor a record without a match", "aplain.whole.example", Fail)]
    [InlineData("a temporary error is ours", "amute.whole.example", SpfProblem.DnsFailure)]
    [InlineData("a permanent error is ours", "awrong.whole.example", SpfProblem.UnknownMechanism)]
    [InlineData("a text that is no record", "anote.whole.example", SpfProblem.IncludeWithoutRecord)]
    [InlineData("no such name", "agone.whole.example", SpfProblem.IncludeWithoutRecord)]
    [InlineData("no argument", "bare.whole.example", SpfProblem.ArgumentMissing)]
    [InlineData("an empty one", "empty.whole.example", SpfProblem.BadDomainSpec)]
    [InlineData("a prefix length", "length.whole.example", SpfProblem.BadDomainSpec)]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
