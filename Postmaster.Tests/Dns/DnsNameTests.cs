using Postmaster.Fbl.Dns;

namespace Postmaster.Tests.Dns;

public sealed class DnsNameTests
{
    [Theory]
    [InlineData("example.org", "example.org")]
    [InlineData("Example.org.", "Example.org")]
    [InlineData(".", ".")]
    [InlineData(@"a\.b.example", @"a\.b.example")]
    [InlineData(@"\097\032b.example", @"a\032b.example")]
    [InlineData(@"a b.example", @"a\032b.example")]
    [InlineData(@"back\\slash.example", @"back\\slash.example")]
    [InlineData("ü.example", @"\195\188.example")]
    [InlineData("_dmarc.example.org", "_dmarc.example.org")]
    public void Text_has_one_spelling(string text, string written)
    {
        Assert.True(DnsName.TryParse(text, out var name));
        Assert.Equal(written, name.Text);
        Assert.True(DnsName.TryParse(name.Text, out var again));
        Assert.Equal(name, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".org")]
    [InlineData("a..b")]
    [InlineData(@"a\")]
    [InlineData(@"a\25")]
    [InlineData(@"a\256")]
    public void What_is_no_name_is_refused(string text) => Assert.False(DnsName.TryParse(text, out _));

    [Fact]
    public void A_lone_surrogate_is_refused() => Assert.False(DnsName.TryParse("a\ud800", out _));

    [Fact]
    public void Labels_end_at_63_octets_and_names_at_255()
    {
        var label = new string('a', 63);
        Assert.True(DnsName.TryParse(string.Join('.', label, label, label, new string('b', 61)), out var name));
        Assert.Equal(255, name.Wire.Length);
        Assert.True(DnsName.TryParse(string.Join('.', label, label, label, new string('b', 61)) + ".", out _));
        Assert.False(DnsName.TryParse(string.Join('.', label, label, label, new string('b', 62)), out _));
        Assert.False(DnsName.TryParse(label + "a", out _));
        Assert.False(DnsName.TryParse(new string('ü', 32), out _)); // 64 octets
        Assert.True(DnsName.TryParse(string.Join('.', Enumerable.Repeat("a", 127)), out _));
        Assert.False(DnsName.TryParse(string.Join('.', Enumerable.Repeat("a", 128)), out _));
        Assert.False(DnsName.TryParse(new string('a', 1_000_000), out _));
    }

    [Fact]
    public void Case_does_not_tell_names_apart()
    {
        Assert.True(DnsName.TryParse("EXAMPLE.org", out var a));
        Assert.True(DnsName.TryParse("example.ORG", out var b));
        Assert.Equal(a, b);
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
    }

    [Fact]
    public void Compression_is_followed_and_the_offset_ends_behind_the_pointer()
    {
        byte[] octets = [3, (byte)'o', (byte)'r', (byte)'g', 0, 1, (byte)'a', 0xC0, 0, 1, (byte)'b', 0xC0, 5, 99];
        var offset = 9;
        Assert.True(DnsName.TryRead(octets, ref offset, out var name));
        Assert.Equal("b.a.org", name.Text);
        Assert.Equal(13, offset);
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 0 }, 0)] // to itself
    [InlineData(new byte[] { 0xC0, 2, 0xC0, 0 }, 0)] // forwards
    [InlineData(new byte[] { 0xC0, 2, 0xC0, 0 }, 2)] // round in a circle
    [InlineData(new byte[] { 1, 97, 0xC0, 0 }, 0)] // a label, then back to it
    [InlineData(new byte[] { 1, 97, 0xC0, 0 }, 2)]
    [InlineData(new byte[] { 0xC0 }, 0)]
    [InlineData(new byte[] { 0xC0, 200 }, 0)]
    [InlineData(new byte[] { 0x40, 0 }, 0)] // a reserved label type
    [InlineData(new byte[] { 0x80, 0 }, 0)]
    [InlineData(new byte[] { 5, 97 }, 0)]
    [InlineData(new byte[] { 1, 97 }, 0)] // no end
    [InlineData(new byte[] { }, 0)]
    [InlineData(new byte[] { 0 }, 1)]
    public void Broken_wire_names_are_refused(byte[] octets, int offset) => Assert.False(DnsName.TryRead(octets, ref offset, out _));

    [Fact]
    public void A_chain_of_pointers_is_bounded()
    {
        // The root, then pointers that each lead to the one before.
        byte[] Chain(int count) => [0, .. Enumerable.Range(0, count).SelectMany(i => new[] { (byte)(0xC0 | ((i == 0 ? 0 : (2 * i) - 1) >> 8)), (byte)(i == 0 ? 0 : (2 * i) - 1) })];
        var offset = (2 * 127) - 1;
        Assert.True(DnsName.TryRead(Chain(127), ref offset, out var root));
        Assert.True(root.IsRoot);
        offset = (2 * 128) - 1;
        Assert.False(DnsName.TryRead(Chain(128), ref offset, out _));
    }

    [Fact]
    public void A_compressed_name_may_not_grow_beyond_255_octets()
    {
        byte[] label = [63, .. Enumerable.Repeat((byte)'a', 63)];
        byte[] octets = [.. label, .. label, .. label, 0, .. label, 0xC0, 0];
        var offset = (3 * 64) + 1;
        Assert.False(DnsName.TryRead(octets, ref offset, out _));
    }
}
