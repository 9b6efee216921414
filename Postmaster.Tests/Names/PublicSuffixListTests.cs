using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Names;

public sealed class PublicSuffixListTests
{
    private const string Rules = """
        // ===BEGIN ICANN DOMAINS===
        org
        example
        co.example   // text behind a blank is no rule
        *.wide.example
        !open.wide.example
        münchen.example

        // ===BEGIN PRIVATE DOMAINS===
        hosted.org
        """;

    [Theory]
    [InlineData("a.b.org", "org")]
    [InlineData("org", "org")]
    [InlineData("shop.co.example", "co.example")]
    [InlineData("co.example", "co.example")]
    [InlineData("a.b.c.wide.example", "c.wide.example")]
    [InlineData("c.wide.example", "c.wide.example")]
    [InlineData("wide.example", "example")]
    [InlineData("a.open.wide.example", "wide.example")]
    [InlineData("open.wide.example", "wide.example")]
    [InlineData("bier.münchen.example", "xn--mnchen-3ya.example")]
    [InlineData("me.hosted.org", "hosted.org")]
    [InlineData("a.b.unlisted", "unlisted")]
    [InlineData("nothosted.org", "org")]
    public void The_longest_rule_prevails_and_an_exception_over_all(string domain, string suffix) =>
        Assert.Equal(suffix, PublicSuffixList.Parse(Rules).PublicSuffixOf(DomainName.Parse(domain)).Ascii);

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public void Comments_and_empty_lines_are_no_rules(string end) =>
        Assert.Equal(7, PublicSuffixList.Parse(Rules.ReplaceLineEndings(end)).Count);

    [Fact]
    public void An_empty_list_leaves_the_last_label() =>
        Assert.Equal("uk", PublicSuffixList.Parse("").PublicSuffixOf(DomainName.Parse("a.co.uk")).Ascii);

    [Fact]
    public void Whatever_a_file_holds_it_is_read()
    {
        var random = new Random(7489);
        for (int i = 0; i < 500; i++)
        {
            string bad = string.Concat(Enumerable.Range(0, 200).Select(_ => "!*./ \n\ta.é\0"[random.Next(12) % 11]));
            Assert.NotNull(PublicSuffixList.Parse(bad).PublicSuffixOf(DomainName.Parse("a.b.example")));
        }
    }
}
