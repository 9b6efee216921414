using Postmaster.Web.Components.Shared;

namespace Postmaster.Tests.Pages;

public sealed class OutsideWordsTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("  plain  ", "plain")]
    [InlineData("two\r\nlines\tand a tab", "two  lines and a tab")]
    [InlineData("a\u202Eb\u2066c\u200Fd", "a\uFFFDb\uFFFDc\uFFFDd")] // turns the direction of the text
    [InlineData("nul\0 escape\u001b bell\u0007", "nul\uFFFD escape\uFFFD bell\uFFFD")]
    [InlineData("\u2028line\u2029", "\uFFFDline\uFFFD")] // separators that look like line ends
    [InlineData("za\u017C\u00F3\u0142\u0107 \u05E9\u05DC\u05D5\u05DD", "za\u017C\u00F3\u0142\u0107 \u05E9\u05DC\u05D5\u05DD")] // any script stays as it is
    public void Text_from_outside_is_one_visible_line(string? text, string shown) => Assert.Equal(shown, OutsideWords.Line(text, 60));

    [Theory]
    [InlineData("1234567890", 10, "1234567890")]
    [InlineData("12345678901", 10, "1234567890…")]
    [InlineData("12345 789 abc", 10, "12345 789…")]
    public void A_long_line_is_cut_with_an_ellipsis(string text, int longest, string shown) => Assert.Equal(shown, OutsideWords.Line(text, longest));

    [Fact]
    public void Half_a_surrogate_pair_is_marked() => Assert.Equal("\uFFFDhalf\uFFFD", OutsideWords.Line("\uD800half\uDC00", 60));

    [Fact]
    public void Characters_made_of_thousands_of_code_points_stay_short()
    {
        Assert.InRange(OutsideWords.Line("e" + new string('\u0301', 100_000), 60).Length, 1, 60 * 8 + 1);
        string emoji = OutsideWords.Line(string.Concat(Enumerable.Repeat("\U0001F600", 100)), 60);
        Assert.Equal(121, emoji.Length);
        Assert.DoesNotContain('\uFFFD', emoji);
    }

    [Fact]
    public void A_block_keeps_its_lines_and_nothing_else_that_moves_the_cursor() =>
        Assert.Equal("a\n\tb\uFFFD\uFFFDc", OutsideWords.Block("a\n\tb\r\bc"));
}
