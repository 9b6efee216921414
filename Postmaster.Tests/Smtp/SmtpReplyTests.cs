using System.Text;
using Postmaster.Fbl.Smtp;

namespace Postmaster.Tests.Smtp;

public sealed class SmtpReplyTests
{
    [Theory]
    [InlineData("250 2.1.0 ok", 250, "2.1.0", "ok")]
    [InlineData("250", 250, null, "")]
    [InlineData("250 ", 250, null, "")]
    [InlineData("250 2.0.0", 250, "2.0.0", "")]
    [InlineData("550 5.1.1 no user", 550, "5.1.1", "no user")]
    [InlineData("550 4.1.1 odd", 550, null, "4.1.1 odd")] // the class does not fit: text
    [InlineData("550 5.1 odd", 550, null, "5.1 odd")]
    [InlineData("550 5.1.1000 odd", 550, null, "5.1.1000 odd")]
    [InlineData("554 5.7.1 \tb\0ad\u007f", 554, "5.7.1", "b ad")] // no control reaches a log or a page
    public void A_line_is_read(string line, int code, string? enhanced, string text)
    {
        var reader = new SmtpReplyReader();
        Assert.True(reader.TryAddLine(Encoding.UTF8.GetBytes(line), out var reply));
        Assert.Equal((code, enhanced, text), (reply!.Code, reply.EnhancedCode, Assert.Single(reply.Lines)));
    }

    [Fact]
    public void Lines_of_one_reply_are_put_together()
    {
        var reader = new SmtpReplyReader();
        Assert.True(reader.TryAddLine("550-5.1.1 one"u8, out var reply));
        Assert.Null(reply);
        Assert.True(reader.TryAddLine("550 5.1.1 two"u8, out reply));
        Assert.Equal("550 5.1.1 one two", reply!.ToString());
        Assert.Equal("550-5.1.1 one\r\n550 5.1.1 two\r\n", reply.ToWire());
    }

    [Theory]
    [InlineData("")]
    [InlineData("25")]
    [InlineData("2x0 a")]
    [InlineData("150 a")]
    [InlineData("650 a")]
    [InlineData("-50 a")]
    [InlineData("2500 a")]
    [InlineData("250_a")]
    public void What_is_no_reply_is_refused(string line) => Assert.False(new SmtpReplyReader().TryAddLine(Encoding.ASCII.GetBytes(line), out _));

    [Fact]
    public void A_reply_has_a_limited_number_of_lines()
    {
        var reader = new SmtpReplyReader();
        for (var i = 0; i < SmtpReplyReader.MaxLines; i++)
            Assert.True(reader.TryAddLine("250-x"u8, out _));
        Assert.False(reader.TryAddLine("250 x"u8, out _));
    }
}
