using System.Net;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Names;

public sealed class PublicIpTests
{
    [Theory]
    [InlineData("8.8.8.8", IpAddressScope.Global)]
    [InlineData("0.0.0.0", IpAddressScope.Unspecified)]
    [InlineData("0.1.2.3", IpAddressScope.Reserved)]
    [InlineData("10.255.255.255", IpAddressScope.Private)]
    [InlineData("11.0.0.0", IpAddressScope.Global)]
    [InlineData("100.63.255.255", IpAddressScope.Global)]
    [InlineData("100.64.0.1", IpAddressScope.CarrierGradeNat)]
    [InlineData("127.1.2.3", IpAddressScope.Loopback)]
    [InlineData("169.254.169.254", IpAddressScope.LinkLocal)]
    [InlineData("172.15.255.255", IpAddressScope.Global)]
    [InlineData("172.31.0.1", IpAddressScope.Private)]
    [InlineData("172.32.0.1", IpAddressScope.Global)]
    [InlineData("192.168.1.1", IpAddressScope.Private)]
    [InlineData("192.0.2.1", IpAddressScope.Documentation)]
    [InlineData("198.51.100.1", IpAddressScope.Documentation)]
    [InlineData("203.0.113.1", IpAddressScope.Documentation)]
    [InlineData("198.19.0.1", IpAddressScope.Benchmarking)]
    [InlineData("224.0.0.1", IpAddressScope.Multicast)]
    [InlineData("240.0.0.1", IpAddressScope.Reserved)]
    [InlineData("255.255.255.255", IpAddressScope.Reserved)]
    [InlineData("::", IpAddressScope.Unspecified)]
    [InlineData("::1", IpAddressScope.Loopback)]
    [InlineData("::7f00:1", IpAddressScope.Reserved)] // the retired IPv4-compatible form
    [InlineData("::ffff:127.0.0.1", IpAddressScope.Loopback)]
    [InlineData("::ffff:8.8.8.8", IpAddressScope.Global)]
    [InlineData("64:ff9b::127.0.0.1", IpAddressScope.Loopback)]
    [InlineData("64:ff9b::8.8.8.8", IpAddressScope.Global)]
    [InlineData("64:ff9b:1::8.8.8.8", IpAddressScope.Reserved)]
    [InlineData("2002:7f00:1::1", IpAddressScope.Loopback)]
    [InlineData("2002:a00:1::1", IpAddressScope.Private)]
    [InlineData("2001::1", IpAddressScope.Reserved)] // Teredo
    [InlineData("2001:db8::1", IpAddressScope.Documentation)]
    [InlineData("3fff:fff::1", IpAddressScope.Documentation)]
    [InlineData("2606:4700::1", IpAddressScope.Global)]
    [InlineData("100::1", IpAddressScope.Reserved)]
    [InlineData("fd00::1", IpAddressScope.UniqueLocal)]
    [InlineData("fe80::1", IpAddressScope.LinkLocal)]
    [InlineData("fe80::1%2", IpAddressScope.LinkLocal)]
    [InlineData("fec0::1", IpAddressScope.Private)]
    [InlineData("ff02::1", IpAddressScope.Multicast)]
    public void Every_address_has_a_scope(string address, IpAddressScope scope)
    {
        var ip = IPAddress.Parse(address);
        Assert.Equal(scope, PublicIp.ScopeOf(ip));
        Assert.Equal(scope == IpAddressScope.Global, PublicIp.IsPublic(ip));
    }

    [Theory]
    [InlineData("10.0.0.1", true)]
    [InlineData("::ffff:192.168.0.1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("8.8.8.8", false)]
    [InlineData("192.0.2.1", false)] // an example tells nothing about a network
    public void Internal_addresses_tell_about_a_networks_layout(string address, bool isInternal) =>
        Assert.Equal(isInternal, PublicIp.IsInternal(IPAddress.Parse(address)));
}
