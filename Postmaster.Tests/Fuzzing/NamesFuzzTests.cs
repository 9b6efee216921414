using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Text;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Fuzzing;

/// <summary>The small grammars that the others are made of.</summary>
public sealed class NamesFuzzTests
{
    [Fact]
    public void Domain_names() => new ParserFuzz
    {
        Seed = 1035,
        Samples = ["www.example.org.", "b\u00FCcher.example", "xn--bcher-kva.example", "_dmarc.a-b.example", new string('a', 63) + ".example"],
        Alphabet = ["a", "Z", "0", "-", "--", ".", "..", "_", " ", "\u00FC", "\u0130", "\u200D", "\uD83D\uDE00", "\uD800", "@", "\\", "\0", "xn--", "xn--a.", "\u3002", "\u00DF", "\u0661", "a."],
    }.RunText(text =>
    {
        if (!DomainName.TryParse(text, out var name, out var problem))
        {
            Assert.NotEmpty(problem.Code);
            Assert.InRange(problem.Offset, 0, text.Length);
            return;
        }
        Assert.InRange(name.Ascii.Length, 1, 253);
        Assert.Equal(name, DomainName.Parse(name.Ascii));
        Assert.Equal(name, DomainName.Parse(name.Unicode)); // what is shown can be typed in
    });

    [Fact]
    public void Mail_addresses_and_paths() => new ParserFuzz
    {
        Seed = 5321,
        Samples = ["anna.b+c@example.org", "\"a \\\" b\"@example.org", "<anna@example.org>", "<@a.example,@b.example:c@d.example>", "<>", "j\u00FCrgen@b\u00FCcher.example"],
        Alphabet = ["a", "b", ".", "@", "\"", "\\", "<", ">", "[", "]", " ", "\u00FC", "\uD83D\uDE00", "\uD800", "\r\n", "\0", ":", ",", "a@b.example", "[IPv6:::1]"],
    }.RunText(text =>
    {
        if (MailAddress.TryParsePath(text, out var path, out _) && path is not null)
            Assert.Equal(path, MailAddress.Parse(path.ToString()));
        if (MailAddress.TryParse(text, out var address, out var problem))
            Assert.Equal(address, MailAddress.Parse(address.ToString()));
        else
            Assert.InRange(problem.Offset, 0, text.Length);
    });

    [Fact]
    public void Networks_and_servers() => new ParserFuzz
    {
        Seed = 4291,
        Samples = ["192.0.2.0/24", "2001:db8::/32", "::ffff:192.0.2.1", "[2001:db8::53]:5353", "127.0.0.1:53", "fe80::1%lo"],
        Alphabet = ["1", "255", "256", ".", ":", "::", "/", "/0", "/32", "/999", "[", "]", "%", "a", "ffff", "00", "x", "0x1", " ", "\u0661", "-1", ":53", ":65536", "\0"],
    }.RunText(text =>
    {
        if (IpPrefix.TryParse(text, out var prefix, out _))
            Assert.Equal(prefix, IpPrefix.Parse(prefix.ToString()));
        if (DnsServerAddress.TryParse(text, out var server, out _))
            Assert.Equal(server, DnsServerAddress.Parse(DnsServerAddress.Format(server)));
    });

    [Fact]
    public void Tag_lists() => new ParserFuzz
    {
        Seed = 6376,
        Samples = ["v=1; a=rsa-sha256; b = ab\r\n cd; bh=; x_9=caf\u00C3\u00A9 ;", "a=b", "v=DMARC1;p=none"],
        Alphabet = ["a", "a=b;", "=", ";", ";;", "; ", " ", "\t", "\r\n ", "\r\n", "_", "9", "v=1", "\0", "\u007F", "\u00FF", "b= =;", "A=1;"],
    }.Run(octets =>
    {
        if (TagList.TryParse(octets, out var list, out var problem))
            Assert.InRange(list.Count, 1, TagList.MaxTags);
        else
            Assert.InRange(problem.Offset, 0, octets.Length);
    });
}
