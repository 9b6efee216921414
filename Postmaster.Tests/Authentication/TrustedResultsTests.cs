using System.Text;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Authentication;

public sealed class TrustedResultsTests
{
    private const string Id = "mx.example.net";
    private const string Ours = "Authentication-Results: mx.example.net; auth=pass smtp.auth=anna\r\n";
    private const string OurHop = "Received: from laptop (by evil.example.com) by mx.example.net (Postfix) with ESMTPSA id 1; Mon, 2 Mar 2026 10:00:00 +0000\r\n";
    private const string ForeignHop = "Received: from a by mail.example.com with ESMTP id 2; Mon, 2 Mar 2026 09:00:00 +0000\r\n";

    [Theory]
    [InlineData(Ours, "anna")]
    [InlineData("Authentication-Results: MX.Example.NET; AUTH=PASS SMTP.AUTH=anna\r\n", "anna")]
    [InlineData(OurHop + Ours, "anna")]
    [InlineData(Ours + OurHop + ForeignHop, "anna")]
    [InlineData(ForeignHop + Ours, null)] // below a foreign hop anyone may have written it
    [InlineData(OurHop + ForeignHop + Ours, null)]
    [InlineData("Received: (qmail 1 invoked by mx.example.net); x\r\n" + Ours, null)] // a hop without "by"
    [InlineData("Received: from x by \"mx.example.net\" ; x\r\n" + Ours, "anna")]
    [InlineData("Received: from \"by mx.example.net\" by evil.example.com; x\r\n" + Ours, null)]
    [InlineData("Received: from x; by mx.example.net\r\n" + Ours, null)] // after the semicolon comes the date
    [InlineData("Received: (unclosed by mx.example.net\r\n" + Ours, null)]
    [InlineData("Received: from x by MX.EXAMPLE.NET. with SMTP; x\r\n" + Ours, "anna")]
    [InlineData("Authentication-Results: mx.example.com; auth=pass smtp.auth=eve\r\n", null)] // another host
    [InlineData("Authentication-Results: evil.mx.example.net; auth=pass smtp.auth=eve\r\n", null)]
    [InlineData("Authentication-Results: mx.example.net 2; auth=pass smtp.auth=eve\r\n", null)] // another version
    [InlineData("Authentication-Results: mx.example.net; auth=fail smtp.auth=eve\r\n", null)]
    [InlineData("Authentication-Results: mx.example.net; auth=pass smtp.mailfrom=eve@example.net\r\n", null)]
    [InlineData("Authentication-Results: mx.example.net; auth=pass smtp.auth=\"\"\r\n", null)]
    [InlineData("Authentication-Results: mx.example.net; spf=pass smtp.auth=eve\r\n", null)]
    [InlineData("Authentication-Results: mx.example.net; auth=pass (smtp.auth=eve)\r\n", null)]
    [InlineData("Authentication-Results: mx.example.net; auth=pass smtp.auth=eve; broken\r\n", null)]
    [InlineData("X-Authentication-Results: mx.example.net; auth=pass smtp.auth=eve\r\n", null)]
    [InlineData("Authentication-Results: mx.example.net; none\r\n" + Ours, "anna")]
    [InlineData("Authentication-Results: mx.example.net; auth=pass smtp.auth=newest\r\n" + Ours, "newest")]
    [InlineData("Authentication-Results: mx.example.net;\r\n\tauth=pass (plain)\r\n\tsmtp.auth=\"anna b\"@example.net\r\n", "anna b@example.net")]
    public void The_user_comes_from_our_border_only(string header, string? user)
    {
        Assert.Equal(user, TrustedResults.Find(Headers(header), [Id]).AuthenticatedUser);
        Assert.Equal(user, TrustedResults.Find(Headers(header.Replace("\r\n", "\n", StringComparison.Ordinal)), [Id]).AuthenticatedUser);
    }

    [Fact]
    public void Hosts_of_ours_may_be_named_or_lie_below_our_domain()
    {
        var headers = Headers("Received: from b by store.corp.example with LMTP; x\r\nReceived: from a by in1.example.net with SMTP; x\r\n" + Ours);
        Assert.Empty(TrustedResults.Find(headers, [Id]).Fields);
        Assert.Empty(TrustedResults.Find(headers, [Id], ownHosts: ["store.corp.example"]).Fields);
        Assert.Single(TrustedResults.Find(headers, [Id], ["STORE.corp.example"], DomainName.Parse("example.net")).Fields);
        Assert.Single(TrustedResults.Find(headers, [Id], ["store.corp.example", "in1.example.net"]).Fields);
        Assert.Empty(TrustedResults.Find(Headers("Received: from a by in1.badexample.net; x\r\n" + Ours), [Id], null, DomainName.Parse("example.net")).Fields);
    }

    /// <summary>A sender who chooses his HELO must not make our own hop look like a stranger's: his complaints would count for nobody.</summary>
    [Theory]
    [InlineData("by")]
    [InlineData("BY")]
    [InlineData("from")]
    public void A_client_that_greets_with_a_keyword_hides_no_host_of_ours(string helo)
    {
        var headers = Headers($"Received: from b by store.corp.example with LMTP; x\r\nReceived: from {helo} (rdns.esp.example [192.0.2.7]) by in1.example.net with SMTP; x\r\n{Ours}");
        Assert.Single(TrustedResults.Find(headers, [Id], ["store.corp.example", "in1.example.net"]).Fields);
    }

    [Fact]
    public void Without_an_authserv_id_nothing_is_trusted()
        => Assert.Empty(TrustedResults.Find(Headers(Ours), []).Fields);

    [Fact]
    public void An_attached_message_vouches_for_nobody()
    {
        var message = MessageReader.Read(Encoding.ASCII.GetBytes(
            "From: a@example.net\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n" + Ours + "From: b@example.net\r\n\r\nhi\r\n--x--\r\n"));
        Assert.Empty(TrustedResults.Find(message.Headers, [Id]).Fields);
    }

    [Fact]
    public void Passing_signatures_are_listed_once_each()
    {
        var results = TrustedResults.Find(Headers(
            "Authentication-Results: mx.example.net; dkim=pass header.d=Example.ORG header.s=s1 header.b=\"abc/defg\" header.i=@news.example.org;"
            + " dkim=fail header.d=bad.example; dkim=pass header.i=anna@only-i.example; dkim=pass header.d=\"not a name\"; dkim=pass; spf=pass header.d=spf.example\r\n"
            + "Authentication-Results: mx.example.net; dkim=pass header.d=example.org header.s=s1 header.b=\"abc/defg\" header.i=@news.example.org\r\n"), [Id]);
        Assert.Equal(
        [
            new TrustedDkimPass(DomainName.Parse("example.org"), "s1", "abc/defg", "@news.example.org"),
            new TrustedDkimPass(DomainName.Parse("only-i.example"), null, null, "anna@only-i.example"),
        ], results.DkimPasses);
    }

    private static HeaderBlock Headers(string header) => MessageReader.Read(Encoding.ASCII.GetBytes(header + "From: x@example.org\r\n\r\n")).Headers;
}
