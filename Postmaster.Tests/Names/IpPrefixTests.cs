using System.Net;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Names;

public sealed class IpPrefixTests
{
    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.0/24")]
    [InlineData("192.0.2.77/24", "192.0.2.0/24")]
    [InlineData("192.0.2.1", "192.0.2.1/32")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("2001:DB8:0:0::1/32", "2001:db8::/32")]
    [InlineData("::1", "::1/128")]
    [InlineData("::/0", "::/0")]
    [InlineData("::ffff:192.0.2.77/120", "192.0.2.0/24")]
    public void Host_bits_are_cleared(string text, string written)
    {
        Assert.True(IpPrefix.TryParse(text, out var prefix, out _));
        Assert.Equal(written, prefix.ToString());
        Assert.Equal(prefix, IpPrefix.Parse(written));
    }

    [Theory]
    [InlineData(null, "bad-address")]
    [InlineData("", "bad-address")]
    [InlineData("/24", "bad-address")]
    [InlineData("192.0.2", "bad-address")]
    [InlineData("192.0.2.0.0", "bad-address")]
    [InlineData("192.0.2.256", "bad-address")]
    [InlineData("192.0.02.1", "bad-address")] // octal to some
    [InlineData("0xc0.0.2.1", "bad-address")]
    [InlineData("192.0.2.1 ", "bad-address")]
    [InlineData("[::1]", "bad-address")]
    [InlineData("fe80::1%eth0", "bad-address")]
    [InlineData("::ffff:010.0.0.1", "bad-address")]
    [InlineData("1::2::3", "bad-address")]
    [InlineData("example.org", "bad-address")]
    [InlineData("192.0.2.0/", "bad-prefix-length")]
    [InlineData("192.0.2.0/33", "bad-prefix-length")]
    [InlineData("192.0.2.0/-1", "bad-prefix-length")]
    [InlineData("192.0.2.0/+8", "bad-prefix-length")]
    [InlineData("192.0.2.0/08", "bad-prefix-length")]
    [InlineData("192.0.2.0/24/8", "bad-prefix-length")]
    [InlineData("192.0.2.0/255.255.255.0", "bad-prefix-length")]
    [InlineData("2001:db8::/129", "bad-prefix-length")]
    public void What_is_no_prefix_is_refused(string? text, string code)
    {
        Assert.False(IpPrefix.TryParse(text, out _, out var problem));
        Assert.Equal(code, problem.Code);
    }

    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("192.0.2.128/25", "192.0.2.127", false)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.9", true)]
    [InlineData("0.0.0.0/0", "203.0.113.1", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "192.0.2.1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:7fff::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", false)]
    [InlineData("::1", "::1", true)]
    [InlineData("::1", "::2", false)]
    public void A_prefix_contains_the_addresses_that_share_its_bits(string prefix, string address, bool contained) =>
        Assert.Equal(contained, IpPrefix.Parse(prefix).Contains(IPAddress.Parse(address)));

    [Fact]
    public void The_default_prefix_contains_nothing()
    {
        Assert.False(default(IpPrefix).Contains(IPAddress.IPv6Any));
        Assert.False(default(IpPrefix).Contains(IPAddress.Any));
        Assert.Null(default(IpPrefix).Network);
    }
}
