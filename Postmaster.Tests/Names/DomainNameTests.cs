using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Names;

public sealed class DomainNameTests
{
    [Theory]
    [InlineData("example.org", "example.org")]
    [InlineData("Example.ORG.", "example.org")]
    [InlineData("org", "org")]
    [InlineData("s1._domainkey.example.org", "s1._domainkey.example.org")]
    [InlineData("xn--bcher-kva.example", "xn--bcher-kva.example")]
    [InlineData("Bücher.example", "xn--bcher-kva.example")]
    [InlineData("BÜCHER.example", "xn--bcher-kva.example")]
    [InlineData("пример.example", "xn--e1afmkfd.example")]
    [InlineData("straße.example", "xn--strae-oqa.example")] // IDNA 2008 keeps the sharp s
    [InlineData("bücher。example", "xn--bcher-kva.example")] // the ideographic full stop separates labels too
    [InlineData("_dmarc.bücher.example", "_dmarc.xn--bcher-kva.example")]
    [InlineData("4.3.2.1.in-addr.arpa", "4.3.2.1.in-addr.arpa")]
    public void A_name_is_lower_case_A_labels(string text, string ascii)
    {
        Assert.True(DomainName.TryParse(text, out var name, out _));
        Assert.Equal(ascii, name.Ascii);
        Assert.Equal(ascii, name.ToString());
    }

    [Theory]
    [InlineData(null, "empty", 0)]
    [InlineData("", "empty", 0)]
    [InlineData(".", "empty", 0)]
    [InlineData("a..b", "empty-label", 2)]
    [InlineData(".example", "empty-label", 0)]
    [InlineData("example..", "empty-label", 8)] // only one trailing dot is dropped
    [InlineData("exa mple.org", "bad-character", 3)]
    [InlineData(" example.org", "bad-character", 0)]
    [InlineData("example.org\n", "bad-character", 11)]
    [InlineData("a\0b.org", "bad-character", 1)]
    [InlineData("user@example.org", "bad-character", 4)]
    [InlineData("http://example.org/", "bad-character", 4)]
    [InlineData("-a.org", "hyphen-at-edge", 0)]
    [InlineData("b.a-.org", "hyphen-at-edge", 2)]
    [InlineData("192.0.2.1", "numeric-top-label", 8)]
    [InlineData("2001:db8::1", "bad-character", 4)]
    [InlineData("bü cher.example", "bad-character", 0)]
    [InlineData("a\u200Eb.example", "bad-idna", 0)]
    public void What_is_no_name_is_refused_with_its_place(string? text, string code, int offset)
    {
        Assert.False(DomainName.TryParse(text, out var name, out var problem));
        Assert.Null(name);
        Assert.Equal(code, problem.Code);
        if (System.Text.Ascii.IsValid(text ?? ""))
            Assert.Equal(offset, problem.Offset);
    }

    [Fact]
    public void Labels_end_at_63_characters_and_names_at_253()
    {
        var label = new string('a', 63);
        var longest = string.Join('.', label, label, label, new string('b', 61));
        Assert.True(DomainName.TryParse(longest, out var name, out _));
        Assert.Equal(253, name.Ascii.Length);
        Assert.True(DomainName.TryParse(longest + ".", out _, out _));
        Assert.False(DomainName.TryParse(longest + "b", out _, out var problem));
        Assert.Equal("name-too-long", problem.Code);
        Assert.False(DomainName.TryParse(label + "a.org", out _, out problem));
        Assert.Equal("label-too-long", problem.Code);
        Assert.False(DomainName.TryParse(new string('ü', 1_000_000), out _, out problem));
        Assert.Equal("name-too-long", problem.Code);
    }

    [Fact]
    public void Unicode_is_shown_only_when_it_leads_back_to_the_same_name()
    {
        Assert.Equal("bücher.example", DomainName.Parse("xn--bcher-kva.example").Unicode);
        Assert.Equal("пример.example", DomainName.Parse("пример.example").Unicode);
        Assert.Equal("example.org", DomainName.Parse("example.org").Unicode);
        Assert.Equal("xn--0.example", DomainName.Parse("xn--0.example").Unicode);
        Assert.Equal("xn--99999999.bücher.example", DomainName.Parse("xn--99999999.xn--bcher-kva.example").Unicode);
    }

    [Fact]
    public void Every_text_of_a_name_gives_an_equal_name()
    {
        var name = DomainName.Parse("bücher.example");
        Assert.Equal(name, DomainName.Parse("XN--BCHER-KVA.Example."));
        Assert.Equal(name.GetHashCode(), DomainName.Parse("XN--BCHER-KVA.Example.").GetHashCode());
        Assert.NotEqual(name, DomainName.Parse("bucher.example"));
    }

    [Fact]
    public void A_subdomain_lies_strictly_below_at_a_label_boundary()
    {
        var example = DomainName.Parse("example.org");
        Assert.True(DomainName.Parse("mail.example.org").IsSubdomainOf(example));
        Assert.True(DomainName.Parse("a.b.example.org").IsSubdomainOf(example));
        Assert.False(example.IsSubdomainOf(example));
        Assert.True(example.IsEqualOrSubdomainOf(example));
        Assert.False(DomainName.Parse("notexample.org").IsSubdomainOf(example));
        Assert.False(DomainName.Parse("org").IsSubdomainOf(example));
    }

    [Fact]
    public void Parents_lead_up_to_a_single_label()
    {
        var name = DomainName.Parse("a.b.example.org");
        Assert.Equal(4, name.LabelCount);
        Assert.Equal("b.example.org", name.Parent?.Ascii);
        Assert.Null(DomainName.Parse("org").Parent);
        Assert.Equal(1, DomainName.Parse("org").LabelCount);
    }

    [Theory]
    [InlineData("\u00fc\u00fc\u00fc\u00fc.a b.example", 5)] // the A-labels before it are longer
    [InlineData("b\u00fccher\u3002a b.example", 7)] // a dot of another script
    public void The_place_of_a_problem_is_in_the_text_as_written(string text, int offset)
    {
        Assert.False(DomainName.TryParse(text, out _, out var problem));
        Assert.Equal(offset, problem.Offset);
    }
}
