using System.Diagnostics;
using System.Net;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Dns;

/// <summary>The wire format against another implementation: dnspython, which comes with Debian's python3-dkim.</summary>
public sealed class WireInteropTests
{
    private const string Python = "/usr/bin/python3";
    private const string DnsPython = "/usr/lib/python3/dist-packages/dns/message.py";

    [NeedsFact(Python, DnsPython)]
    public async Task What_we_write_another_implementation_reads()
    {
        Assert.True(DnsName.TryParse("example.org", out var name));
        var ttl = TimeSpan.FromSeconds(300);
        var message = new DnsMessage
        {
            Id = 4711,
            IsResponse = true,
            RecursionAvailable = true,
            EdnsPayloadSize = 1232,
            Questions = [new DnsQuestion(name, DnsRecordType.MX)],
            Answers =
            [
                new MxRecord("example.org", ttl, 10, "mx.example.org"),
                new ARecord("mx.example.org", ttl, IPAddress.Parse("192.0.2.1")),
                new ARecord("mx.example.org", ttl, IPAddress.Parse("2001:db8::1")),
                new TxtRecord("example.org", ttl, ["v=spf1 "u8.ToArray(), "-all"u8.ToArray()]),
                new CnameRecord(@"odd\.dot.example.org", ttl, "example.org"),
            ],
            Authorities = [new SoaRecord("example.org", ttl, "ns.example.org", "hostmaster.example.org", 7, ttl, ttl, ttl, ttl)],
        };
        var text = await RunAsync("import sys,dns.message; print(dns.message.from_wire(bytes.fromhex(sys.argv[1])).to_text())", Convert.ToHexString(message.Write()));
        foreach (var line in (string[])[
            "id 4711", "payload 1232", "example.org. IN MX", "example.org. 300 IN MX 10 mx.example.org.", "mx.example.org. 300 IN A 192.0.2.1",
            "mx.example.org. 300 IN AAAA 2001:db8::1", "example.org. 300 IN TXT \"v=spf1 \" \"-all\"", @"odd\.dot.example.org. 300 IN CNAME example.org.",
            "example.org. 300 IN SOA ns.example.org. hostmaster.example.org. 7 300 300 300 300"])
            Assert.Contains(line, text.Split('\n').Select(l => l.TrimEnd()), StringComparer.Ordinal);
    }

    [NeedsFact(Python, DnsPython)]
    public async Task What_another_implementation_writes_we_read()
    {
        const string Script = """
            import dns.message, dns.flags
            m = dns.message.from_text('''id 4711
            opcode QUERY
            rcode NXDOMAIN
            flags QR RD RA
            edns 0
            payload 1400
            ;QUESTION
            www.example.org. IN TXT
            ;ANSWER
            www.example.org. 60 IN CNAME a\\.b\\032c.example.org.
            x.example.org. 60 IN MX 0 .
            x.example.org. 60 IN TXT "one" "\\255two"
            x.example.org. 60 IN AAAA 2001:db8::1
            1.2.0.192.in-addr.arpa. 60 IN PTR x.example.org.
            x.example.org. 60 IN TYPE65280 \\# 2 0102
            ;AUTHORITY
            example.org. 3600 IN SOA ns.example.org. host.example.org. 4000000000 1 2 3 30
            example.org. 3600 IN NS ns.example.org.
            ''')
            print(m.to_wire().hex())
            """;
        Assert.True(DnsMessage.TryRead(Convert.FromHexString((await RunAsync(Script)).Trim()), out var read, out var problem), problem.Code);
        var minute = TimeSpan.FromSeconds(60);
        Assert.Equal((4711, DnsResponseCode.NxDomain, (ushort?)1400), (read.Id, read.ResponseCode, read.EdnsPayloadSize));
        Assert.Equal(new CnameRecord("www.example.org", minute, @"a\.b\032c.example.org"), read.Answers[0]);
        Assert.Equal(new MxRecord("x.example.org", minute, 0, "."), read.Answers[1]);
        Assert.Equal(new TxtRecord("x.example.org", minute, ["one"u8.ToArray(), [0xFF, .. "two"u8]]), read.Answers[2]);
        Assert.Equal(new ARecord("x.example.org", minute, IPAddress.Parse("2001:db8::1")), read.Answers[3]);
        Assert.Equal(new PtrRecord("1.2.0.192.in-addr.arpa", minute, "x.example.org"), read.Answers[4]);
        Assert.Equal([1, 2], Assert.IsType<UnknownRecord>(read.Answers[5]).Data);
        var soa = Assert.IsType<SoaRecord>(read.Authorities[0]);
        Assert.Equal((4_000_000_000, TimeSpan.FromSeconds(30)), (soa.Serial, soa.Minimum));
        Assert.Equal("ns.example.org", Assert.IsType<NsRecord>(read.Authorities[1]).Target);
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using var python = Process.Start(new ProcessStartInfo(Python, ["-c", .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var problems = python.StandardError.ReadToEndAsync();
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.True(python.ExitCode == 0, await problems);
        return output;
    }
}
