using System.Text.Json;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Cli;

public sealed class ComplaintCommandTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("postmaster-test-").FullName;

    private string Message => Path.Combine(_data, "message.eml");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task While_the_server_is_away_the_complaint_waits_in_the_spool()
    {
        await File.WriteAllTextAsync(Message, "Subject: hello\r\n\r\nhello\r\n");
        await using ServerProcess verb = ServerProcess.Start(
            ["complaint", Message, "--mailbox", "alice@provider.example", "--data", _data, "--json"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["Ingest:Url"] = $"http://127.0.0.1:{FreePorts.Next()}" });
        Assert.Equal(0, await verb.WaitForExitAsync(TimeSpan.FromSeconds(90)));
        string spooled = Assert.Single(Directory.GetFiles(Path.Combine(_data, "spool")));
        string[] lines = await File.ReadAllLinesAsync(spooled);
        JsonElement entry = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Equal(("alice@provider.example", "Spam"), (entry.GetProperty("mailbox").GetString(), entry.GetProperty("press").GetString()));
        Assert.Equal(["Subject: hello", "", "hello"], lines[1..]);
        Assert.Contains(verb.Lines, l => l.Contains("spooled", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Phishing", "--type", "phishing")]
    [InlineData("Virus", "--type", "virus")]
    [InlineData("NotSpam", "--type", "not-spam")]
    [InlineData("NotSpam", "--not-spam")]
    public async Task The_button_is_named_by_its_type(string press, params string[] options)
    {
        await File.WriteAllTextAsync(Message, "Subject: hello\r\n\r\nhello\r\n");
        await using ServerProcess verb = ServerProcess.Start(
            ["complaint", Message, "--mailbox", "alice@provider.example", "--data", _data, .. options],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["Ingest:Url"] = $"http://127.0.0.1:{FreePorts.Next()}" });
        Assert.Equal(0, await verb.WaitForExitAsync(TimeSpan.FromSeconds(90)));
        string line = (await File.ReadAllLinesAsync(Assert.Single(Directory.GetFiles(Path.Combine(_data, "spool")))))[0];
        Assert.Equal(press, JsonDocument.Parse(line).RootElement.GetProperty("press").GetString());
    }

    [Fact]
    public async Task A_type_that_is_none_is_refused_in_words()
    {
        Verbs said = await Verbs.RunAsync("complaint", Message, "--mailbox", "alice@provider.example", "--type", "auth-failure");
        Assert.Equal(2, said.Exit);
        Assert.Contains("--type is spam, not-spam, phishing or virus", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_neither_server_nor_spool_can_be_had_the_mail_is_not_said_to_be_kept()
    {
        await File.WriteAllTextAsync(Message, "Subject: hello\r\n\r\nhello\r\n");
        await File.WriteAllTextAsync(Path.Combine(_data, "spool"), "a file where the folder should be");
        await using ServerProcess verb = ServerProcess.Start(
            ["complaint", Message, "--mailbox", "alice@provider.example", "--data", _data],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["Ingest:Url"] = $"http://127.0.0.1:{FreePorts.Next()}" });
        Assert.Equal(1, await verb.WaitForExitAsync(TimeSpan.FromSeconds(90)));
        await verb.WaitForLineAsync("NOT kept", TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("alice")] // no domain
    [InlineData("alice@provider.example\r\nX: y")] // a header field
    public async Task An_address_that_is_none_is_refused_in_words(string address)
    {
        Verbs said = await Verbs.RunAsync("complaint", Message, "--mailbox", address);
        Assert.Equal(2, said.Exit);
        Assert.Contains("is not a mail address", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        Verbs said = await Verbs.RunAsync("complaint", Message, "--mailbox", "alice@provider.example");
        Assert.Equal((2, $"{Message}: no such file.\n"), (said.Exit, said.Error));
    }
}
