using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Postmaster.Tests.Samples;
using Postmaster.Tests.Support;
using Postmaster.Web.Cli;

namespace Postmaster.Tests.Cli;

public sealed class CheckMessageTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("postmaster-check");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_json_has_the_names_that_scripts_rely_on()
    {
        Verbs said = await CheckAsync(Write("one.eml", SampleKit.Signed()), "--json");
        Assert.Equal(["path", "size", "dkim", "spf", "dmarc", "findings"], said.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["status", "domain", "selector", "algorithm", "key_bits", "problem", "testing"], said.Json.GetProperty("dkim")[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(["status", "domain", "organizational_domain", "policy", "problem"], said.Json.GetProperty("dmarc").EnumerateObject().Select(p => p.Name));
        Assert.Equal(["code", "severity", "text"], said.Json.GetProperty("findings")[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(("pass", "pass", "reject"), (said.Json.GetProperty("dkim")[0].GetProperty("status").GetString(), said.Json.GetProperty("dmarc").GetProperty("status").GetString(), said.Json.GetProperty("dmarc").GetProperty("policy").GetString()));
        Assert.Equal(JsonValueKind.Null, said.Json.GetProperty("spf").ValueKind);
        Assert.Equal("1 mail: 1 ok, 0 warning, 0 critical, 0 unknown", said.Error.Trim());
        Assert.Equal(0, said.Exit);
    }

    [Fact]
    public async Task The_envelope_makes_spf_count()
    {
        string path = Write("one.eml", SampleKit.Signed());
        Verbs good = await CheckAsync(path, "--json", "--ip", SampleKit.Ip, "--mail-from", "bounce@example.org", "--helo", "mta.example.org");
        Assert.Equal(("pass", 0), (good.Json.GetProperty("spf").GetProperty("status").GetString(), good.Exit));

        Verbs bad = await CheckAsync(path, "--ip", "192.0.2.1", "--mail-from", "<bounce@example.org>");
        Assert.Equal(2, bad.Exit);
        Assert.StartsWith("MESSAGE CRITICAL - ", bad.Output, StringComparison.Ordinal);
        Assert.Contains("CRITICAL spf.fail: example.org forbids 192.0.2.1 to send", bad.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mails_of_a_folder_are_judged_without_what_stands_around_them_unless_asked_for()
    {
        _folder.CreateSubdirectory("in");
        string path = Write(Path.Combine("in", "one.eml"), SampleKit.Signed()), folder = Path.GetDirectoryName(path)!;
        Verbs alone = await CheckAsync(path, "--json"), many = await CheckAsync(folder, "--json"), thorough = await CheckAsync(folder, "--json", "--thorough");
        Assert.Contains("hosts.", Codes(alone), StringComparison.Ordinal);
        Assert.DoesNotContain("hosts.", Codes(many), StringComparison.Ordinal);
        Assert.Contains("\"dmarc\":{\"status\":\"pass\"", many.Output, StringComparison.Ordinal);
        Assert.Equal(Codes(alone), Codes(thorough));
    }

    private static string Codes(Verbs said) => string.Join(' ', said.Json.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("code").GetString()));

    [NeedsFact("script")]
    public async Task On_a_terminal_a_bar_moves_while_the_results_go_to_a_file()
    {
        for (int i = 0; i < 50; i++)
            Write($"{i}.eml", SampleKit.Mail());
        string program = Path.Combine(AppContext.BaseDirectory, "postmaster.dll"), results = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        string shown = await RunAsync("script", "-qec", $"dotnet '{program}' check message --json --dns 127.0.0.1:9 '{_folder.FullName}' > '{results}'", "/dev/null");
        string[] lines = await File.ReadAllLinesAsync(results);
        File.Delete(results);
        Assert.Contains("octets read", shown, StringComparison.Ordinal);
        Assert.Contains("100%", shown, StringComparison.Ordinal);
        Assert.EndsWith("50 mails: 0 ok, 0 warning, 50 critical, 0 unknown", shown.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(50, lines.Length);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false })!;
        process.StandardInput.Close();
        string said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return said;
    }

    [Fact]
    public async Task Two_thousand_mails_of_a_folder_and_of_an_mbox_are_all_judged()
    {
        string[] mails = [SampleKit.Signed(), SampleKit.Mail(), SampleKit.Signed().Replace("Friday", "Sunday", StringComparison.Ordinal)];
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "in", "deep"));
        for (int i = 0; i < 1000; i++)
            Write(Path.Combine("in", i % 2 == 0 ? "deep" : "", $"{i}.eml"), mails[i % mails.Length]);
        string box = Write("box", string.Concat(Enumerable.Range(0, 1000).Select(i => $"From MAILER Mon Mar  2 10:00:00 2026\n{mails[i % mails.Length]}\n")));

        Verbs said = await CheckAsync(Path.Combine(_folder.FullName, "in"), box, "--json");
        List<JsonElement> lines = [.. said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
        Assert.Equal(2000, lines.Select(l => l.GetProperty("path").GetString()).Distinct(StringComparer.Ordinal).Count());
        string[] verdicts = [.. lines.Select(l => l.GetProperty("dkim") is { } dkim && dkim.GetArrayLength() == 0 ? "none" : dkim[0].GetProperty("status").GetString()!)];
        Assert.Equal((668, 666, 666), (verdicts.Count(v => v is "pass"), verdicts.Count(v => v is "none"), verdicts.Count(v => v is "fail")));
        Assert.Equal("2000 mails: 668 ok, 0 warning, 1332 critical, 0 unknown", said.Error.Trim());
        Assert.Equal(2, said.Exit);
    }

    [Fact]
    public async Task What_cannot_be_read_is_unknown()
    {
        Verbs said = await CheckAsync(Path.Combine(_folder.FullName, "gone.eml"), "--json");
        Assert.Equal(3, said.Exit);
        Assert.Equal("input.unreadable", said.Json.GetProperty("findings")[0].GetProperty("code").GetString());
        Assert.Equal(3, (await CheckAsync("x", "--ip", "moo")).Exit);
        Assert.Equal(3, (await CheckAsync("x", "--mail-from", "moo")).Exit);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void An_mbox_is_read_in_pieces_of_any_size(int piece)
    {
        const string box = "From a\nSubject: 1\n\nHello\nFrom the middle\n>From quoted\n\nFrom b\r\nSubject: 2\r\n\r\n>>From twice\r\n\r\nFrom c\n";
        using var stream = new Slow(Encoding.Latin1.GetBytes(box), piece);
        Assert.Equal(
            ["Subject: 1\n\nHello\nFrom the middle\nFrom quoted\n", "Subject: 2\r\n\r\n>From twice\r\n", ""],
            new MboxReader(stream, 1000).Read().Select(m => Encoding.Latin1.GetString(m!)));
    }

    [Fact]
    public void A_mail_of_an_mbox_that_is_too_large_is_passed_over()
    {
        byte[] box = Encoding.Latin1.GetBytes($"From a\nA: 1\n\nFrom b\n{new string('x', 100_000)}\n{new string('y', 100)}\n\nFrom c\nC: 1\n");
        Assert.Equal(["A: 1\n", null, "C: 1\n"], new MboxReader(new MemoryStream(box), 50_000).Read().Select(m => m is null ? null : Encoding.Latin1.GetString(m)));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(100_000)]
    public void What_goes_on_in_a_line_too_long_to_be_read_at_once_begins_no_mail(int piece)
    {
        string line = string.Concat(Enumerable.Repeat("From ", 100));
        using var stream = new Slow(Encoding.Latin1.GetBytes($"{line}\nA: 1\n\nFrom b\n{line}\n\nFrom c\nC: 1\n"), piece);
        Assert.Equal(["A: 1\n", null, "C: 1\n"], new MboxReader(stream, 50).Read().Select(m => m is null ? null : Encoding.Latin1.GetString(m)));
    }

    private string Write(string name, string mail)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes(mail));
        return path;
    }

    private static async Task<Verbs> CheckAsync(params string[] arguments)
    {
        await using LoopbackDnsServer server = LoopbackDnsServer.Start(SampleKit.Zone());
        return await Verbs.RunAsync(["check", "message", .. arguments, "--dns", server.Address]);
    }

    private sealed class Slow(byte[] octets, int piece) : MemoryStream(octets)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, piece)]);
    }
}
