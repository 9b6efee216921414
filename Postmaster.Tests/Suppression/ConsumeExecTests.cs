using System.Text;
using System.Text.Json;
using Postmaster.Tests.Cli;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Suppression;

/// <summary>The owner's command: once for an entry, with outside text only where it does no harm.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ConsumeExecTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task The_command_runs_once_for_an_entry_with_variables_and_json()
    {
        string program = _desk.Program($"echo \"$1|$POSTMASTER_RECIPIENT|$POSTMASTER_UNSUBSCRIBE_URL\" >> '{_desk.At("log")}'; cat >> '{_desk.At("json")}'");
        string report = _desk.Write("r", Reports.Of());
        Verbs first = await ConsumeAsync($"{program} 'two words'", report, report);
        Verbs second = await ConsumeAsync($"{program} 'two words'", report);
        Assert.Equal((0, "2 mails: 1 new entry; 1 command done, 0 due\n", ""), (first.Exit, first.Output, first.Error));
        Assert.Equal((0, "1 mail: 0 new entries; 0 commands done, 0 due\n"), (second.Exit, second.Output));
        Assert.Equal(["two words|user1@provider.example|https://news.example/u?id=1&x=a,b"], _desk.Lines("log"));
        JsonElement told = JsonDocument.Parse(Assert.Single(_desk.Lines("json"))).RootElement;
        Assert.Equal(("cfbl-1", _desk.Rows()[0]["id"]), (told.GetProperty("cfbl_feedback_id").GetString(), told.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("$(touch /tmp/x)@p.example")]
    [InlineData("`id`;reboot@p.example")]
    [InlineData("\"a b\"@p.example")]
    [InlineData("--help")]
    [InlineData("() { :; }; echo hit")]
    public async Task Outside_text_reaches_the_command_as_it_stood(string recipient)
    {
        string program = _desk.Program($"printf '%s\\n' \"$#:$POSTMASTER_RECIPIENT\" >> '{_desk.At("log")}'");
        await ConsumeAsync(program, _desk.Write("r", Reports.Of(fields: $"Original-Rcpt-To: <{recipient}>\nReported-Domain: news.example", original: "Message-ID: <1@x>")));
        Assert.Equal(Desk.Rows(await File.ReadAllTextAsync(_desk.List))[0]["recipient"].TrimStart('\''), Assert.Single(_desk.Lines("log"))[2..]);
    }

    [Fact]
    public async Task A_command_that_fails_is_tried_again_by_the_next_run_and_the_entry_is_kept()
    {
        string program = _desk.Program($"echo \"$POSTMASTER_RECIPIENT\" >> '{_desk.At("log")}'; test -e '{_desk.At("mended")}' || {{ echo 'database away' >&2; exit 3; }}");
        _desk.Deliver("1", Reports.Of());
        Verbs first = await ConsumeAsync(program, _desk.Box);
        Assert.Equal((1, 1, 0), (first.Exit, _desk.Rows().Count, _desk.In("new").Length));
        Assert.Contains("user1@provider.example: the command ended with 3: database away", first.Error, StringComparison.Ordinal);
        _desk.Write("mended", "");
        Verbs second = await ConsumeAsync(program, _desk.Box);
        Verbs third = await ConsumeAsync(program, _desk.Box);
        Assert.Equal((0, "0 mails: 0 new entries; 1 command done, 0 due\n"), (second.Exit, second.Output));
        Assert.Equal((0, 2), (third.Exit, _desk.Lines("log").Length));
    }

    [Fact]
    public async Task Entries_whose_command_always_fails_do_not_keep_the_others_waiting()
    {
        string program = _desk.Program($"case $POSTMASTER_RECIPIENT in user1?@*) exit 1;; esac; echo \"$POSTMASTER_RECIPIENT\" >> '{_desk.At("log")}'");
        await ConsumeAsync(program, [.. Enumerable.Range(10, 10).Select(i => _desk.Write($"r{i}", Reports.Of(i)))]);
        await ConsumeAsync(program, _desk.Write("good", Reports.Of(5)));
        await ConsumeAsync(program, _desk.Write("good", Reports.Of(5)));
        Assert.Equal(["user5@provider.example"], _desk.Lines("log"));
    }

    [Theory]
    [InlineData("sleep 100")]
    [InlineData("trap '' TERM; while :; do sleep 1; done")]
    public async Task A_command_that_hangs_is_ended_and_due(string script)
    {
        Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.List, "--exec", _desk.Program(script), "--exec-timeout", "1", _desk.Write("r", Reports.Of()));
        Assert.Equal(1, said.Exit);
        Assert.Contains("took longer than 1 seconds and was ended", said.Error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_desk.List + ".due"));
    }

    [Fact]
    public async Task A_command_that_floods_its_output_or_leaves_a_child_behind_does_not_hold_up_the_run()
    {
        string program = _desk.Program("head -c 3000000 /dev/zero; sleep 30 & exit 0");
        Verbs said = await ConsumeAsync(program, _desk.Write("r", Reports.Of()));
        Assert.Equal((0, ""), (said.Exit, said.Error));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named_and_the_entry_is_kept()
    {
        Verbs said = await ConsumeAsync("/nowhere/unsubscribe", _desk.Write("r", Reports.Of()));
        Assert.Equal((1, 1), (said.Exit, _desk.Rows().Count));
        Assert.Contains("cannot be started: there is no program /nowhere/unsubscribe", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_is_no_program_and_the_entry_is_kept()
    {
        Verbs said = await ConsumeAsync(Path.GetTempPath(), _desk.Write("r", Reports.Of()));
        Assert.Equal((1, 1), (said.Exit, _desk.Rows().Count));
        Assert.Contains($"cannot be started: {Path.GetTempPath()} is a folder", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_file_a_mail_stays_in_new_until_its_command_has_succeeded()
    {
        _desk.Deliver("1", Reports.Of());
        _desk.Deliver("2", Reports.Of(2));
        Verbs first = await Verbs.RunAsync("consume", "--exec", _desk.Program("case $POSTMASTER_RECIPIENT in user1@*) exit 1;; esac"), _desk.Box);
        Assert.Equal((1, "1"), (first.Exit, Assert.Single(_desk.In("new"))));
        Verbs second = await Verbs.RunAsync("consume", "--exec", "true", _desk.Box);
        Assert.Equal((0, 0), (second.Exit, _desk.In("new").Length));
    }

    [Theory]
    [InlineData("true", true, 0)]
    [InlineData("false", true, 75)] // kept, but nobody is unsubscribed yet: the mail server hands it in again
    [InlineData("true", false, 0)] // no report: it must not go back to a stranger
    public async Task In_a_pipe_the_exit_code_is_the_mail_server_s(string program, bool report, int exit)
    {
        byte[] mail = Encoding.UTF8.GetBytes(report ? Reports.Of() : "Subject: hello\n\nhello\n");
        await using ServerProcess pipe = ServerProcess.Start(["consume", "--pipe", "--csv", _desk.List, "--exec", program], input: new MemoryStream(mail));
        Assert.Equal(exit, await pipe.WaitForExitAsync(TimeSpan.FromSeconds(90)));
    }

    private Task<Verbs> ConsumeAsync(string command, params string[] paths) => Verbs.RunAsync(["consume", "--csv", _desk.List, "--exec", command, .. paths]);
}
