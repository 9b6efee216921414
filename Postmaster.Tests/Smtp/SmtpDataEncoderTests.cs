using System.Buffers;
using System.Text;
using Postmaster.Fbl.Smtp;

namespace Postmaster.Tests.Smtp;

public sealed class SmtpDataEncoderTests
{
    [Theory]
    [InlineData("", ".\r\n")]
    [InlineData("a", "a\r\n.\r\n")]
    [InlineData("a\r\n", "a\r\n.\r\n")]
    [InlineData("a\n", "a\r\n.\r\n")]
    [InlineData("a\r", "a\r\n.\r\n")]
    [InlineData("a\rb\nc\r\nd", "a\r\nb\r\nc\r\nd\r\n.\r\n")]
    [InlineData("a\r\r\nb", "a\r\n\r\nb\r\n.\r\n")]
    [InlineData("\n\n", "\r\n\r\n.\r\n")]
    [InlineData(".", "..\r\n.\r\n")]
    [InlineData(".\r\n", "..\r\n.\r\n")]
    [InlineData("..", "...\r\n.\r\n")]
    [InlineData("a.b\r\n.c", "a.b\r\n..c\r\n.\r\n")]
    [InlineData("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n")] // smuggling vectors leave us as plain lines
    [InlineData("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n")]
    [InlineData("a\r\n.\r\nMAIL FROM:<>", "a\r\n..\r\nMAIL FROM:<>\r\n.\r\n")]
    public void Lines_end_in_CRLF_and_dots_are_stuffed_however_the_content_is_cut(string content, string wire)
    {
        var bytes = Encoding.Latin1.GetBytes(content);
        for (var cut = 0; cut <= bytes.Length; cut++)
            Assert.Equal(wire, Encode(bytes[..cut], bytes[cut..]));
        Assert.Equal(wire, Encode([.. bytes.Select(b => new[] { b })]));
        var stuffed = wire.Split("\r\n").Count(line => line.StartsWith("..", StringComparison.Ordinal));
        Assert.Equal(wire.Length - 3 - stuffed, SmtpDataEncoder.SizeOf(bytes));
    }

    [Fact]
    public void What_the_client_encodes_the_server_decodes()
    {
        var random = new Random(2033);
        for (var round = 0; round < 2000; round++)
        {
            var content = new byte[random.Next(60)];
            for (var i = 0; i < content.Length; i++)
                content[i] = "\r\n.a\xff"u8[random.Next(5)];
            var wire = Encoding.Latin1.GetBytes(Encode(content));
            var output = new ArrayBufferWriter<byte>();
            var decoder = new LmtpDataDecoder();
            Assert.Equal(wire.Length, decoder.Decode(wire, output));
            Assert.True(decoder.Ended);
            Assert.Equal(SmtpDataEncoder.SizeOf(content), output.WrittenCount);
        }
    }

    private static string Encode(params byte[][] chunks)
    {
        var output = new ArrayBufferWriter<byte>();
        var encoder = new SmtpDataEncoder();
        foreach (var chunk in chunks)
            encoder.Encode(chunk, output);
        encoder.Finish(output);
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }
}
