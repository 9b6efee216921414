using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>One record among the texts of a name (RFC 7208 §4.5).</summary>
public sealed class SelectingRecordsTests
{
    private const string Zone = """
        glued.shelf.example TXT v=spf1|-all
        bare.shelf.example TXT v=spf1
        later.shelf.example TXT v=spf10 -all
        later.shelf.example TXT v=spf1 a
        later.shelf.example A 192.0.2.1
        stale.shelf.example SPF v=spf1 +all
        stale.shelf.example TXT v=spf1 -all
        two.shelf.example TXT v=spf1 ?all
        two.shelf.example TXT v=spf1 ~all
        three.shelf.example TXT v=spf1 ?all
        three.shelf.example TXT v=spf1 ~all
        three.shelf.example TXT v=spf1 -all
        cases.shelf.example TXT v=spf1 ?all
        cases.shelf.example TXT V=SPF1 ~all
        many.shelf.example SPF v=spf1 -all
        many.shelf.example SPF v=spf1 ~all
        many.shelf.example TXT v=spf1 ?all
        empty.shelf.example A 192.0.2.1
        upper.shelf.example TXT V=Spf1 ~ALL
        word.shelf.example TXT v=spf1a -all
        quoted.shelf.example TXT \x20v=spf1 -all is what we should write
        sender.shelf.example TXT v=spf2.0/pra -all
        notes.shelf.example TXT a note
        notes.shelf.example TXT v=spf1 -all
        notes.shelf.example TXT another note
        """;

    [Theory]
    [InlineData("the version has to end, and strings are joined without a space", "glued.shelf.example", SpfProblem.NoRecord)]
    [InlineData("a record of no terms", "bare.shelf.example", Neutral)]
    [InlineData("another version beside ours", "later.shelf.example", Pass)]
    [InlineData("a record of type SPF is not looked at", "stale.shelf.example", Fail)]
    [InlineData("two records", "two.shelf.example", SpfProblem.SeveralRecords)]
    [InlineData("three records", "three.shelf.example", SpfProblem.SeveralRecords)]
    [InlineData("two records, one of them in upper case", "cases.shelf.example", SpfProblem.SeveralRecords)]
    [InlineData("several of type SPF are not looked at either", "many.shelf.example", Neutral)]
    [InlineData("no text at all", "empty.shelf.example", SpfProblem.NoRecord)]
    [InlineData("the version in either case", "upper.shelf.example", SoftFail)]
    [InlineData("the version with a letter behind it", "word.shelf.example", SpfProblem.NoRecord)]
    [InlineData("a space before the version", "quoted.shelf.example", SpfProblem.NoRecord)]
    [InlineData("Sender ID is none of ours", "sender.shelf.example", SpfProblem.NoRecord)]
    [InlineData("notes around the record", "notes.shelf.example", Fail)]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
