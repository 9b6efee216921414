using System.Net;
using System.Text;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Fuzzing;

public sealed class DnsFuzzTests
{
    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(5);

    [Fact]
    public void Messages_of_the_wire() => new ParserFuzz
    {
        Seed = 1034,
        Samples = [Wire(ofEveryType: true), Wire(ofEveryType: false)],
        Alphabet =
        [
            "\0", "\u00C0\u000C", "\u00C0\u0000", "\u00C0\u00FF", "\u00FF\u00FF", "\u003F", "\u0001a", "\u0007example", "\0\u0001\0\u0001", "\0\u0010\0\u0001", "\0\u0005\0\u0001",
            "\0\0\0\u003C", "\0\u0004", "\u0080", "\u0041", "\0\0\u0029\u0010\0\0\0\0\0\0\0", "\u00C0\u000C\0\u0001\0\u0001\0\0\0\u003C\0\u0004\u0001\u0002\u0003\u0004",
        ],
        Allocation = (200, 64 * 1024),
    }.Run(octets =>
    {
        if (DnsMessage.TryRead(octets, out var read, out var problem))
        {
            Assert.InRange(read.Answers.Count + read.Authorities.Count + read.Additionals.Count, 0, octets.Length);
            if (octets.Length <= 4096)
                Assert.True(DnsMessage.TryRead(read.Write(), out _, out _));
        }
        else
        {
            Assert.NotEmpty(problem.Code);
        }
    });

    [Fact]
    public void Names_as_text() => new ParserFuzz
    {
        Seed = 4343,
        Samples = ["www.example.org.", @"odd\.\032\255.example.org", "b\u00FCcher.example", "."],
        Alphabet = ["a", ".", "..", "\\", "\\0", "\\032", "\\256", "\\.", "\u00FC", "\uD800", "\0", " ", new string('a', 63), "-", "*"],
    }.RunText(text =>
    {
        if (!DnsName.TryParse(text, out var name))
            return;
        Assert.True(DnsName.TryParse(name.Text, out var again));
        Assert.Equal(name, again);
    });

    [Fact]
    public void Lines_of_a_zone_and_the_system_s_configuration() => new ParserFuzz
    {
        Seed = 1033,
        Samples = ["example.org 60 IN TXT \"v=spf1 \\\" -all\" x\n; c\nexample.org MX 10 mx.example.org\nexample.org A 192.0.2.1", "nameserver 192.0.2.53\nnameserver fe80::1%lo\noptions x"],
        Alphabet = ["example.org", " ", "\n", "\"", "\\", ";", "60", "IN", "TXT", "A", "MX", "10", "192.0.2.1", "::1", ".", "4294967296", "nameserver ", "SOA", "%eth9", "\t", "\0", "\u00FC", "#"],
    }.RunText(text =>
    {
        try
        {
            _ = ZoneText.Read(text).Count();
        }
        catch (FormatException)
        {
            // The demo's own zone: a line that is none is named by an exception.
        }
        Assert.InRange(SystemResolverConfiguration.ReadResolvConf(text).Count, 0, 3);
    });

    private static string Wire(bool ofEveryType)
    {
        Assert.True(DnsName.TryParse("example.org", out var name));
        var message = new DnsMessage
        {
            Id = 0xBEEF,
            IsResponse = true,
            RecursionAvailable = true,
            Questions = [new DnsQuestion(name, DnsRecordType.TXT)],
            EdnsPayloadSize = 1232,
            Answers = ofEveryType
                ?
                [
                    new ARecord("example.org", Ttl, IPAddress.Parse("192.0.2.1")),
                    new ARecord("example.org", Ttl, IPAddress.Parse("2001:db8::1")),
                    new MxRecord("example.org", Ttl, 10, "mx.example.org"),
                    new TxtRecord("example.org", Ttl, ["one"u8.ToArray(), [], Enumerable.Repeat((byte)200, 255).ToArray()]),
                    new CnameRecord(@"odd\.\032\255.example.org", Ttl, "target.example.org"),
                    new UnknownRecord("example.org", Ttl, (DnsRecordType)257, [1, 2, 3]),
                ]
                : [new PtrRecord("1.2.0.192.in-addr.arpa", Ttl, "mx.example.org")],
            Authorities = [new SoaRecord("example.org", Ttl, "ns.example.org", "hostmaster.example.org", 4_000_000_000, Ttl, Ttl, Ttl, Ttl)],
        };
        return Encoding.Latin1.GetString(message.Write());
    }
}
