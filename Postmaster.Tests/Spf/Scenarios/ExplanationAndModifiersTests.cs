using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>exp=, redirect= and modifiers that nobody knows (RFC 7208 §6).</summary>
public sealed class ExplanationAndModifiersTests
{
    private const string Zone = """
        nowhere.word.example TXT v=spf1 redirect=gone.word.example
        note.word.example TXT v=spf1 redirect=theirs.word.example
        hole.word.example TXT v=spf1 redirect=a..word.example
        closed.word.example TXT v=spf1 -all
        told.word.example TXT v=spf1 -all exp=theirs.word.example
        mute.word.example FAIL
        ours.word.example TXT It is ours.
        theirs.word.example TXT It is theirs.
        away.word.example TXT v=spf1 exp=ours.word.example redirect=closed.word.example
        over.word.example TXT v=spf1 exp=ours.word.example redirect=told.word.example
        dash.word.example TXT v=spf1 redirect=-all ?all
        dashed.word.example TXT v=spf1 exp=-all
        inside.word.example TXT v=spf1 include:told.word.example -all exp=ours.word.example
        digit.word.example TXT v=spf1 9x=y
        nameless.word.example TXT v=spf1 =y
        said.word.example TXT v=spf1 exp=echo.word.example -all
        echo.word.example TXT %{l} %{s} is not known
        two.word.example TXT v=spf1 exp=twice.word.example -all
        twice.word.example TXT once
        twice.word.example TXT again
        silent.word.example TXT v=spf1 exp=mute.word.example -all
        textless.word.example TXT v=spf1 exp=address.word.example -all
        address.word.example A 192.0.2.1
        wrong.word.example TXT v=spf1 exp=broken.word.example -all
        broken.word.example TXT the %{q} is broken
        latin.word.example TXT v=spf1 exp=umlaut.word.example -all
        umlaut.word.example TXT \xFCber alle Ma\xDFen
        empty.word.example TXT v=spf1 exp= -all
        noway.word.example TXT v=spf1 ?all redirect=
        doubled.word.example TXT v=spf1 exp=ours.word.example -all exp=ours.word.example
        redoubled.word.example TXT v=spf1 redirect=closed.word.example redirect=closed.word.example
        percent.word.example TXT v=spf1 note=100% -all
        default.word.example TXT v=spf1 default=fail
        defaulted.word.example TXT v=spf1 default=-all
        void.word.example TXT v=spf1 a:x.word.example a:y.word.example exp=z.word.example -all
        moved.word.example TXT v=spf1 redirect=house.word.example
        moved.word.example A 192.0.2.2
        house.word.example TXT v=spf1 a -all
        house.word.example A 192.0.2.1
        soft.word.example TXT v=spf1 ~all exp=ours.word.example
        passing.word.example TXT v=spf1 redirect=mute.word.example
        """;

    [Theory]
    [InlineData("a redirect to nowhere", "nowhere.word.example", SpfProblem.RedirectWithoutRecord)]
    [InlineData("a redirect to a text that is no record", "note.word.example", SpfProblem.RedirectWithoutRecord)]
    [InlineData("a redirect to what is no name", "hole.word.example", SpfProblem.RedirectWithoutRecord)]
    [InlineData("a redirect that DNS does not answer", "passing.word.example", SpfProblem.DnsFailure)]
    [InlineData("a redirect takes our explanation away", "away.word.example", Fail, Client, Helo, NoWords)]
    [InlineData("and brings its own", "over.word.example", Fail, Client, Helo, "It is theirs.")]
    [InlineData("an include brings none", "inside.word.example", Fail, Client, Helo, "It is ours.")]
    [InlineData("no explanation without a fail", "soft.word.example", SoftFail, Client, Helo, NoWords)]
    [InlineData("a redirect that is no domain", "dash.word.example", SpfProblem.BadDomainSpec)]
    [InlineData("an exp that is no domain", "dashed.word.example", SpfProblem.BadDomainSpec)]
    [InlineData("a name that begins with a digit", "digit.word.example", SpfProblem.BadTerm)]
    [InlineData("no name", "nameless.word.example", SpfProblem.BadTerm)]
    [InlineData("spaces in a local-part", "the one@said.word.example", Fail, Client, Helo, "the one the one@said.word.example is not known")]
    [InlineData("two texts to explain", "two.word.example", Fail, Client, Helo, NoWords)]
    [InlineData("no text there", "textless.word.example", Fail, Client, Helo, NoWords)]
    [InlineData("no answer for it", "silent.word.example", Fail, Client, Helo, NoWords)]
    [InlineData("a bad macro in it", "wrong.word.example", Fail, Client, Helo, NoWords)]
    [InlineData("octets beyond US-ASCII in it", "latin.word.example", Fail, Client, Helo, NoWords)]
    [InlineData("an empty exp", "empty.word.example", SpfProblem.BadDomainSpec)]
    [InlineData("an empty redirect", "noway.word.example", SpfProblem.BadDomainSpec)]
    [InlineData("exp twice", "doubled.word.example", SpfProblem.RepeatedModifier)]
    [InlineData("redirect twice", "redoubled.word.example", SpfProblem.RepeatedModifier)]
    [InlineData("a bad macro in an unknown modifier", "percent.word.example", SpfProblem.BadMacro)]
    [InlineData("a modifier of old drafts", "default.word.example", Neutral)]
    [InlineData("and with a value that looks like a term", "defaulted.word.example", Neutral)]
    [InlineData("a void look-up for the explanation is not counted", "void.word.example", Fail, Client, Helo, NoWords)]
    [InlineData("a redirect makes its domain the one that is meant", "moved.word.example", Pass)]
    [InlineData("and no longer ours", "moved.word.example", Fail, "192.0.2.2")]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
