using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Options;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Features.Samples.Scores;

namespace Postmaster.Tests.Samples;

public sealed class ScoreTests
{
    [Theory]
    [InlineData("SPAMD/1.1 0 EX_OK\r\nContent-length: 9\r\nSpam: True ; 6.3 / 5.0\r\n\r\nA_B,C_D\r\n", "score.spamassassin_spam")]
    [InlineData("SPAMD/1.1 0 EX_OK\r\nSpam: False ; 1.3 / 5.0\r\n\r\n\r\n", "score.spamassassin")]
    [InlineData("SPAMD/1.0 76 Bad header line\r\n", "score.spamassassin_away")]
    [InlineData("", "score.spamassassin_away")]
    public async Task SpamAssassin_is_asked_over_its_own_protocol(string answer, string code)
    {
        using var peer = new Peer(answer);
        SampleReport report = await InspectAsync(new ScoreOptions { SpamdAddress = peer.Address });
        Assert.NotNull(report.Find(code));
        Assert.StartsWith("SYMBOLS SPAMC/1.5\r\nContent-length: ", await peer.Heard, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("200 OK", "{\"score\":17.5,\"required_score\":15,\"symbols\":{\"BAD\":{\"score\":9.5},\"GOOD\":{\"score\":-1}}}", "score.rspamd_spam")]
    [InlineData("200 OK", "{\"score\":-0.5,\"required_score\":15}", "score.rspamd")]
    [InlineData("200 OK", "[]", "score.rspamd_away")]
    [InlineData("200 OK", "not json", "score.rspamd_away")]
    [InlineData("403 Forbidden", "{}", "score.rspamd_away")]
    public async Task Rspamd_is_asked_over_http(string status, string json, string code)
    {
        using var peer = new Peer($"HTTP/1.1 {status}\r\nContent-Length: {json.Length}\r\nConnection: close\r\n\r\n{json}");
        SampleReport report = await InspectAsync(new ScoreOptions { RspamdUrl = "http://" + peer.Address });
        Assert.NotNull(report.Find(code));
        string heard = await peer.Heard;
        Assert.StartsWith("POST /checkv2 HTTP/1.1\r\n", heard, StringComparison.Ordinal);
        Assert.Contains("IP: " + SampleKit.Ip, heard, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_filter_there_is_no_such_topic() =>
        Assert.DoesNotContain((await InspectAsync(new ScoreOptions())).Topics, t => t.Code is SampleTopics.Score);

    private static Task<SampleReport> InspectAsync(ScoreOptions options) =>
        new SampleInspector(SampleKit.Zone(), new ManualTime(SampleKit.Now), new SampleScorers(Options.Create(options)))
            .InspectAsync(new SampleInput(Encoding.Latin1.GetBytes(SampleKit.Signed()), SampleKit.Envelope), CancellationToken.None);

    /// <summary>Hears one request to its end and gives one answer.</summary>
    private sealed class Peer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Peer(string answer)
        {
            _listener.Start();
            Heard = Task.Run(() => ServeAsync(answer));
        }

        public string Address => _listener.LocalEndpoint.ToString()!;

        public Task<string> Heard { get; }

        public void Dispose() => _listener.Dispose();

        private async Task<string> ServeAsync(string answer)
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync();
            await using NetworkStream stream = client.GetStream();
            var heard = new StringBuilder();
            byte[] piece = new byte[4096];
            // The good mail ends with its closing boundary.
            while (!heard.ToString().EndsWith("--b--\r\n", StringComparison.Ordinal) && await stream.ReadAsync(piece) is var read and > 0)
                heard.Append(Encoding.Latin1.GetString(piece, 0, read));
            await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
            return heard.ToString();
        }
    }
}
