using System.Text.Json;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Cli;

public sealed class ReportParseTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postmaster-test-").FullName;

    private const string Report = """
        From: fbl@provider.example
        To: fbl@news.example
        Subject: FW: Offer
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="b"

        --b
        Content-Type: text/plain

        A complaint.
        --b
        Content-Type: message/feedback-report

        Feedback-Type: abuse
        User-Agent: Some/1.0
        Version: 1
        Original-Mail-From: <bounce@news.example>
        Reported-Domain: news.example
        Source-IP: 192.0.2.1
        --b
        Content-Type: message/rfc822

        From: hi@news.example
        Message-ID: <7@news.example>
        List-Id: Spring <spring.news.example>
        Feedback-ID: a:b:c:newsletter

        Hello
        --b--

        """;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_json_has_the_names_of_the_contract()
    {
        string file = Path.Combine(_folder, "r.eml");
        await File.WriteAllTextAsync(file, Report);
        Verbs said = await Verbs.RunAsync("report", "parse", "--json", file);
        Assert.Equal((0, ""), (said.Exit, said.Error));
        Assert.Equal(
            [
                "path", "feedback_type", "user_agent", "version", "arrival_date", "source_ip", "original_mail_from", "original_rcpt_to", "reported_domain", "incidents",
                "message_id", "feedback_id", "list_id", "problem",
            ],
            said.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("7@news.example", "a:b:c:newsletter", "spring.news.example"), (Text(said, "message_id"), Text(said, "feedback_id"), Text(said, "list_id")));
        Assert.Equal(("bounce@news.example", "192.0.2.1", null), (Text(said, "original_mail_from"), Text(said, "source_ip"), Text(said, "problem")));
    }

    [Fact]
    public async Task An_mbox_and_a_folder_give_a_line_for_each_mail()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "box"), $"From x Sat Nov 21 10:00:00 2026\n{Report}\nFrom y Sat Nov 21 10:00:00 2026\n{Report}");
        await File.WriteAllTextAsync(Path.Combine(_folder, "one.eml"), Report);
        Verbs said = await Verbs.RunAsync("report", "parse", "--json", _folder);
        string[] paths = [.. said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("path").GetString()!)];
        Assert.Equal([Path.Combine(_folder, "box#1"), Path.Combine(_folder, "box#2"), Path.Combine(_folder, "one.eml")], paths);
        Assert.Equal(0, said.Exit);
    }

    [Fact]
    public async Task What_is_no_report_is_said_and_the_others_are_read()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.txt"), "not a mail");
        await File.WriteAllTextAsync(Path.Combine(_folder, "b.eml"), Report);
        Verbs said = await Verbs.RunAsync("report", "parse", "--json", _folder, Path.Combine(_folder, "missing"));
        Assert.Equal(1, said.Exit);
        Assert.Equal(3, said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("no such file", said.Output, StringComparison.Ordinal);
    }

    [ConformanceFact("arf")]
    public async Task The_public_reports_are_read_without_a_problem()
    {
        Verbs said = await Verbs.RunAsync(["report", "parse", "--json", .. Directory.GetFiles(Conformance.Directory("arf"), "*.eml")]);
        Assert.Equal((0, ""), (said.Exit, said.Error));
        Assert.All(
            said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement),
            r => Assert.Equal(("abuse", JsonValueKind.Null), (r.GetProperty("feedback_type").GetString(), r.GetProperty("problem").ValueKind)));
    }

    private static string? Text(Verbs said, string name) => said.Json.GetProperty(name).GetString();
}
