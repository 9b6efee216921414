using System.Text.Json;

namespace Postmaster.Tests.Cli;

/// <summary>What every verb promises to scripts.</summary>
public sealed class ContractTests
{
    [Theory]
    [InlineData("serve")]
    [InlineData("check domain")]
    [InlineData("check spf")]
    [InlineData("check health")]
    [InlineData("report make")]
    [InlineData("report parse")]
    [InlineData("complaint")]
    [InlineData("ingest")]
    [InlineData("consume")]
    public async Task Every_verb_knows_json_and_dns_and_its_help_ends_with_an_example(string verb)
    {
        Verbs said = await Verbs.RunAsync([.. verb.Split(' '), "--help"]);

        Assert.Equal(0, said.Exit);
        Assert.Contains("--json ", said.Output, StringComparison.Ordinal);
        Assert.Contains("--dns <HOST:PORT>", said.Output, StringComparison.Ordinal);
        Assert.Contains("postmaster " + verb, said.Output[said.Output.IndexOf("Example:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check message", 3)] // unknown, as monitoring plugins have it
    [InlineData("report make --domain news.example", 2)]
    [InlineData("report parse", 2)]
    [InlineData("complaint --mailbox alice@provider.example", 2)]
    [InlineData("ingest", 2)]
    [InlineData("consume", 2)]
    public async Task An_option_that_does_not_exist_is_a_wrong_call_and_not_a_missing_file(string verb, int exit)
    {
        Verbs said = await Verbs.RunAsync([.. verb.Split(' '), "--exce"]);

        Assert.Equal((exit, ""), (said.Exit, said.Output));
        Assert.StartsWith("--exce is no option of this command, and no file has that name.", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_without_a_data_folder_is_unknown_in_words_and_in_json()
    {
        string none = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));

        Verbs words = await Verbs.RunAsync("check", "health", "--data", none);
        Verbs json = await Verbs.RunAsync("check", "health", "--data", none, "--json");

        Assert.Equal((3, 3), (words.Exit, json.Exit));
        Assert.StartsWith("HEALTH UNKNOWN - ", words.Output, StringComparison.Ordinal);
        JsonElement item = Assert.Single(json.Json.GetProperty("items").EnumerateArray());
        Assert.Equal(("unknown", "data"), (json.Json.GetProperty("status").GetString(), item.GetProperty("name").GetString()));
    }
}
