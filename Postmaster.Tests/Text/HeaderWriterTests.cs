using System.Text;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Text;

namespace Postmaster.Tests.Text;

public sealed class HeaderWriterTests
{
    private static readonly string[] Hostile =
    [
        "", " ", "plain", "a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "a\u001b[31mb", "a\u0085b\u2028c\u2029d", "\"quoted\" \\ back", "=?utf-8?Q?looks_encoded?=", "gr\u00FC\u00DFe \u20AC \U0001F600",
        new string('x', 3000), string.Join(' ', Enumerable.Repeat("word", 500)), string.Join(' ', Enumerable.Repeat("\u20AC\u20AC", 500)), new string('\u20AC', 2000), "\uD800 half", "tab\tand  spaces ",
        "a" + new string(' ', 2000) + "b", ",;:<>@()[]", "Bcc: x@y\r\n\r\nbody",
    ];

    private static HeaderField OneField(HeaderWriter writer)
    {
        var octets = writer.ToArray();
        foreach (var line in Encoding.Latin1.GetString(octets).Split("\r\n"))
        {
            Assert.InRange(line.Length, 0, 998);
            Assert.DoesNotContain(line, c => char.IsControl(c) && c < 0x80);
        }
        Assert.EndsWith("\r\n", Encoding.Latin1.GetString(octets), StringComparison.Ordinal);
        var message = MessageReader.Read((byte[])[.. octets, .. "\r\n"u8]);
        Assert.Empty(message.Problems);
        return Assert.Single(message.Headers);
    }

    [Fact]
    public void Any_text_is_one_field_in_ascii_and_is_read_back()
    {
        foreach (var text in Hostile)
        {
            var field = OneField(new HeaderWriter().Unstructured("Subject", text));
            Assert.True(Ascii.IsValid(field.Raw.Span));
            Assert.Equal(HeaderWriter.Clean(text), field.Decoded);
        }
    }

    [Fact]
    public void Any_value_is_one_field()
    {
        foreach (var text in Hostile)
        {
            var field = OneField(new HeaderWriter().Structured("X-Value", text));
            Assert.Equal(HeaderWriter.Clean(text).Replace(" ", "", StringComparison.Ordinal), field.Unfolded.Replace(" ", "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Any_display_name_is_read_back_with_its_address()
    {
        foreach (var text in Hostile)
        {
            var field = OneField(new HeaderWriter().Mailbox("From", text, "a@b.example"));
            var mailbox = Assert.Single(AddressListReader.Read(field.RawValue.Span));
            var expected = HeaderWriter.Clean(text);
            Assert.Equal("a@b.example", mailbox.AddrSpec);
            if (expected.Length <= 256)
                Assert.Equal(expected, mailbox.DisplayName ?? "");
            else
                Assert.StartsWith(mailbox.DisplayName!, expected, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_address_cannot_leave_its_brackets()
    {
        var field = OneField(new HeaderWriter().Mailbox("To", null, "a@b>\r\nBcc: <c@d"));
        Assert.Equal("<a@b Bcc: c@d>", field.Unfolded);
    }

    [Fact]
    public void Lines_are_folded_before_column_78()
    {
        var text = new HeaderWriter().Unstructured("Subject", string.Join(' ', Enumerable.Repeat("word", 100))).ToString();
        Assert.All(text.Split("\r\n"), line => Assert.InRange(line.Length, 0, 78));
        Assert.Contains("\r\n word", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("A B")]
    [InlineData("A:")]
    [InlineData("A\r\nB")]
    [InlineData("\u00C4")]
    public void A_name_that_is_none_is_a_bug_of_the_caller(string name) => Assert.Throws<ArgumentException>(() => new HeaderWriter().Structured(name, "x"));
}
