using System.Buffers;
using System.Text;
using Postmaster.Fbl.Smtp;

namespace Postmaster.Tests.Smtp;

public sealed class LmtpDataDecoderTests
{
    [Theory]
    [InlineData(".\r\n", "")] // an empty message
    [InlineData("\r\n.\r\n", "\r\n")] // an empty line
    [InlineData("..\r\n.\r\n", ".\r\n")] // a dot on the first line
    [InlineData("...\r\n.\r\n", "..\r\n")]
    [InlineData(".x\r\n.\r\n", "x\r\n")] // RFC 5321 §4.5.2: the dot goes, whoever put it there
    [InlineData("a\r\n..b\r\n.\r\n", "a\r\n.b\r\n")]
    [InlineData("a.\r\nb.c\r\n.\r\n", "a.\r\nb.c\r\n")]
    [InlineData("a\r\n.\rb\r\n.\r\n", "a\r\n\rb\r\n")] // dot, CR, no LF
    [InlineData("a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n")]
    [InlineData("a\r\r\n.\r\n", "a\r\r\n")]
    [InlineData("\0\xff\r\n.\r\n", "\0\xff\r\n")]
    public void Data_is_unstuffed_however_it_is_cut(string wire, string content) => AssertDecodes(wire, content);

    // Line ends that other software may take for the end of a message ("SMTP smuggling"): content here.
    [Theory]
    [InlineData("a\n.\nb\r\n.\r\n", "a\n.\nb\r\n")]
    [InlineData("a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n")]
    [InlineData("a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n")]
    [InlineData("a\r.\rb\r\n.\r\n", "a\r.\rb\r\n")]
    [InlineData("a\r.\r\nb\r\n.\r\n", "a\r.\r\nb\r\n")]
    [InlineData("a\r\n.\rb\n.\n\r\n.\r\n", "a\r\n\rb\n.\n\r\n")]
    [InlineData("a\r\n\0.\r\nb\r\n.\r\n", "a\r\n\0.\r\nb\r\n")]
    [InlineData("a\n\n.\n\nb\r\n.\r\n", "a\n\n.\n\nb\r\n")]
    [InlineData("\n.\r\nb\r\n.\r\n", "\n.\r\nb\r\n")]
    [InlineData(".\nb\r\n.\r\n", "\nb\r\n")]
    [InlineData(".\rb\r\n.\r\n", "\rb\r\n")]
    public void Only_CRLF_dot_CRLF_ends_a_message(string wire, string content) => AssertDecodes(wire, content);

    [Fact]
    public void What_follows_the_end_is_left_for_the_next_command()
    {
        var output = new ArrayBufferWriter<byte>();
        var decoder = new LmtpDataDecoder();
        Assert.Equal(6, decoder.Decode("x\r\n.\r\nRSET\r\n"u8, output));
        Assert.True(decoder.Ended);
    }

    [Fact]
    public void Stuffed_octets_of_any_kind_come_back_as_they_were()
    {
        var random = new Random(5321);
        for (var round = 0; round < 2000; round++)
        {
            var content = new byte[random.Next(40)];
            for (var i = 0; i < content.Length; i++)
                content[i] = "\r\n..a"u8[random.Next(5)];
            AssertDecodes(Stuff(content), Encoding.Latin1.GetString(content) + "\r\n", everyCut: false);
        }
    }

    // The rule of RFC 5321 §4.5.2 by text replacement, to check the state machine against something simpler.
    private static string Stuff(byte[] content) =>
        ("\r\n" + Encoding.Latin1.GetString(content) + "\r\n").Replace("\r\n.", "\r\n..", StringComparison.Ordinal)[2..] + ".\r\n";

    private static void AssertDecodes(string wire, string content, bool everyCut = true)
    {
        var bytes = Encoding.Latin1.GetBytes(wire);
        for (var cut = 0; cut <= (everyCut ? bytes.Length : 0); cut++)
        {
            var output = new ArrayBufferWriter<byte>();
            var decoder = new LmtpDataDecoder();
            var used = decoder.Decode(bytes.AsSpan(0, cut), output) + decoder.Decode(bytes.AsSpan(cut), output);
            Assert.True(decoder.Ended);
            Assert.Equal(bytes.Length, used);
            Assert.Equal(content, Encoding.Latin1.GetString(output.WrittenSpan));
        }
    }
}
