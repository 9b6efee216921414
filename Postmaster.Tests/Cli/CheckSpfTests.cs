using System.Text.Json;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Cli;

public sealed class CheckSpfTests
{
    [Theory]
    [InlineData("v=spf1 ip4:192.0.2.7 -all", "pass", 0)]
    [InlineData("v=spf1 ?all", "neutral", 1)]
    [InlineData("v=spf2 none", "none", 1)]
    [InlineData("v=spf1 ~all", "softfail", 1)]
    [InlineData("v=spf1 -all", "fail", 2)]
    [InlineData("v=spf1 moo", "permerror", 2)]
    [InlineData("v=spf1 a:broken.example", "temperror", 3)]
    public async Task Each_result_has_its_word_and_its_exit_code(string record, string status, int exit)
    {
        Verbs said = await CheckAsync(Zone(record), "--json");
        Assert.Equal((status, exit), (said.Json.GetProperty("status").GetString(), said.Exit));

        Verbs words = await CheckAsync(Zone(record));
        Assert.Equal(exit, words.Exit);
        string[] levels = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];
        Assert.StartsWith($"SPF {levels[exit]} - {status}: ", words.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_json_has_the_names_that_scripts_rely_on()
    {
        JsonElement json = (await CheckAsync(Zone("v=spf1 a:gone.example -all exp=why.news.example").AddTxt("why.news.example", "Not %{i}!"), "--json")).Json;
        Assert.Equal(
            ["status", "mechanism", "explanation", "problem", "lookups", "void_lookups", "trace"],
            json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("-all", "Not 192.0.2.7!", null), (json.GetProperty("mechanism").GetString(), json.GetProperty("explanation").GetString(), json.GetProperty("problem").GetString()));
        Assert.Equal((1, 1), (json.GetProperty("lookups").GetInt32(), json.GetProperty("void_lookups").GetInt32()));

        JsonElement trace = json.GetProperty("trace");
        Assert.Equal("v=spf1 a:gone.example -all exp=why.news.example", trace.GetProperty("record").GetString());
        JsonElement step = trace.GetProperty("steps")[0];
        Assert.Equal(("a:gone.example", "no_match", "gone.example", 1), (step.GetProperty("term").GetString(), step.GetProperty("outcome").GetString(), step.GetProperty("target").GetString(), step.GetProperty("lookups").GetInt32()));
        Assert.Equal(("gone.example", "A"), (step.GetProperty("answers")[0].GetProperty("name").GetString(), step.GetProperty("answers")[0].GetProperty("type").GetString()));
        Assert.StartsWith("NXDOMAIN from 127.0.0.1:", step.GetProperty("answers")[0].GetProperty("answer").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_problem_is_told_in_words()
    {
        Verbs said = await CheckAsync(Zone("v=spf1 include:in.example -all").AddTxt("in.example", "v=spf1 moo"), "--json");
        Assert.Equal("unknown mechanism: moo at in.example", said.Json.GetProperty("problem").GetString());
        Assert.Equal("permerror", said.Json.GetProperty("trace").GetProperty("steps")[0].GetProperty("inner").GetProperty("status").GetString());
    }

    [Fact]
    public async Task The_words_show_every_record_with_its_terms()
    {
        Verbs said = await CheckAsync(Zone("v=spf1 include:in.example -all").AddTxt("in.example", "v=spf1 ip4:192.0.2.0/24"));
        string[] lines = said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(
        [
            "SPF OK - pass: include:in.example matched",
            "client 192.0.2.7, MAIL FROM bounce@news.example, HELO mta.news.example",
            "1 of 10 DNS look-ups, 0 of 2 without an answer",
            "news.example: v=spf1 include:in.example -all",
            "include:in.example: match  [1 look-up]",
            "in.example: v=spf1 ip4:192.0.2.0/24",
            "ip4:192.0.2.0/24: match",
        ], lines);
    }

    [Theory]
    [InlineData("<>")]
    [InlineData("")]
    public async Task A_bounce_is_judged_by_the_HELO_name(string mailFrom)
    {
        ZoneResolver zone = new ZoneResolver().AddTxt("mta.news.example", "v=spf1 ip4:192.0.2.7 -all");
        Assert.Equal(0, (await CheckAsync(zone, "--mail-from", mailFrom)).Exit);
    }

    [Fact]
    public async Task Angle_brackets_may_stand_around_the_sender()
        => Assert.Equal(0, (await CheckAsync(Zone("v=spf1 ip4:192.0.2.7 -all"), "--mail-from", "<bounce@news.example>")).Exit);

    [Fact]
    public async Task Control_characters_of_a_record_do_not_reach_the_terminal()
    {
        Verbs said = await CheckAsync(Zone("v=spf1 \u001b[31m -all exp=x.example"));
        Assert.Equal(2, said.Exit);
        Assert.DoesNotContain('\u001b', said.Output);
    }

    [Fact]
    public async Task An_address_that_is_none_is_unknown_to_a_monitor()
    {
        Verbs said = await Verbs.RunAsync("check", "spf", "--ip", "010.0.0.1", "--mail-from", "a@news.example", "--helo", "x.example");
        Assert.Equal(3, said.Exit);
        Assert.Contains("--ip 010.0.0.1: write an IPv4 or IPv6 address", said.Error, StringComparison.Ordinal);
    }

    private static ZoneResolver Zone(string record) => new ZoneResolver().AddTxt("news.example", record).Fail("broken.example");

    private static async Task<Verbs> CheckAsync(ZoneResolver zone, params string[] arguments)
    {
        await using LoopbackDnsServer server = LoopbackDnsServer.Start(zone);
        string[] sender = arguments.Contains("--mail-from", StringComparer.Ordinal) ? [] : ["--mail-from", "bounce@news.example"];
        return await Verbs.RunAsync(["check", "spf", "--ip", "192.0.2.7", .. sender, "--helo", "mta.news.example", .. arguments, "--dns", server.Address]);
    }
}
