using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Arf;
using Postmaster.Tests.Cli;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Suppression;

/// <summary>A sender who has the redaction key and the list finds the subscriber behind a code.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ConsumeSubscribersTests : IDisposable
{
    private static readonly RedactionKey Other = new(new byte[RedactionKey.Length]);

    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    private static string Code(string address, RedactionKey? key = null) => (key ?? WrittenReports.Key).Redact(MailAddress.Parse(address));

    private string KeyFile() => _desk.Write("key.txt", WrittenReports.Key.ToText() + "\n");

    private Task<Verbs> ConsumeAsync(string list, params string[] more) =>
        Verbs.RunAsync(["consume", "--csv", _desk.List, "--redaction-key", KeyFile(), "--list", _desk.Write("list.txt", list), .. more]);

    private static string Report(params string[] recipients) => Reports.Of(fields: string.Join('\n', recipients.Select(r => $"Original-Rcpt-To: <{r}>").Append("Reported-Domain: news.example")));

    [Theory]
    [InlineData(ReportShape.FullMessage)]
    [InlineData(ReportShape.HeadersOnly)]
    [InlineData(ReportShape.Identifiers)]
    public async Task The_code_in_a_report_of_the_portal_becomes_the_address_of_the_list(ReportShape shape)
    {
        await File.WriteAllBytesAsync(_desk.At("r.eml"), WrittenReports.Complaint(Press.Spam, shape, clear: false, WrittenReports.OriginalWith("\r\n")));
        Verbs said = await ConsumeAsync($"bob@provider.example\n{WrittenReports.Mailbox}\n", _desk.At("r.eml"));
        Assert.Equal((0, "", "1 mail: 1 new entry\n"), (said.Exit, said.Error, said.Output));
        Dictionary<string, string> row = Assert.Single(_desk.Rows());
        Assert.Equal((WrittenReports.Mailbox, "list", "one@owner.example"), (row["recipient"], row["recipient_from"], row["message_id"]));
    }

    [Fact]
    public async Task A_code_of_nobody_on_the_list_is_told_and_kept_as_it_is()
    {
        string code = Code("gone@provider.example"), foreign = Code("ann@provider.example", Other);
        Verbs said = await ConsumeAsync("ann@provider.example\n", _desk.Write("r", Report(code, foreign, Code("ann@provider.example"))));
        Assert.Equal(0, said.Exit);
        Assert.Contains($"names {code} and 1 more, which no address of the list stands for", said.Error, StringComparison.Ordinal);
        Assert.Equal([(code, "original-rcpt-to"), (foreign, "original-rcpt-to"), ("ann@provider.example", "list")], _desk.Rows().Select(r => (r["recipient"], r["recipient_from"])));
    }

    [Fact]
    public async Task An_address_that_stands_in_clear_is_left_and_asks_nobody_to_look()
    {
        Verbs said = await ConsumeAsync("ann@provider.example\n", _desk.Write("r", Report("Ann@provider.example")));
        Assert.Equal((0, ""), (said.Exit, said.Error));
        Dictionary<string, string> row = Assert.Single(_desk.Rows());
        Assert.Equal(("Ann@provider.example", "original-rcpt-to"), (row["recipient"], row["recipient_from"]));
    }

    [Fact]
    public async Task The_case_of_an_address_does_not_matter_and_a_tag_does()
    {
        await ConsumeAsync("# ours\n\n  Ann@Provider.example \r\nann+news@provider.example\n", _desk.Write("r", Report(Code("ann@provider.example"), Code("ANN+news@provider.example"), Code("ann+other@provider.example"))));
        Assert.Equal(["Ann@Provider.example", "ann+news@provider.example", Code("ann+other@provider.example")], _desk.Rows().Select(r => r["recipient"]));
    }

    [Fact]
    public async Task A_report_that_was_read_without_the_list_adds_nothing_with_it()
    {
        string report = _desk.Write("r", Report(Code("ann@provider.example")));
        await Verbs.RunAsync("consume", "--csv", _desk.List, report);
        Verbs said = await ConsumeAsync("ann@provider.example\n", report);
        Assert.Equal("1 mail: 0 new entries\n", said.Output);
    }

    [Fact]
    public async Task The_command_gets_the_address()
    {
        string program = _desk.Program("echo \"$POSTMASTER_RECIPIENT $POSTMASTER_RECIPIENT_FROM\" >> \"$(dirname \"$0\")/done\"");
        await ConsumeAsync("ann@provider.example\n", "--exec", program, _desk.Write("r", Report(Code("ann@provider.example"))));
        Assert.Equal(["ann@provider.example list"], _desk.Lines("done"));
    }

    [Fact]
    public async Task A_mail_with_an_unknown_code_gets_a_star_and_another_does_not()
    {
        _desk.Deliver("1.a", Report(Code("ann@provider.example")));
        _desk.Deliver("2.b", Report(Code("gone@provider.example")));
        await ConsumeAsync("ann@provider.example\n", _desk.Box);
        Assert.Equal(["1.a:2,S", "2.b:2,FS"], _desk.In("cur"));
    }

    [Fact]
    public async Task Lines_that_are_no_address_are_counted_and_a_list_of_none_is_refused()
    {
        string report = _desk.Write("r", Report(Code("ann@provider.example")));
        Verbs some = await ConsumeAsync("name,mail\nann@provider.example\n", report);
        Verbs none = await ConsumeAsync("name,mail\n", report);
        Assert.Equal(0, some.Exit);
        Assert.Contains("1 line is no address", some.Error, StringComparison.Ordinal);
        Assert.Equal(2, none.Exit);
        Assert.Contains("holds no address", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_and_list_go_together_and_have_to_be_readable()
    {
        string list = _desk.Write("list.txt", "ann@provider.example\n"), wrong = _desk.Write("wrong", "pmrk1_short\n");
        foreach (string[] arguments in (string[][])[["--redaction-key", KeyFile()], ["--list", list], ["--redaction-key", wrong, "--list", list], ["--redaction-key", KeyFile(), "--list", _desk.At("missing")]])
        {
            Verbs said = await Verbs.RunAsync(["consume", "--csv", _desk.List, .. arguments, _desk.Write("r", Reports.Of())]);
            Assert.Equal((2, ""), (said.Exit, said.Output));
            Assert.Contains(arguments[0].TrimStart('-'), said.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("pmrk1_short", said.Error, StringComparison.Ordinal);
        }
    }
}
