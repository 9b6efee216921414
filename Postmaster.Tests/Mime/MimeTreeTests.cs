using System.Text;
using Postmaster.Fbl.Mime;
using static Postmaster.Tests.Mime.MessageReaderTests;

namespace Postmaster.Tests.Mime;

public sealed class MimeTreeTests
{
    private static string Bodies(RawMessage message) => string.Join('|', message.Root.Walk().Where(part => part.Parts.Count == 0).Select(part => Latin1(part.RawBody)));

    [Theory]
    [InlineData("--b\n\none\n--b--\n", "one")]
    [InlineData("--b\n\none\n--b\n\ntwo\n--b--", "one|two")]
    [InlineData("--b\n\none\n", "one\n")] // never closed
    [InlineData("--b\n--b--\n", "")] // no blank line, no body
    [InlineData("--b\n\n--b--\n", "")]
    [InlineData("--b\n\none\n--bb\n--b-\n--b --\n--b--\n", "one\n--bb\n--b-\n--b --")] // longer lines do not delimit
    [InlineData("--b\t \n\none\n--b-- \t\n", "one")] // RFC 2046 §5.1.1: white space behind a delimiter
    [InlineData("--b\nA: 1\n--b\n\ntwo\n--b--\n", "|two")] // a delimiter ends a header
    [InlineData("--b\n\none\n--b--\n--b\n\nnot a part\n", "one")] // closed is closed
    public void Delimiters_are_whole_lines(string body, string expected)
    {
        Assert.Equal(expected, Bodies(Read("Content-Type: multipart/mixed; boundary=b\n\n" + body)));
        Assert.Equal(expected.Replace("\n", "\r\n", StringComparison.Ordinal), Bodies(Read(("Content-Type: multipart/mixed; boundary=b\n\n" + body).Replace("\n", "\r\n", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("b", "bb")]
    [InlineData("bb", "b")]
    [InlineData("b", "b--")]
    public void Boundaries_that_begin_alike_are_told_apart(string outer, string inner)
    {
        var message = Read($"Content-Type: multipart/mixed; boundary=\"{outer}\"\n\n--{outer}\nContent-Type: multipart/mixed; boundary=\"{inner}\"\n\n--{inner}\n\none\n--{inner}\n\ntwo\n--{inner}--\n\n--{outer}\n\nthree\n--{outer}--\n");

        // "--b--" both closes b and opens b--; the innermost that fits takes it.
        Assert.Equal("one|two|three", Bodies(message));
        Assert.Equal(2, message.Root.Parts.Count);
    }

    [Fact]
    public void An_outer_delimiter_ends_what_is_open_inside()
    {
        var message = Read("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--a\n\ntwo\n--a--\n");

        Assert.Equal("one|two", Bodies(message));
        Assert.True(message.HasProblem(MessageProblemCodes.NotClosed));
    }

    [Fact]
    public void A_boundary_with_a_colon_is_no_field()
    {
        Assert.Equal("|two", Bodies(Read("Content-Type: multipart/mixed; boundary=\"x:y\"\n\n--x:y\nA: 1\n--x:y\n\ntwo\n--x:y--\n")));
    }

    [Fact]
    public void A_digest_holds_messages_and_messages_hold_trees()
    {
        var message = Read("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\ndeep\n--c--\n--b--\n");
        var inner = message.Root.Parts[0];

        Assert.True(inner.ContentType.IsMessage);
        Assert.Equal("in", inner.EmbeddedMessage!.Headers.First("Subject")!.Unfolded);
        Assert.Equal("deep", Latin1(inner.Parts[0].Parts[0].RawBody));
        Assert.Equal(0, inner.EmbeddedMessage.Headers[0].Offset);
    }

    [Fact]
    public void A_multipart_without_boundary_is_one_part()
    {
        var message = Read("Content-Type: multipart/mixed\n\n--b\n\nx\n");
        Assert.Empty(message.Root.Parts);
        Assert.True(message.HasProblem(MessageProblemCodes.NoBoundary));
    }

    [Theory]
    [InlineData("text/plain; charset=utf-8", "text/plain", "charset", "utf-8")]
    [InlineData("TEXT/Html ; Charset = \"a\\\"b\" (comment)", "text/html", "charset", "a\"b")]
    [InlineData("(c) multipart/(d)mixed; boundary=a/b=c", "multipart/mixed", "boundary", "a/b=c")] // unquoted specials
    [InlineData("a/b; x*=utf-8'en'%E2%82%AC", "a/b", "x", "\u20AC")]
    [InlineData("a/b; x*1=two; x*0=\"one \"", "a/b", "x", "one two")]
    [InlineData("a/b; x*0*=iso-8859-1''%A3; x*1=\"%41\"; x*2*=%41", "a/b", "x", "\u00A3%41A")]
    [InlineData("a/b; x*=plain; x=old", "a/b", "x", "plain")]
    [InlineData("a/b;;; x=1; x=2", "a/b", "x", "1")]
    [InlineData("nonsense", "text/plain", "x", null)]
    [InlineData("", "text/plain", "x", null)]
    public void Content_types_are_read_with_their_parameters(string value, string type, string parameter, string? expected)
    {
        var read = Read($"Content-Type: {value}\n\n").Root.ContentType;
        Assert.Equal(type, read.ToString());
        Assert.Equal(expected, read.Parameter(parameter));
    }

    [Theory]
    [InlineData("base64", "QUJD", "ABC")]
    [InlineData("BASE64 (comment)", "Q U\r\nJ*D", "ABC")]
    [InlineData("base64", "QQ==QkM=", "ABC")] // two glued together
    [InlineData("base64", "QUI", "AB")] // no padding
    [InlineData("quoted-printable", "a=3Db=\r\nc \t\r\nd=20", "a=bc\r\nd ")]
    [InlineData("quoted-printable", "=zz=4=", "=zz=4")]
    [InlineData("quoted-printable", "=3d=", "=")]
    [InlineData("quoted-printable", "a=  \nb", "ab")]
    [InlineData("8bit", " x ", " x ")]
    public void Transfer_encodings_are_undone_with_what_can_be_had(string encoding, string body, string expected)
    {
        var part = Read($"Content-Transfer-Encoding: {encoding}\r\n\r\n{body}").Root;
        Assert.True(part.TryDecode(100, out var content));
        Assert.Equal(expected, Encoding.Latin1.GetString(content));
    }

    [Theory]
    [InlineData("base64", "QUJD")]
    [InlineData("quoted-printable", "A=42C")]
    [InlineData("7bit", "ABC")]
    public void Decoding_stops_at_the_limit(string encoding, string body)
    {
        var part = Read($"Content-Transfer-Encoding: {encoding}\r\n\r\n{body}").Root;
        Assert.False(part.TryDecode(2, out var content));
        Assert.Equal("AB", Encoding.Latin1.GetString(content));
        Assert.True(part.TryDecode(3, out _));
    }

    [Fact]
    public void An_unknown_encoding_gives_the_octets_and_says_so()
    {
        var part = Read("Content-Transfer-Encoding: x-uuencode\r\n\r\nabc").Root;
        Assert.False(part.TryDecode(100, out var content));
        Assert.Equal("abc", Encoding.Latin1.GetString(content));
    }

    [Fact]
    public void What_is_encoded_decodes_to_the_same()
    {
        var random = new Random(2045);
        for (var i = 0; i < 500; i++)
        {
            var octets = new byte[random.Next(300)];
            random.NextBytes(octets);
            for (var j = 0; j < octets.Length; j++)
                octets[j] = i % 2 == 0 ? octets[j] : (byte)" \tA=.\u00E9"[octets[j] % 6];
            octets = [.. octets.Where(octet => octet != '\n')];
            foreach (var lineFeedOnly in new[] { false, true })
            {
                var quoted = TransferEncoder.QuotedPrintable(octets, lineFeedOnly);
                Assert.True(TransferDecoder.TryDecodeQuotedPrintable(quoted, int.MaxValue, out var back));
                Assert.Equal(octets, back);
                Assert.DoesNotContain(Encoding.Latin1.GetString(quoted).Split('\n'), line => line.TrimEnd('\r').Length > 76);
                Assert.True(TransferDecoder.TryDecodeBase64(TransferEncoder.Base64(octets, lineFeedOnly), int.MaxValue, out back));
                Assert.Equal(octets, back);
            }
        }
    }
}
