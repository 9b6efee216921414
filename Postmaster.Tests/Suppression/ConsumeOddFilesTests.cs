using System.Diagnostics;
using Postmaster.Tests.Cli;
using Postmaster.Web.Cli;
using Postmaster.Web.Hosting;

namespace Postmaster.Tests.Suppression;

/// <summary>Paths that are no files, names that are no text, an output that takes nothing.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ConsumeOddFilesTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task A_list_is_a_file_and_neither_a_pipe_nor_a_device()
    {
        Run("mkfifo", _desk.List);
        Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("r", Reports.Of(original: "Message-ID: <1@x>"))).WaitAsync(TimeSpan.FromSeconds(90));
        Assert.Equal(2, said.Exit);
        Assert.Contains("is a device or a pipe", said.Error, StringComparison.Ordinal);
        Assert.True(SpecialFile.Is("/dev/null"));
        Assert.True(SpecialFile.Is("/dev/full"));
        Assert.False(SpecialFile.Is("/dev"));
        Assert.False(SpecialFile.Is(Environment.ProcessPath!));
        Assert.False(SpecialFile.Is(_desk.List + ".nothing"));
    }

    [Fact]
    public async Task A_pipe_in_a_folder_is_told_and_keeps_nobody_waiting()
    {
        string report = _desk.Write("r", Reports.Of(original: "Message-ID: <1@x>")), folder = Path.GetDirectoryName(report)!;
        Run("mkfifo", Path.Combine(folder, "pipe"));
        Verbs parsed = await Verbs.RunAsync("report", "parse", folder).WaitAsync(TimeSpan.FromSeconds(90));
        Assert.Equal(1, parsed.Exit);
        Assert.Contains("a device or a pipe", parsed.Output, StringComparison.Ordinal);
        Assert.Contains("Message-ID", parsed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_not_UTF8_is_told_in_a_folder_and_in_a_Maildir()
    {
        string report = _desk.Write("r", Reports.Of(original: "Message-ID: <1@x>")), folder = Path.GetDirectoryName(report)!, maildir = Path.Combine(folder, "box");
        foreach (string part in (string[])["new", "cur", "tmp"])
            Directory.CreateDirectory(Path.Combine(maildir, part));
        Run("sh", "-c", $"cp '{report}' '{maildir}/new/'\"$(printf 'a\\377b')\"");
        foreach (string path in (string[])[Path.Combine(maildir, "new"), maildir])
        {
            Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.List, path);
            Assert.Equal(1, said.Exit);
            Assert.Contains("its name is not UTF-8", said.Error, StringComparison.Ordinal);
        }

        Run("rm", "-r", maildir); // the runtime cannot delete it
    }

    [Fact]
    public async Task A_file_name_does_not_steer_the_terminal()
    {
        Verbs said = await Verbs.RunAsync("report", "parse", _desk.Write("a\u001B[2Jb\nc", Reports.Of(original: "Message-ID: <1@x>")));
        Assert.DoesNotContain('\u001B', said.Output);
        Assert.DoesNotContain("b\nc", said.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("consume")]
    [InlineData("report", "parse")]
    public async Task An_output_that_is_full_is_one_sentence_and_exit_code_1(params string[] verb)
    {
        string report = _desk.Write("r", Reports.Of(original: "Message-ID: <1@x>"));
        var error = new StringWriter();
        // The writer is left to the collector: it would try once more to get rid of what it holds.
        await using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        int exit = await CommandLine.RunAsync([.. verb, report], new StreamWriter(full) { AutoFlush = true }, error);
        Assert.Equal(1, exit);
        Assert.Contains("No space left", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_stands_for_a_recipient_without_being_an_address_is_nobody()
    {
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("r", Reports.Of(fields: "", original: "To: redacted\nMessage-ID: <1@x>")));
        Assert.Equal("", Assert.Single(_desk.Rows())["recipient"]);
    }
}
