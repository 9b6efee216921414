using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Names;

public sealed class MailAddressTests
{
    [Theory]
    [InlineData("joe@example.org", "joe", "example.org")]
    [InlineData("Joe.Doe+tag@Example.ORG", "Joe.Doe+tag", "example.org")]
    [InlineData("!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~", "example.org")]
    [InlineData("\"joe doe\"@example.org", "\"joe doe\"", "example.org")]
    [InlineData("\"a@b\"@example.org", "\"a@b\"", "example.org")]
    [InlineData("\"a\\\"b\\\\\"@example.org", "\"a\\\"b\\\\\"", "example.org")]
    [InlineData("\"\"@example.org", "\"\"", "example.org")]
    [InlineData("jörg@bücher.example", "jörg", "xn--bcher-kva.example")]
    [InlineData("用户@example.org", "用户", "example.org")]
    [InlineData("root@localhost", "root", "localhost")]
    public void A_local_part_stays_as_written(string text, string localPart, string domain)
    {
        Assert.True(MailAddress.TryParse(text, out var address, out _));
        Assert.Equal(localPart, address.LocalPart);
        Assert.Equal(domain, address.Domain.Ascii);
        Assert.Equal(localPart + "@" + domain, address.ToString());
    }

    [Theory]
    [InlineData(null, "empty", 0)]
    [InlineData("", "empty", 0)]
    [InlineData("joe", "no-at-sign", 3)]
    [InlineData("\"joe\"", "no-at-sign", 5)]
    [InlineData("@example.org", "empty-local-part", 0)]
    [InlineData("joe@", "empty", 4)]
    [InlineData(".joe@example.org", "bad-local-part", 0)]
    [InlineData("joe.@example.org", "bad-local-part", 3)]
    [InlineData("j..oe@example.org", "bad-local-part", 2)]
    [InlineData("joe doe@example.org", "bad-local-part", 3)]
    [InlineData("joe(x)@example.org", "bad-local-part", 3)]
    [InlineData("joe\r\nBcc: x@example.org", "bad-local-part", 3)]
    [InlineData("joe\0@example.org", "bad-local-part", 3)]
    [InlineData("joe\u0085@example.org", "bad-local-part", 3)] // a C1 control
    [InlineData("joe\u2028@example.org", "bad-local-part", 3)]
    [InlineData("\"joe@example.org", "bad-local-part", 16)]
    [InlineData("\"joe\"x@example.org", "bad-local-part", 5)]
    [InlineData("\"joe\r\"@example.org", "bad-local-part", 4)]
    [InlineData("\"joe\\", "bad-local-part", 4)]
    [InlineData("<joe@example.org>", "bad-local-part", 0)]
    [InlineData("Joe <joe@example.org>", "bad-local-part", 3)]
    [InlineData("joe@example.org ", "bad-character", 15)]
    [InlineData("joe@example.org\r\n", "bad-character", 15)]
    [InlineData("joe@exa@mple.org", "bad-character", 7)]
    [InlineData("joe@example.org.", "empty-label", 16)]
    [InlineData("joe@[192.0.2.1]", "address-literal", 4)]
    [InlineData("joe@192.0.2.1", "numeric-top-label", 12)]
    public void What_is_no_plain_address_is_refused_with_its_place(string? text, string code, int offset)
    {
        Assert.False(MailAddress.TryParse(text, out var address, out var problem));
        Assert.Null(address);
        Assert.Equal(code, problem.Code);
        Assert.Equal(offset, problem.Offset);
    }

    [Fact]
    public void A_lone_surrogate_is_no_local_part() => Assert.False(MailAddress.TryParse("a\ud800@example.org", out _, out _));

    [Fact]
    public void Lengths_count_octets_of_utf8()
    {
        Assert.True(MailAddress.TryParse(new string('a', 64) + "@example.org", out _, out _));
        Assert.True(MailAddress.TryParse(new string('ü', 32) + "@example.org", out _, out _));
        Assert.False(MailAddress.TryParse(new string('ü', 33) + "@example.org", out _, out var problem));
        Assert.Equal("local-part-too-long", problem.Code);
        var domain = string.Join('.', Enumerable.Repeat(new string('d', 63), 3));
        Assert.True(MailAddress.TryParse(new string('a', 62) + "@" + domain, out _, out _));
        Assert.False(MailAddress.TryParse(new string('a', 63) + "@" + domain, out _, out problem));
        Assert.Equal("address-too-long", problem.Code);
        Assert.False(MailAddress.TryParse(new string('a', 10_000_000), out _, out problem));
        Assert.Equal("address-too-long", problem.Code);
    }

    [Fact]
    public void Domains_compare_without_case_and_local_parts_with_it()
    {
        Assert.Equal(MailAddress.Parse("joe@example.org"), MailAddress.Parse("joe@EXAMPLE.org"));
        Assert.NotEqual(MailAddress.Parse("joe@example.org"), MailAddress.Parse("Joe@example.org"));
    }

    [Theory]
    [InlineData("joe@example.org", "j***@example.org")]
    [InlineData("j@example.org", "j***@example.org")]
    [InlineData("\"joe doe\"@example.org", "j***@example.org")]
    [InlineData("\"\"@example.org", "***@example.org")]
    [InlineData("😀x@example.org", "😀***@example.org")]
    public void A_masked_address_shows_one_letter(string text, string masked) => Assert.Equal(masked, MailAddress.Parse(text).Masked);

    [Theory]
    [InlineData("<joe@example.org>", "joe@example.org")]
    [InlineData("<\"a>b\"@example.org>", "\"a>b\"@example.org")]
    [InlineData("<@relay.example,@other.example:joe@example.org>", "joe@example.org")]
    [InlineData("<>", null)]
    public void A_path_stands_in_angle_brackets(string text, string? expected)
    {
        Assert.True(MailAddress.TryParsePath(text, out var address, out _));
        Assert.Equal(expected, address?.ToString());
    }

    [Theory]
    [InlineData(null, "no-angle-brackets", 0)]
    [InlineData("", "no-angle-brackets", 0)]
    [InlineData("<", "no-angle-brackets", 0)]
    [InlineData("joe@example.org", "no-angle-brackets", 0)]
    [InlineData("<joe@example.org", "no-angle-brackets", 0)]
    [InlineData("<@relay.example>", "bad-source-route", 1)]
    [InlineData("<joe>", "no-at-sign", 4)]
    [InlineData("< >", "bad-local-part", 1)]
    public void What_is_no_path_is_refused_with_its_place(string? text, string code, int offset)
    {
        Assert.False(MailAddress.TryParsePath(text, out _, out var problem));
        Assert.Equal(code, problem.Code);
        Assert.Equal(offset, problem.Offset);
    }
}
