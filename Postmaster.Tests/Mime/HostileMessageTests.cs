using System.Text;
using Postmaster.Fbl.Mime;
using static Postmaster.Tests.Mime.MessageReaderTests;

namespace Postmaster.Tests.Mime;

public sealed class HostileMessageTests
{
    [Fact]
    public void Ten_thousand_nested_messages_are_walked_down_to_the_limit()
    {
        var message = Read(string.Concat(Enumerable.Repeat("Content-Type: message/rfc822\r\n\r\n", 10_000)) + "\r\nend");

        Assert.True(message.HasProblem(MessageProblemCodes.TooDeep));
        Assert.Equal(MessageLimits.Default.MaxDepth, message.Root.Walk().Count());
    }

    [Fact]
    public void Ten_thousand_nested_parts_of_one_boundary_end_at_the_limits()
    {
        var message = Read(string.Concat(Enumerable.Repeat("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 10_000)) + "\r\nend");

        // Below the deepest level every further delimiter is one of the innermost multipart.
        Assert.True(message.HasProblem(MessageProblemCodes.TooDeep));
        Assert.Equal(MessageLimits.Default.MaxParts, message.Root.Walk().Count());
    }

    [Fact]
    public void Ten_thousand_nested_parts_with_boundaries_that_begin_alike_are_walked_down_to_the_limit()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 10_000; i++)
            text.Append("Content-Type: multipart/mixed; boundary=b").Append(i).Append("\r\n\r\n--b").Append(i).Append("\r\n");

        Assert.Equal(MessageLimits.Default.MaxDepth, Read(text.ToString()).Root.Walk().Count());
    }

    [Fact]
    public void Thousands_of_small_parts_end_at_the_limit()
    {
        var message = Read("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 10_000)));

        Assert.True(message.HasProblem(MessageProblemCodes.TooManyParts));
        Assert.Equal(MessageLimits.Default.MaxParts, message.Root.Walk().Count());
    }

    [Fact]
    public void A_header_bomb_ends_at_the_limit_and_the_body_is_found_all_the_same()
    {
        var message = Read(string.Concat(Enumerable.Repeat("A: 1\r\n", 100_000)) + "\r\nbody");

        Assert.Equal(MessageLimits.Default.MaxHeaderFields, message.Headers.FieldCount);
        Assert.True(message.HasProblem(MessageProblemCodes.TooManyFields));
        Assert.Equal("body", Latin1(message.Body));
    }

    [Fact]
    public void A_large_header_ends_at_the_limit()
    {
        var message = Read("A: 1\r\nB: " + new string('b', 1000) + "\r\n\r\nbody", new MessageLimits { MaxHeaderBytes = 500 });

        Assert.Equal(1, message.Headers.FieldCount);
        Assert.True(message.HasProblem(MessageProblemCodes.HeaderTooLarge));
        Assert.Equal("body", Latin1(message.Body));
    }

    [Fact]
    public void A_message_beyond_the_size_is_a_header_and_one_body()
    {
        var message = Read("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n", new MessageLimits { MaxMessageBytes = 20 });

        Assert.True(message.HasProblem(MessageProblemCodes.MessageTooLarge));
        Assert.Empty(message.Root.Parts);
        Assert.NotNull(message.Headers.First("Content-Type"));
    }

    [Theory]
    [InlineData("A: 1\rB: 2\r\n\r\nbody", "1 B: 2", MessageProblemCodes.BareCarriageReturn)] // a bare CR ends no line
    [InlineData("A: 1\0x\r\n\r\nbody", "1\0x", MessageProblemCodes.NulInHeader)]
    [InlineData("A: gr\u00FC\u00DFe\r\n\r\nbody", "gr\u00FC\u00DFe", null)] // Latin-1, as it is no UTF-8
    [InlineData("A: \u00E2\u0082\u00AC\r\n\r\nbody", "\u20AC", null)] // UTF-8
    [InlineData("A: \r\n \r\n 1\r\n\r\nbody", "1", null)] // a line of white space folds
    public void Odd_octets_stay_in_their_field(string text, string expected, string? problem)
    {
        var message = Read(text);

        Assert.Equal(expected, message.Headers[0].Unfolded);
        Assert.Equal("body", Latin1(message.Body));
        Assert.Equal(problem, message.Problems.Count == 0 ? null : message.Problems[0].Code);
    }

    [Fact]
    public void Without_a_blank_line_there_is_no_body()
    {
        var message = Read("A: 1\r\nB: 2");

        Assert.Equal("2", message.Headers.First("B")!.Unfolded);
        Assert.Equal(0, message.Body.Length);
        Assert.True(message.HasProblem(MessageProblemCodes.NoBlankLine));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n\r\n")]
    [InlineData(":\r\n\r\n")]
    [InlineData(" folded first\r\n\r\n")]
    [InlineData("From x")]
    public void Next_to_nothing_is_a_message_too(string text)
    {
        var message = Read(text);
        Assert.Equal(0, message.Headers.FieldCount);
        Assert.Equal("text/plain", message.Root.ContentType.ToString());
    }
}
