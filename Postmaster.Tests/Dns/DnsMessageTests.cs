using System.Buffers.Binary;
using System.Net;
using System.Text;
using Postmaster.Fbl.Dns;

namespace Postmaster.Tests.Dns;

public sealed class DnsMessageTests
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(300);

    [Fact]
    public void Every_record_reads_back_as_it_was_written()
    {
        var message = Full();
        Assert.True(DnsMessage.TryRead(message.Write(), out var read, out _));
        Assert.Equal(message.Answers, read.Answers.Select(Comparable));
        Assert.Equal(message.Authorities, read.Authorities);
        Assert.Equal(message.Additionals, read.Additionals);
        Assert.Equal(message.Questions, read.Questions);
        Assert.Equal((message.Id, DnsResponseCode.BadVers, (ushort?)4096), (read.Id, read.ResponseCode, read.EdnsPayloadSize));
        Assert.True(read is { IsResponse: true, IsAuthoritative: true, RecursionDesired: true, RecursionAvailable: true, IsTruncated: false, Opcode: 0 });

        DnsRecord Comparable(DnsRecord record) => record is UnknownRecord ? message.Answers.OfType<UnknownRecord>().Single() : record;
    }

    [Fact]
    public void Names_are_compressed()
    {
        var octets = Full().Write();
        Assert.Equal(1, Count(octets, "example"u8));
    }

    [Fact]
    public void A_query_is_what_the_rfc_draws()
    {
        Assert.True(DnsName.TryParse("a.bc", out var name));
        Assert.Equal(
            Convert.FromHexString("1234" + "0100" + "0001" + "0000" + "0000" + "0001" + "016102626300" + "0010" + "0001" + "00" + "0029" + "04D0" + "00000000" + "0000"),
            DnsMessage.Query(0x1234, new DnsQuestion(name, DnsRecordType.TXT), 1232).Write());
    }

    [Fact]
    public void A_message_cut_anywhere_is_refused()
    {
        var octets = Full().Write();
        for (var length = 0; length < octets.Length; length++)
        {
            Assert.False(DnsMessage.TryRead(octets.AsSpan(0, length), out _, out var problem));
            Assert.NotEmpty(problem.Code);
            Assert.InRange(problem.Offset, 0, length);
        }
    }

    [Fact]
    public void Of_a_truncated_message_cut_behind_its_question_the_rest_is_missing()
    {
        var octets = (Full() with { IsTruncated = true }).Write();
        var questionEnd = DnsMessage.HeaderOctets + "example.org".Length + 2 + 4;
        for (var length = questionEnd; length < octets.Length; length++)
        {
            Assert.True(DnsMessage.TryRead(octets.AsSpan(0, length), out var read, out _));
            Assert.True(read.IsTruncated);
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(10)]
    public void Counts_that_promise_too_much_are_refused(int at)
    {
        var octets = Full().Write();
        BinaryPrimitives.WriteUInt16BigEndian(octets.AsSpan(at), ushort.MaxValue);
        Assert.False(DnsMessage.TryRead(octets, out _, out _));
    }

    [Theory]
    [InlineData(DnsRecordType.A, "C00002")]
    [InlineData(DnsRecordType.A, "C000020101")]
    [InlineData(DnsRecordType.AAAA, "20010DB8")]
    [InlineData(DnsRecordType.MX, "00")]
    [InlineData(DnsRecordType.MX, "000A")]
    [InlineData(DnsRecordType.MX, "000A00FF")] // octets behind the name
    [InlineData(DnsRecordType.TXT, "0541")]
    [InlineData(DnsRecordType.CNAME, "")]
    [InlineData(DnsRecordType.PTR, "0161")] // a name that runs out of its data
    [InlineData(DnsRecordType.SOA, "0000" + "00000001" + "00000001" + "00000001" + "00000001")]
    public void Data_that_does_not_fit_its_type_is_refused(DnsRecordType type, string data)
    {
        var message = Full() with { Answers = [new UnknownRecord("example.org", Ttl, type, Convert.FromHexString(data))], Authorities = [], Additionals = [] };
        Assert.False(DnsMessage.TryRead(message.Write(), out _, out var problem));
        Assert.Equal("bad-record", problem.Code);
    }

    [Fact]
    public void An_owner_that_points_at_itself_is_refused()
    {
        var octets = (Full() with { Answers = [new UnknownRecord(".", Ttl, (DnsRecordType)99, [])], Authorities = [], Additionals = [], EdnsPayloadSize = null }).Write();
        var at = octets.Length - 11;
        byte[] looped = [.. octets[..at], 0xC0, (byte)at, .. octets[(at + 1)..]];
        Assert.False(DnsMessage.TryRead(looped, out _, out var problem));
        Assert.Equal("bad-name", problem.Code);
    }

    [Fact]
    public void A_TTL_with_the_highest_bit_set_is_zero()
    {
        var octets = (Full() with { Answers = [new ARecord(".", TimeSpan.FromSeconds(1), IPAddress.Loopback)], Authorities = [], Additionals = [], EdnsPayloadSize = null }).Write();
        octets[octets.Length - 10] = 0x80;
        Assert.True(DnsMessage.TryRead(octets, out var read, out _));
        Assert.Equal(TimeSpan.Zero, Assert.Single(read.Answers).Ttl);
    }

    [Fact]
    public void Records_of_other_classes_are_left_out()
    {
        var octets = (Full() with { Answers = [new ARecord(".", Ttl, IPAddress.Loopback)], Authorities = [], Additionals = [], EdnsPayloadSize = null }).Write();
        octets[octets.Length - 11] = 3; // CHAOS
        Assert.True(DnsMessage.TryRead(octets, out var read, out _));
        Assert.Empty(read.Answers);
    }

    [Fact]
    public void What_does_not_fit_is_left_away_and_marked_truncated()
    {
        var message = Full();
        var cut = message.Write(100);
        Assert.InRange(cut.Length, 0, 100);
        Assert.True(DnsMessage.TryRead(cut, out var read, out _));
        Assert.True(read.IsTruncated);
        Assert.Empty(read.Answers);
        Assert.Equal((ushort?)4096, read.EdnsPayloadSize);
    }

    [Fact]
    public void Sixty_four_kilobytes_of_the_smallest_records_are_read()
    {
        Assert.True(DnsName.TryParse(".", out var root));
        var header = new DnsMessage { IsResponse = true, Questions = [new DnsQuestion(root, DnsRecordType.TXT)] }.Write();
        var count = (DnsMessage.MaxOctets - header.Length) / 11;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), (ushort)count);
        byte[] record = [0, 0, 16, 0, 1, 0, 0, 0, 1, 0, 0];
        byte[] octets = [.. header, .. Enumerable.Repeat(record, count).SelectMany(r => r)];
        Assert.True(DnsMessage.TryRead(octets, out var read, out _));
        Assert.Equal(count, read.Answers.Count);
    }

    [Fact]
    public void Strings_of_a_TXT_record_join_without_spaces_octet_by_octet()
    {
        var record = new TxtRecord("example.org", Ttl, ["v=spf1 ip4:192.0"u8.ToArray(), [], ".2.1 -all"u8.ToArray(), [0xFF, 0]]);
        Assert.Equal("v=spf1 ip4:192.0.2.1 -all\u00FF\0", record.Text);
        Assert.Equal(Encoding.Latin1.GetBytes(record.Text), record.Joined);
    }

    private static DnsMessage Full()
    {
        Assert.True(DnsName.TryParse("example.org", out var name));
        return new DnsMessage
        {
            Id = 0xBEEF,
            IsResponse = true,
            IsAuthoritative = true,
            RecursionDesired = true,
            RecursionAvailable = true,
            ResponseCode = DnsResponseCode.BadVers,
            EdnsPayloadSize = 4096,
            Questions = [new DnsQuestion(name, DnsRecordType.MX)],
            Answers =
            [
                new ARecord("example.org", Ttl, IPAddress.Parse("192.0.2.1")),
                new ARecord("example.org", Ttl, IPAddress.Parse("2001:db8::1")),
                new MxRecord("example.org", Ttl, 10, "mx.example.org"),
                new MxRecord("example.org", Ttl, 0, "."),
                new TxtRecord("example.org", Ttl, ["one"u8.ToArray(), [], Enumerable.Repeat((byte)200, 255).ToArray()]),
                new PtrRecord("1.2.0.192.in-addr.arpa", Ttl, "mx.example.org"),
                new CnameRecord(@"odd\.\032\255.example.org", Ttl, "target.example.org"),
                new NsRecord("example.org", TimeSpan.Zero, "ns.example.org"),
                new UnknownRecord("example.org", TimeSpan.FromSeconds(int.MaxValue), (DnsRecordType)257, [1, 2, 3]),
            ],
            Authorities =
            [
                new SoaRecord("example.org", Ttl, "ns.example.org", "hostmaster.example.org", 4_000_000_000, TimeSpan.FromHours(2), Ttl, TimeSpan.FromDays(7), Ttl),
            ],
            Additionals = [new ARecord("mx.example.org", Ttl, IPAddress.Parse("192.0.2.2"))],
        };
    }

    private static int Count(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> wanted)
    {
        var count = 0;
        for (int at; (at = octets.IndexOf(wanted)) >= 0; octets = octets[(at + 1)..])
            count++;
        return count;
    }
}
