using System.Text;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Smtp;

/// <summary>Seeded, so that a failure repeats: nonsense, and sense cut up, in both directions.</summary>
public sealed class SmtpFuzzTests
{
    private const string Opening = "LHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<x@b.test>\r\nDATA\r\n";

    private static readonly string[] ClientWords =
    [
        "LHLO c", "MAIL FROM:<a@b.test>", "MAIL FROM:<>", "RCPT TO:<x@b.test>", "RCPT TO:<\"a b\"@b.test>", "DATA", "RSET", "NOOP", "QUIT", "VRFY", "\r\n", "\r\n",
        "\r\n", "\r\n.\r\n", "\n.\n", ".", " SIZE=9", " BODY=8BITMIME", " SMTPUTF8", "<", ">", "\"", "\\", "@", ":", "\0", "\xff", "\r", "\n", "\xc3\xa4", " ", "=",
    ];

    private static readonly string[] ServerWords =
    [
        "220 x\r\n", "250 ok\r\n", "250-x\r\n", "250 PIPELINING\r\n", "250 SIZE 9\r\n", "250 STARTTLS\r\n", "354 go\r\n", "221 bye\r\n", "421 x\r\n", "450 4.1.1 x\r\n",
        "550 5.1.1 x\r\n", "\r\n", "\n", "\0", "9", "-", " ", "\xff", "2", "250", "335 x\r\n",
    ];

    [Fact]
    public void The_server_outlives_any_client()
    {
        var random = new Random(1870);
        for (var round = 0; round < 1500; round++)
        {
            var bytes = Encoding.Latin1.GetBytes(Opening[..(round % 3 == 0 ? 0 : random.Next(Opening.Length + 1))]
                + string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => ClientWords[random.Next(ClientWords.Length)])));
            var handler = new RecordingLmtpHandler();
            var budget = new SmtpMemoryBudget(1 << 20);
            var (said, result) = LmtpTalk.Run(handler, Cut(bytes, random), new LmtpSessionOptions { MaxMessageBytes = 40, MemoryBudget = budget });

            Assert.Equal(0, budget.UsedBytes);
            Assert.Empty(result.HandlerFailures);
            Assert.All(handler.Delivered, d => Assert.True(d.Message.Length <= 40 && d.Envelope.Recipients.Count > 0));
            Assert.All(said.Split("\r\n")[..^1], line => Assert.True(line.Length >= 4 && line[..3].All(char.IsAsciiDigit) && line[3] is ' ' or '-'));
            Assert.EndsWith("\r\n", said);
        }
    }

    [Fact]
    public async Task The_client_outlives_any_server()
    {
        var random = new Random(2920);
        for (var round = 0; round < 1500; round++)
        {
            var bytes = Encoding.Latin1.GetBytes(string.Concat(ServerWords.Take(random.Next(4)))
                + string.Concat(Enumerable.Range(0, random.Next(25)).Select(_ => ServerWords[random.Next(ServerWords.Length)])));
            await using var client = new SmtpClient(
                _ => ValueTask.FromResult<Stream>(new TrickleStream(new OneWayStream(bytes), 1 + random.Next(20))), SmtpSending.Options, TimeProvider.System);
            var message = SmtpSending.Message("x", "one@b.test", "two@b.test");
            var result = await client.SendAsync(message, default);
            Assert.Equal(message.Recipients, result.Recipients.Select(r => r.Recipient));
            Assert.All(result.Recipients, r => Assert.Equal(r.Outcome is SmtpOutcome.Accepted, r.Problem is null));
        }
    }

    private static IEnumerable<byte[]> Cut(byte[] bytes, Random random)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(1 + random.Next(12), bytes.Length - at);
            yield return bytes[at..(at + length)];
            at += length;
        }
    }

    /// <summary>Reads what was given, takes whatever is written.</summary>
    private sealed class OneWayStream(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override bool CanWrite => true;

        public override void Write(byte[] buffer, int offset, int count)
        {
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
    }
}
