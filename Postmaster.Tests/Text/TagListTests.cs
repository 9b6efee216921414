using System.Text;
using Postmaster.Fbl.Text;

namespace Postmaster.Tests.Text;

public sealed class TagListTests
{
    [Theory]
    [InlineData("a=1", "a", "1")]
    [InlineData(" a = 1 ; ", "a", "1")] // white space around both, one semicolon at the end
    [InlineData("a=1;b=;c=3", "b", "")] // an empty value is not an absent tag
    [InlineData("a=x y\r\n z", "a", "x y\r\n z")] // white space inside stays
    [InlineData("a=1=2==", "a", "1=2==")]
    [InlineData("A=1; a=2", "a", "2")] // names are case-sensitive
    [InlineData("x_1=v", "x_1", "v")]
    [InlineData("n=caf\u00e9", "n", "caf\u00e9")]
    [InlineData("\r\n\ta=1;\r\n\tb=2", "b", "2")]
    public void A_value_is_found_without_the_white_space_around_it(string text, string name, string value)
    {
        Assert.True(TagList.TryParse(text, out var list, out _));
        Assert.Equal(value, list.Text(Encoding.ASCII.GetBytes(name)));
    }

    [Theory]
    [InlineData("", "empty-tag", 0)]
    [InlineData(" \t", "empty-tag", 0)]
    [InlineData(";", "empty-tag", 0)]
    [InlineData("a=1;;b=2", "empty-tag", 4)]
    [InlineData("a=1;;", "empty-tag", 4)]
    [InlineData("a", "equals-sign-missing", 1)]
    [InlineData("a b=1", "equals-sign-missing", 1)]
    [InlineData("=1", "bad-tag-name", 0)]
    [InlineData("1a=1", "bad-tag-name", 0)]
    [InlineData("a=1; a=1", "duplicate-tag", 5)] // even with the same value
    [InlineData("a=\0", "control-character", 2)]
    [InlineData("a=1; b=\u007f", "control-character", 7)]
    public void What_is_not_a_list_is_refused_with_the_place(string text, string code, int offset)
    {
        Assert.False(TagList.TryParse(text, out var list, out var problem));
        Assert.Null(list);
        Assert.Equal((code, offset), (problem.Code, problem.Offset));
    }

    [Fact]
    public void Absent_tags_have_no_value_no_place_and_no_range()
    {
        Assert.True(TagList.TryParse("bh=1", out var list, out _));
        Assert.False(list.TryGet("b"u8, out _));
        Assert.Null(list.Text("b"u8));
        Assert.Equal(-1, list.IndexOf("b"u8));
        Assert.Null(list.OuterRange("b"u8));
    }

    [Fact]
    public void The_outer_range_holds_the_white_space_but_not_the_semicolon()
    {
        const string text = "v=1; b = x y ; c=d";
        Assert.True(TagList.TryParse(text, out var list, out _));
        Assert.Equal(" x y ", text[list.OuterRange("b"u8)!.Value]);
        Assert.Equal("d", text[list.OuterRange("c"u8)!.Value]);
        Assert.Equal(1, list.IndexOf("b"u8));
        Assert.Equal(3, list.Count);
    }

    [Fact]
    public void Thousands_of_tags_are_refused()
    {
        var few = string.Join(';', Enumerable.Range(0, TagList.MaxTags).Select(i => $"t{i}=1"));
        Assert.True(TagList.TryParse(few + ";", out _, out _));
        Assert.False(TagList.TryParse(few + ";x=1", out _, out _));
        Assert.False(TagList.TryParse(string.Join(';', Enumerable.Range(0, 20_000).Select(i => $"t{i}=1")), out _, out var problem));
        Assert.Equal("too-many-tags", problem.Code);
    }
}
