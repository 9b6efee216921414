using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Postmaster.Tests.Cli;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary><c>postmaster ingest</c>: how a file is cut, sent, sent again, and what is said about it.</summary>
public sealed class IngestCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("postmaster-ingest-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_is_counted_once_however_often_it_is_handed_in()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string file = Write([.. Enumerable.Repeat(app.Delivered("a.example"), 12_001)]);
        Verbs first = await RunAsync(app.Listened, file, "--json"), second = await RunAsync(app.Listened, file, "--json");
        Assert.Equal((0, 0, "", ""), (first.Exit, second.Exit, first.Error, second.Error));
        Assert.Equal((12_001, 0), (first.Json.GetProperty("accepted").GetInt32(), first.Json.GetProperty("before").GetInt32()));
        Assert.Equal((12_001, 12_001), (second.Json.GetProperty("accepted").GetInt32(), second.Json.GetProperty("before").GetInt32()));
        Assert.Equal(12_001, (await app.CountsAsync("a.example"))[(StreamKind.Whole, "")].Delivered);
    }

    [Fact]
    public async Task Refused_lines_are_told_with_the_numbers_that_they_have_in_the_file()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string[] lines = [.. Enumerable.Repeat(app.Delivered("a.example"), 10_010)];
        lines[2] = "{}";
        lines[3] = "";
        lines[7_000] = "{\"x\":\"" + new string('x', 1_000_000) + "\"}";
        lines[10_009] = "no";
        string file = Write(lines);
        Verbs said = await RunAsync(app.Listened, file);
        Assert.Equal(1, said.Exit);
        Assert.Equal(
            [$"{file}:10010: the line is not a JSON object", $"{file}:3: kind is missing", $"{file}:7001: the line is too long"],
            said.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        Assert.Equal(10_006, (await app.CountsAsync("a.example"))[(StreamKind.Whole, "")].Delivered);
    }

    [Fact]
    public async Task A_packed_file_is_unpacked_and_one_that_was_cut_off_is_said_to_be()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string file = Path.Combine(_folder, "events.gz");
        byte[] packed = EventKit.Zip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 6000).Select(i => app.Delivered("a.example", $",\"size\":{i}") + "\n"))));
        await File.WriteAllBytesAsync(file, packed[..^100]);
        Verbs cut = await RunAsync(app.Listened, file);
        await File.WriteAllBytesAsync(file, packed);
        Verbs whole = await RunAsync(app.Listened, file);
        Assert.Equal((2, 0), (cut.Exit, whole.Exit));
        Assert.Equal(6000, (await app.CountsAsync("a.example"))[(StreamKind.Whole, "")].Delivered);
    }

    [Fact]
    public async Task What_cannot_be_read_or_handed_in_says_why()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string file = Write([app.Delivered("a.example")]);
        Verbs missing = await RunAsync(app.Listened, Path.Combine(_folder, "none")), wrong = await RunWithTokenAsync(app.Listened, file, "wrong");
        Verbs away = await RunAsync(new Uri($"http://127.0.0.1:{FreePorts.Next()}"), file, "--wait", "0"), empty = await RunAsync(app.Listened, Write([]));
        Assert.Equal((2, 1, 1, 0), (missing.Exit, wrong.Exit, away.Exit, empty.Exit));
        Assert.Contains("401", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("did not answer", away.Error, StringComparison.Ordinal);
        Assert.Contains("nothing is counted twice", away.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(null)]
    public async Task A_server_that_is_busy_or_away_is_asked_again_with_the_same_key(HttpStatusCode? answer)
    {
        var server = new ScriptedAnswers(answer, answer, HttpStatusCode.OK);
        using var http = new HttpClient(server);
        var client = new EventClient(http, new IngestOptions { Url = "http://server.example", Token = "t" }, TimeSpan.FromSeconds(30), TimeProvider.System);
        SendOutcome outcome = await client.SendAsync(new EventBatch(1, "{}\n"u8.ToArray(), "the-key", []), CancellationToken.None);
        Assert.Equal(1, Assert.IsType<SendOutcome.Answered>(outcome).Answer.Accepted);
        Assert.Equal(["the-key", "the-key", "the-key"], server.Keys);
    }

    [Fact]
    public async Task A_key_that_the_server_knows_with_other_lines_is_told_and_the_rest_of_the_file_is_counted()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        string[] lines = [.. Enumerable.Repeat(app.Delivered("a.example"), EventBatch.MaxLines + 7)];
        string file = Write(lines);
        EventBatch[] batches = await CutAsync(await File.ReadAllTextAsync(file));
        await app.IngestAsync(app.Delivered("b.example"), batches[0].Key);

        Verbs said = await RunAsync(app.Listened, file);
        Assert.Equal(1, said.Exit);
        Assert.Contains("the 5000 lines from 1 on are not counted. The server has counted other lines under the key " + batches[0].Key, said.Error, StringComparison.Ordinal);
        Assert.Contains("7 events taken (0 of them were counted before), 5000 lines refused", said.Output, StringComparison.Ordinal);
        Assert.Equal(7, (await app.CountsAsync("a.example"))[(StreamKind.Whole, "")].Delivered);
    }

    [Fact]
    public async Task The_same_content_has_the_same_key_unless_it_stands_elsewhere_in_the_file()
    {
        string block = string.Concat(Enumerable.Repeat("{}\n", EventBatch.MaxLines));
        EventBatch[] once = await CutAsync(block + block + "{}"), again = await CutAsync(block + block + "{}"), changed = await CutAsync(block + block + "{ }");
        Assert.Equal([1, 5001, 10_001], once.Select(b => b.FirstLine));
        Assert.Equal(once.Select(b => b.Key), again.Select(b => b.Key));
        Assert.Equal(3, once.Select(b => b.Key).Distinct().Count());
        Assert.Equal([true, true, false], once.Zip(changed, (a, b) => string.Equals(a.Key, b.Key, StringComparison.Ordinal)));
        Assert.All(once, b => Assert.True(ComplaintId.IsKey(b.Key)));
    }

    [Fact]
    public async Task Batches_are_bounded_by_lines_and_by_octets()
    {
        EventBatch[] batches = await CutAsync(string.Concat(Enumerable.Repeat(new string('x', 60_000) + "\n", 400)));
        Assert.InRange(batches.Max(b => b.Content.Length), 1, 9 * 1024 * 1024);
        Assert.Equal(400, batches.Sum(b => b.Content.Span.Count((byte)'\n')));
    }

    private static async Task<EventBatch[]> CutAsync(string file) =>
        await EventBatch.CutAsync(new MemoryStream(Encoding.UTF8.GetBytes(file)), CancellationToken.None).ToArrayAsync();

    private string Write(string[] lines)
    {
        string path = Path.Combine(_folder, Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture));
        File.WriteAllText(path, string.Join('\n', lines));
        return path;
    }

    /// <summary>The verb finds the server by the settings of a data folder.</summary>
    private Task<Verbs> RunAsync(Uri server, string file, params string[] more) => RunWithTokenAsync(server, file, EventKit.Token, more);

    private async Task<Verbs> RunWithTokenAsync(Uri server, string file, string token, params string[] more)
    {
        string data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        await File.WriteAllTextAsync(Path.Combine(data, "appsettings.json"), JsonSerializer.Serialize(new { Ingest = new { Url = server.ToString(), Token = token } }));
        return await Verbs.RunAsync(["ingest", file, "--data", data, .. more]);
    }

    /// <summary>Answers in turn; null is a connection that is refused.</summary>
    private sealed class ScriptedAnswers(params HttpStatusCode?[] answers) : HttpMessageHandler
    {
        public List<string> Keys { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Keys.Add(request.Headers.GetValues("Idempotency-Key").Single());
            if (answers[Keys.Count - 1] is not { } status)
                throw new HttpRequestException("refused");
            var response = new HttpResponseMessage(status) { Content = new StringContent(status == HttpStatusCode.OK ? new IngestAnswer(1, 0, false, 0, 0, []).ToJson() : "") };
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(1));
            return Task.FromResult(response);
        }
    }
}
