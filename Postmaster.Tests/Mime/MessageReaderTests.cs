using System.Text;
using Postmaster.Fbl.Mime;

namespace Postmaster.Tests.Mime;

public sealed class MessageReaderTests
{
    internal static RawMessage Read(string text, MessageLimits? limits = null) => MessageReader.Read(Encoding.Latin1.GetBytes(text), limits);

    internal static string Latin1(ReadOnlyMemory<byte> octets) => Encoding.Latin1.GetString(octets.Span);

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Fields_keep_their_octets_and_the_body_begins_after_the_blank_line(string end)
    {
        var message = Read($"From: a@example.org{end}Subject : one{end} two{end}{end}body{end}");

        Assert.Equal("From Subject", string.Join(' ', message.Headers.Select(field => field.Name)));
        Assert.Equal($"Subject : one{end} two{end}", Latin1(message.Headers[1].Raw));
        Assert.Equal($" one{end} two", Latin1(message.Headers[1].RawValue));
        Assert.Equal("one two", message.Headers[1].Unfolded);
        Assert.Equal($"body{end}", Latin1(message.Body));
        Assert.Equal(end.Length == 1, message.HasProblem(MessageProblemCodes.BareLineFeed));
    }

    [Fact]
    public void A_line_without_colon_ends_the_header()
    {
        var message = Read("A: 1\r\nno field\r\nB: 2\r\n\r\nbody");

        Assert.Equal(1, message.Headers.FieldCount);
        Assert.Equal("no field\r\nB: 2\r\n\r\nbody", Latin1(message.Body));
        Assert.True(message.HasProblem(MessageProblemCodes.LineWithoutColon));
    }

    [Theory]
    [InlineData("From sender Sat Nov 21 10:00:00 2026\nA: 1\n\nbody")]
    [InlineData(">From sender Sat Nov 21 10:00:00 2026\nA: 1\n\nbody")]
    public void An_mbox_line_on_top_is_skipped(string text)
    {
        var message = Read(text);

        Assert.Equal("1", message.Headers.First("a")?.Unfolded);
        Assert.Equal("body", Latin1(message.Body));
        Assert.True(message.HasProblem(MessageProblemCodes.MboxLine));
    }

    [Fact]
    public void Parts_preamble_and_epilogue_are_told_apart()
    {
        var message = Read("Content-Type: multipart/mixed; boundary=\"b c\"\r\n\r\npre\r\n--b c  \r\n\r\none\r\n\r\n--b c\r\nContent-Type: text/html\r\n\r\ntwo\r\n--b c-- \r\nepi\r\n");

        Assert.Equal("one\r\n|two", string.Join('|', message.Root.Parts.Select(part => Latin1(part.RawBody))));
        Assert.Equal("pre", Latin1(message.Root.Preamble));
        Assert.Equal("epi\r\n", Latin1(message.Root.Epilogue));
        Assert.Equal("html", message.Root.Parts[1].ContentType.Subtype);
        Assert.Empty(message.Problems);
    }
}
