using System.Text;
using Postmaster.Tests.Cli;

namespace Postmaster.Tests.Suppression;

/// <summary>Mails of strangers: never an exception, never a line that somebody else wrote.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ConsumeHostileTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Theory]
    [InlineData("=HYPERLINK(\"http://evil.example\")", "'=HYPERLINK(\"http://evil.example\")")]
    [InlineData("@SUM(1)", "'@SUM(1)")]
    [InlineData("\uFF1DSUM(1)", "'\uFF1DSUM(1)")] // wide signs of East Asian keyboards
    [InlineData("a;=1+1", "a;'=1+1")]
    [InlineData("a,b;\"c\"", "a,b;\"c\"")]
    [InlineData("a\u0007b", "")] // a control character: what is left without it could be somebody else's
    [InlineData("a\u0000b", "")]
    [InlineData("a\u2028b", "")]
    [InlineData("na\u00EFve \u6C34", "na\u00EFve \u6C34")]
    public async Task A_value_stays_in_its_cell(string value, string cell)
    {
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("r", Reports.Of(original: $"Message-ID: <1@x>\nFeedback-ID: {value}")));
        Assert.Equal(cell, Assert.Single(_desk.Rows())["feedback_id"]);
        Assert.Equal(2, (await File.ReadAllLinesAsync(_desk.List)).Length);
    }

    [Fact]
    public async Task A_folded_value_is_one_line_and_an_endless_one_is_left_out()
    {
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("r", Reports.Of(original: $"Message-ID: <1@x>\nFeedback-ID: a:b\n\t:c\nCFBL-Feedback-ID: {new string('x', 5000)}")));
        Dictionary<string, string> row = Assert.Single(_desk.Rows());
        Assert.Equal(("a:b :c", ""), (row["feedback_id"], row["cfbl_feedback_id"]));
    }

    [Theory]
    [InlineData("", "is no feedback report")]
    [InlineData("\0\0\0", "is no feedback report")]
    [InlineData("Subject: Out of office\n\nI am away.\n", "is no feedback report")]
    [InlineData("Content-Type: message/rfc822\n\nFrom: x@y\n\nhello\n", "nothing that says why")]
    [InlineData("Content-Type: message/feedback-report\n\nVersion: 1\n", "without a Feedback-Type")]
    [InlineData("Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n", "nobody can be unsubscribed")]
    public async Task What_is_no_report_is_said_in_words(string mail, string words)
    {
        Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("r", mail));
        Assert.Equal((1, false), (said.Exit, File.Exists(_desk.List)));
        Assert.Contains(words, said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_of_a_mail_do_not_steer_the_terminal()
    {
        Verbs said = await Verbs.RunAsync("consume", "--domain", "news.example", _desk.Write("r", Reports.Of(type: "x\u001B[2Jy", fields: "Reported-Domain: evil.example")));
        Assert.Equal(1, said.Exit);
        Assert.DoesNotContain('\u001B', said.Error);
    }

    [Fact]
    public async Task Ten_thousand_recipients_and_links_are_bounded()
    {
        string fields = string.Join('\n', Enumerable.Range(0, 10_000).Select(i => $"Original-Rcpt-To: <u{i}@p.example>"));
        string original = "Message-ID: <1@x>\nList-Unsubscribe: " + string.Join(",\n ", Enumerable.Range(0, 10_000).Select(i => $"<https://news.example/{i}>"));
        Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("r", Reports.Of(fields: fields, original: original)));
        Assert.Equal(0, said.Exit);
        Assert.Equal(1000, _desk.Rows().Count);
        Assert.Contains("names more than 1000 recipients", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_that_is_cut_anywhere_does_no_harm()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Reports.Of());
        for (int length = 0; length < whole.Length; length += 7)
            await File.WriteAllBytesAsync(_desk.At(FormattableString.Invariant($"cut{length:0000}")), whole[..length]);
        Verbs said = await Verbs.RunAsync(["consume", "--csv", _desk.List, .. Directory.GetFiles(_desk.Folder, "cut*")]);
        Assert.Equal(1, said.Exit);
        Assert.DoesNotContain("   at ", said.Error, StringComparison.Ordinal);
        Assert.NotEmpty(_desk.Rows());
    }

    [Fact]
    public async Task A_report_with_any_octets_changed_does_no_harm()
    {
        var random = new Random(20261121);
        byte[] whole = Encoding.UTF8.GetBytes(Reports.Of());
        for (int i = 0; i < 400; i++)
        {
            byte[] bad = [.. whole];
            for (int change = 0; change < 1 + (i % 12); change++)
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            await File.WriteAllBytesAsync(_desk.At(FormattableString.Invariant($"bad{i}")), bad);
        }

        Verbs said = await Verbs.RunAsync(["consume", "--csv", _desk.List, "--domain", "news.example", .. Directory.GetFiles(_desk.Folder, "bad*")]);
        Assert.InRange(said.Exit, 0, 1);
        Assert.DoesNotContain("   at ", said.Error, StringComparison.Ordinal);
        Assert.All(_desk.Rows(), r => Assert.Equal(17, r.Count));
        Assert.Equal(_desk.Rows().Count + 1, (await File.ReadAllLinesAsync(_desk.List)).Length);
    }
}
