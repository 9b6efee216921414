using System.Text;
using System.Text.Json;
using Postmaster.Tests.Cli;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Suppression;

/// <summary>What of a report stands on the list.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ConsumeListTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task The_list_names_whom_to_unsubscribe_in_every_way_that_the_report_does()
    {
        Verbs said = await Verbs.RunAsync("consume", _desk.Write("r.eml", Reports.Of()));
        Assert.Equal((0, ""), (said.Exit, said.Error));
        Assert.StartsWith(
            "id,recorded_at,feedback_type,recipient,recipient_from,unsubscribe_mailto,unsubscribe_url,cfbl_feedback_id,feedback_id,message_id,list_id,arrival_date,reported_domain,original_mail_from,source_ip,report_id,signed_by\n",
            said.Output,
            StringComparison.Ordinal);
        Dictionary<string, string> row = Assert.Single(Desk.Rows(said.Output));
        Assert.Equal(("abuse", "user1@provider.example", "original-rcpt-to"), (row["feedback_type"], row["recipient"], row["recipient_from"]));
        Assert.Equal(("mailto:leave@news.example?subject=u1", "https://news.example/u?id=1&x=a,b"), (row["unsubscribe_mailto"], row["unsubscribe_url"]));
        Assert.Equal(("cfbl-1", "a:b:c:newsletter", "1@news.example", "spring.news.example"), (row["cfbl_feedback_id"], row["feedback_id"], row["message_id"], row["list_id"]));
        Assert.Equal(("2026-11-21T14:02:11Z", "news.example", "bounce-1@news.example", "192.0.2.1"), (row["arrival_date"], row["reported_domain"], row["original_mail_from"], row["source_ip"]));
        Assert.Equal(($"report1@{Reports.Provider}", ""), (row["report_id"], row["signed_by"]));
    }

    [Fact]
    public async Task A_report_that_is_read_twice_adds_nothing()
    {
        string report = _desk.Write("r.eml", Reports.Of());
        Verbs first = await Verbs.RunAsync("consume", "--csv", _desk.List, report, report);
        byte[] once = await File.ReadAllBytesAsync(_desk.List);
        Verbs second = await Verbs.RunAsync("consume", "--csv", _desk.List, report);
        Assert.Equal((0, "2 mails: 1 new entry\n"), (first.Exit, first.Output));
        Assert.Equal((0, "1 mail: 0 new entries\n"), (second.Exit, second.Output));
        Assert.Equal(once, await File.ReadAllBytesAsync(_desk.List));
    }

    [Fact]
    public async Task The_same_report_over_another_way_adds_nothing_and_another_person_does()
    {
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("a", Reports.Of()), _desk.Write("b", "Received: from x by y\n" + Reports.Of().ReplaceLineEndings("\r\n")), _desk.Write("c", Reports.Of(2)));
        Assert.Equal(["user1@provider.example", "user2@provider.example"], _desk.Rows().Select(r => r["recipient"]));
    }

    [Fact]
    public async Task A_report_about_several_recipients_gives_a_line_for_each()
    {
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("r", Reports.Of(fields: "Original-Rcpt-To: <a@p.example>\nOriginal-Rcpt-To: <b@p.example>\nOriginal-Rcpt-To: a@p.example")));
        Assert.Equal(["a@p.example", "b@p.example"], _desk.Rows().Select(r => r["recipient"]));
    }

    [Theory]
    [InlineData("Reported-Domain: news.example", "To: only@p.example\nMessage-ID: <1@news.example>", "only@p.example", "to")]
    [InlineData("Reported-Domain: news.example", "To: one@p.example, two@p.example\nMessage-ID: <1@news.example>", "", "")] // whose complaint it is would be a guess
    [InlineData("Removal-Recipient: gone@p.example", "Message-ID: <1@news.example>", "gone@p.example", "removal-recipient")]
    [InlineData("Original-Rcpt-To: <k7f3q2m9x4b8w1za@p.example>", "CFBL-Feedback-ID: 7", "k7f3q2m9x4b8w1za@p.example", "original-rcpt-to")] // a pseudonym
    public async Task The_recipient_is_found_where_it_stands_and_the_field_is_named(string fields, string original, string recipient, string from)
    {
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("r", Reports.Of(fields: fields, original: original)));
        Dictionary<string, string> row = Assert.Single(_desk.Rows());
        Assert.Equal((recipient, from), (row["recipient"], row["recipient_from"]));
    }

    [Fact]
    public async Task A_field_that_was_put_above_the_signed_one_names_nobody()
    {
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("r", Reports.Of(original: "List-Unsubscribe: <https://news.example/u?id=victim>\nCFBL-Feedback-ID: victim\n" + Reports.Original(1))));
        Dictionary<string, string> row = Assert.Single(_desk.Rows());
        Assert.Equal(("https://news.example/u?id=1&x=a,b", "cfbl-1"), (row["unsubscribe_url"], row["cfbl_feedback_id"]));
    }

    [Fact]
    public async Task A_test_report_of_the_portal_unsubscribes_nobody()
    {
        string test = Reports.Of().Replace("MIME-Version: 1.0", "X-Postmaster-Test: yes\nMIME-Version: 1.0", StringComparison.Ordinal);
        Verbs said = await Verbs.RunAsync("consume", _desk.Write("r", test));
        Assert.Empty(Desk.Rows(said.Output));
        Assert.Contains("a test report unsubscribes nobody", said.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fraud", 0, 1)]
    [InlineData("opt-out", 0, 1)]
    [InlineData("not-spam", 0, 0)]
    [InlineData("virus", 0, 0)]
    [InlineData("auth-failure", 0, 0)]
    [InlineData("other", 0, 0)]
    [InlineData("x-unheard-of", 0, 0)]
    public async Task Only_complaints_unsubscribe_and_the_other_types_are_told(string type, int exit, int rows)
    {
        Verbs said = await Verbs.RunAsync("consume", _desk.Write("r", Reports.Of(type: type)));
        Assert.Equal((exit, rows), (said.Exit, Desk.Rows(said.Output).Count));
        Assert.Equal(rows == 0, said.Error.Contains(type is "not-spam" ? "not spam: user1@provider.example" : type, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_not_spam_report_leaves_the_list_as_it_is()
    {
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("a", Reports.Of()));
        byte[] before = await File.ReadAllBytesAsync(_desk.List);
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("b", Reports.Of(type: "not-spam")));
        Assert.Equal(before, await File.ReadAllBytesAsync(_desk.List));
    }

    [Fact]
    public async Task Json_has_an_object_for_each_mail()
    {
        await Verbs.RunAsync("consume", "--csv", _desk.At("header"), _desk.Write("one", Reports.Of()));
        Verbs said = await Verbs.RunAsync("consume", "--json", _desk.Write("r.eml", Reports.Of()), _desk.Write("x", "no report"), _desk.At("missing"));
        JsonElement[] lines = [.. said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.Equal(1, said.Exit);
        Assert.Equal(["suppress", "unread", "unread"], lines.Select(l => l.GetProperty("outcome").GetString()));
        Assert.Equal(["path", "outcome", "feedback_type", "reason", "entries"], lines[0].EnumerateObject().Select(p => p.Name));
        JsonElement entry = Assert.Single(lines[0].GetProperty("entries").EnumerateArray());
        Assert.True(entry.GetProperty("new").GetBoolean());
        Assert.Equal("cfbl-1", entry.GetProperty("entry").GetProperty("cfbl_feedback_id").GetString());
        Assert.Equal(File.ReadLines(_desk.At("header")).First().Split(','), entry.GetProperty("entry").EnumerateObject().Select(p => p.Name));
        Assert.Contains("no such file", lines[2].GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standard_input_and_an_mbox_are_read()
    {
        await using (ServerProcess pipe = ServerProcess.Start(["consume", "--csv", _desk.List], input: new MemoryStream(Encoding.UTF8.GetBytes(Reports.Of()))))
            Assert.Equal(0, await pipe.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        Verbs box = await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("box", $"From x Sat Nov 21 10:00:00 2026\n{Reports.Of()}\nFrom y Sat Nov 21 10:00:00 2026\n{Reports.Of(2)}"));
        Assert.Equal((0, "2 mails: 1 new entry\n"), (box.Exit, box.Output));
        Assert.Equal(2, _desk.Rows().Count);
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "is another file")]
    [InlineData("id,recorded_at", "is another file")]
    public async Task Another_file_is_not_touched(string content, string words)
    {
        Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.Write("suppressed.csv", content), _desk.Write("r", Reports.Of()));
        Assert.Equal(2, said.Exit);
        Assert.Contains(words, said.Error, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(_desk.List));
    }

    [Fact]
    public async Task An_empty_file_a_link_and_a_line_without_its_end_are_taken_as_they_are()
    {
        string real = _desk.Write("real.csv", "");
        File.CreateSymbolicLink(_desk.List, real);
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("a", Reports.Of()));
        await File.WriteAllTextAsync(real, (await File.ReadAllTextAsync(real)).TrimEnd('\n'));
        File.SetUnixFileMode(real, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("b", Reports.Of(2)));
        Assert.Equal(2, _desk.Rows().Count);
        Assert.NotNull(new FileInfo(_desk.List).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(real));
    }

    [ConformanceFact("arf")]
    public async Task Every_public_report_gets_on_the_list_once()
    {
        string[] files = Directory.GetFiles(Conformance.Directory("arf"), "*.eml");
        Verbs said = await Verbs.RunAsync(["consume", "--json", "--csv", _desk.List, .. files]);
        Assert.Equal((0, ""), (said.Exit, said.Error));
        Assert.All(said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => Assert.Contains("\"outcome\":\"suppress\"", l, StringComparison.Ordinal));
        int rows = _desk.Rows().Count;
        Assert.True(rows >= 1 && _desk.Rows().All(r => r["recipient"].Length + r["message_id"].Length > 0));
        await Verbs.RunAsync(["consume", "--csv", _desk.List, .. files]);
        Assert.Equal(rows, _desk.Rows().Count);
    }
}
