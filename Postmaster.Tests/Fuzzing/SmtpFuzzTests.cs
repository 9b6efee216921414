using System.Text;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Smtp;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Fuzzing;

/// <summary>Any client against our server and any server against our client, whole and octet by octet.</summary>
public sealed class SmtpFuzzTests
{
    [Fact]
    public void The_server_outlives_any_client() => new ParserFuzz
    {
        Seed = 1870,
        Samples = ["LHLO c\r\nMAIL FROM:<a@b.test> SIZE=9\r\nRCPT TO:<x@b.test>\r\nDATA\r\nA: 1\r\n\r\n..x\r\n.\r\nRSET\r\nNOOP\r\nQUIT\r\n"],
        Alphabet =
        [
            "LHLO c\r\n", "MAIL FROM:<a@b.test>\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<x@b.test>\r\n", "RCPT TO:<\"a b\"@b.test>", "DATA\r\n", "RSET\r\n", "NOOP", "QUIT", "VRFY", "\r\n",
            "\r\n.\r\n", "\n.\n", "\r.\r", ".", " SIZE=9", " BODY=8BITMIME", " SMTPUTF8", "<", ">", "\"", "\\", "@", ":", "\0", "\u00FF", "\r", "\n", "\u00C3\u00A4", " ", "=",
        ],
        Rounds = 600,
        FloodLength = 16 * 1024,
        Allocation = (2000, 1024 * 1024), // a reply of ours for every line of two octets
    }.Run(octets =>
    {
        var whole = Talk([octets]);
        if (octets.Length <= 2000)
            Assert.Equal(whole, Talk(octets.Select(octet => new[] { octet })));
    });

    [Fact]
    public void The_client_outlives_any_server() => new ParserFuzz
    {
        Seed = 2920,
        Samples = ["220 x\r\n250-x\r\n250-PIPELINING\r\n250 SIZE 900\r\n250 2.1.0 ok\r\n250 2.1.5 ok\r\n550 5.1.1 no\r\n354 go\r\n250 2.0.0 kept\r\n221 bye\r\n"],
        Alphabet =
        [
            "220 x\r\n", "250 ok\r\n", "250-x\r\n", "250 PIPELINING\r\n", "250 SIZE 9\r\n", "250 STARTTLS\r\n", "354 go\r\n", "221 bye\r\n", "421 x\r\n", "450 4.1.1 x\r\n",
            "550 5.1.1 x\r\n", "\r\n", "\n", "\0", "9", "-", " ", "\u00FF", "2", "250", "335 x\r\n",
        ],
        Rounds = 600,
        FloodLength = 16 * 1024,
        Allocation = (400, 1024 * 1024),
    }.Run(octets =>
    {
        var whole = Send(octets, octets.Length + 1);
        Assert.Equal(whole, Send(octets, 1));
    });

    [Fact]
    public void Lines_of_a_reply() => new ParserFuzz
    {
        Seed = 3463,
        Samples = ["250-2.1.5 first\n250-2.1.5 second\n250 2.1.5 last", "550 5.7.1\n", "421"],
        Alphabet = ["250 ", "250-", "550-5.7.1 ", "2.0.0", ".", "-", " ", "\n", "\0", "\u0085", "\u00FF", "999", "5.999.999 ", "x", "\u00E2\u0080\u00A8"],
    }.Run(octets =>
    {
        var reader = new SmtpReplyReader();
        foreach (var line in octets.AsSpan().Split((byte)'\n'))
        {
            if (!reader.TryAddLine(octets.AsSpan()[line], out var reply))
                break;
            if (reply is null)
                continue;
            Assert.InRange(reply.Lines.Count, 1, SmtpReplyReader.MaxLines);
            Assert.DoesNotContain(reply.ToString(), c => char.IsControl(c) && c != '\n');
            break;
        }
    });

    private static string Talk(IEnumerable<byte[]> chunks)
    {
        var handler = new RecordingLmtpHandler();
        var budget = new SmtpMemoryBudget(1 << 20);
        var (said, result) = LmtpTalk.Run(handler, chunks, new LmtpSessionOptions { MaxMessageBytes = 40, MemoryBudget = budget });

        Assert.Equal(0, budget.UsedBytes);
        Assert.Empty(result.HandlerFailures);
        Assert.All(handler.Delivered, d => Assert.True(d.Message.Length <= 40 && d.Envelope.Recipients.Count > 0));
        Assert.All(said.Split("\r\n")[..^1], line => Assert.True(line.Length >= 4 && line[..3].All(char.IsAsciiDigit) && line[3] is ' ' or '-'));
        Assert.EndsWith("\r\n", said, StringComparison.Ordinal);
        return said;
    }

    private static string Send(byte[] octets, int atOnce)
    {
        var message = SmtpSending.Message("x", "one@b.test", "two@b.test");
        var client = new SmtpClient(_ => ValueTask.FromResult<Stream>(new TrickleStream(new OneWayStream(octets), atOnce)), SmtpSending.Options, TimeProvider.System);
        var result = ParserFuzz.Now(new ValueTask<SmtpSendResult>(client.SendAsync(message, default)));
        Assert.Equal(message.Recipients, result.Recipients.Select(r => r.Recipient));
        Assert.All(result.Recipients, r => Assert.Equal(r.Outcome is SmtpOutcome.Accepted, r.Problem is null));
        client.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return string.Join('\n', result.Recipients.Select(r => $"{r.Recipient} {r.Outcome} {r.Problem} {r.Reply}"));
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
