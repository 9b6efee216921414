using Postmaster.Fbl.Dns;

namespace Postmaster.Tests.Dns;

public sealed class DnsServerAddressTests
{
    [Theory]
    [InlineData("192.0.2.53", "192.0.2.53:53", "192.0.2.53")]
    [InlineData("127.0.0.1:5300", "127.0.0.1:5300", "127.0.0.1:5300")]
    [InlineData("[::1]:5300", "[::1]:5300", "[::1]:5300")]
    [InlineData("[::1]:53", "[::1]:53", "::1")]
    [InlineData("[::1]", "[::1]:53", "::1")]
    [InlineData("2001:db8::53", "[2001:db8::53]:53", "2001:db8::53")]
    [InlineData("localhost:5300", "127.0.0.1:5300", "127.0.0.1:5300")]
    public void Servers_are_written_as_people_do(string text, string endPoint, string written)
    {
        var server = DnsServerAddress.Parse(text);
        Assert.Equal(endPoint, server.ToString());
        Assert.Equal(written, DnsServerAddress.Format(server));
    }

    [Theory]
    [InlineData(null, "empty")]
    [InlineData("", "empty")]
    [InlineData("ns.example.org", "bad-address")]
    [InlineData("192.0.2", "bad-address")]
    [InlineData("192.0.2.53 ", "bad-address")]
    [InlineData(":53", "bad-address")]
    [InlineData("[]:53", "bad-address")]
    [InlineData("[::1", "bad-address")]
    [InlineData("[192.0.2.1]:53", "bad-address")]
    [InlineData("192.0.2.53:", "bad-port")]
    [InlineData("192.0.2.53:0", "bad-port")]
    [InlineData("192.0.2.53:65536", "bad-port")]
    [InlineData("192.0.2.53:-1", "bad-port")]
    [InlineData("[::1]53", "bad-port")]
    [InlineData("[::1]x:53", "bad-port")]
    [InlineData("[::1]:", "bad-port")]
    public void What_is_no_server_is_refused(string? text, string code)
    {
        Assert.False(DnsServerAddress.TryParse(text, out _, out var problem));
        Assert.Equal(code, problem.Code);
    }

    [Fact]
    public void The_systems_servers_are_the_first_three_nameserver_lines()
    {
        var servers = SystemResolverConfiguration.ReadResolvConf("""
            # nameserver 192.0.2.1
            ; nameserver 192.0.2.2
            search example.org
            nameserver 192.0.2.3
            nameserver	2001:db8::53   # the second
             nameserver 192.0.2.4
            nameservers 192.0.2.5
            nameserver not-an-address
            nameserver
            nameserver 192.0.2.6
            nameserver 192.0.2.7
            options timeout:1
            """);
        Assert.Equal("192.0.2.3 2001:db8::53 192.0.2.6", string.Join(' ', servers.Select(DnsServerAddress.Format)));
        Assert.Empty(SystemResolverConfiguration.ReadResolvConf(""));
        Assert.Equal(2, SystemResolverConfiguration.ReadResolvConf("nameserver 192.0.2.1\r\nnameserver 192.0.2.2\r\n").Count);
    }

    [Fact]
    public void The_system_always_names_a_server() => Assert.NotEmpty(SystemResolverConfiguration.Servers());
}
