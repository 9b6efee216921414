using Postmaster.Fbl.Spf;
using static Postmaster.Fbl.Spf.SpfStatus;
using static Postmaster.Tests.Spf.Scenarios.SpfScenario;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf.Scenarios;

/// <summary>Only TXT is asked for, and what it does not answer is known later (RFC 7208 §3.1, §4.4).</summary>
public sealed class RecordLookupTests
{
    private const string Zone = """
        both.desk.example TXT v=spf1 ~all
        both.desk.example SPF v=spf1 +all
        text.desk.example TXT v=spf1 ~all
        other.desk.example SPF v=spf1 +all
        silent.desk.example SPF v=spf1 +all
        silent.desk.example FAIL
        mute.desk.example FAIL
        address.desk.example A 192.0.2.1
        """;

    [Theory]
    [InlineData("both types: TXT counts", "both.desk.example", SoftFail)]
    [InlineData("TXT alone", "text.desk.example", SoftFail)]
    [InlineData("type SPF alone is no record", "other.desk.example", SpfProblem.NoRecord)]
    [InlineData("no answer for TXT, though there is a record of type SPF", "silent.desk.example", SpfProblem.DnsFailure)]
    [InlineData("no answer to anything", "mute.desk.example", SpfProblem.DnsFailure)]
    [InlineData("a name without a text", "address.desk.example", SpfProblem.NoRecord)]
    [InlineData("a name that does not exist", "nowhere.desk.example", SpfProblem.NoRecord)]
    public Task The_vector_comes_out(string kind, string sender, object verdict, string client = Client, string helo = Helo, string? explanation = null)
        => ExpectAsync(Zone, kind, sender, verdict, client, helo, explanation);
}
