using System.Net;
using System.Text;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;
using Postmaster.Web.Hosting.Outward;

namespace Postmaster.Tests.Outward;

/// <summary>What the client gets from a server that behaves, and from one that does not.</summary>
public sealed class OutwardHttpsTests
{
    private const string Name = "hook.example";

    [Fact]
    public async Task An_answer_comes_with_status_type_body_and_server()
    {
        await using var server = new HttpsStranger(Name, HttpsStranger.Ok("hello", "Text/Plain; charset=utf-8"));
        var answered = Assert.IsType<OutwardOutcome.Answered>(await SendAsync(server));
        Assert.Equal((200, "text/plain", "hello", false, IPAddress.Loopback), (answered.Status, answered.ContentType, Encoding.ASCII.GetString(answered.Body.Span), answered.IsCut, answered.Server));
    }

    [Fact]
    public async Task A_request_says_who_it_is_for_and_nothing_about_us()
    {
        await using var server = new HttpsStranger(Name, "HTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\n\r\n");
        var http = new OutwardHttps(Zone(), server.Options);
        var request = new OutwardRequest(HttpMethod.Post, new Uri($"https://{Name}/in?x=1#part"))
        {
            Body = "a=b"u8.ToArray(), ContentType = "application/x-www-form-urlencoded", Fields = [new("X-Event", "ping")],
        };
        Assert.Equal(204, Assert.IsType<OutwardOutcome.Answered>(await http.SendAsync(request, default)).Status);
        Assert.Equal(204, Assert.IsType<OutwardOutcome.Answered>(await http.SendAsync(request, default)).Status);
        foreach (string sent in server.Requests)
        {
            string[] lines = sent.Split("\r\n");
            Assert.Equal("POST /in?x=1 HTTP/1.1", lines[0]);
            Assert.Equal("a=b", lines[^1]);
            Assert.Equal(
                ["Connection: close", "Content-Length: 3", "Content-Type: application/x-www-form-urlencoded", $"Host: {Name}", "User-Agent: Postmaster/1", "X-Event: ping"],
                lines[1..^2].Order(StringComparer.Ordinal));
        }

        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://other.example/")]
    [InlineData("http://hook.example/")]
    public async Task A_redirect_is_an_answer_and_never_followed(string to)
    {
        await using var server = new HttpsStranger(Name, $"HTTP/1.1 307 Temporary Redirect\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
        var answered = Assert.IsType<OutwardOutcome.Answered>(await SendAsync(server));
        Assert.True(answered.IsRedirect);
        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData("Content-Length: 99999999999")]
    [InlineData("Transfer-Encoding: chunked")]
    [InlineData("X-Nothing: else")]
    public async Task A_body_without_end_is_cut(string field)
    {
        await using var server = new HttpsStranger(async (stream, _, ct) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{field}\r\n\r\n"), ct);
            string line = new('a', 1024);
            byte[] chunk = Encoding.ASCII.GetBytes(field.StartsWith('T') ? $"400\r\n{line}\r\n" : line);
            while (true)
                await stream.WriteAsync(chunk, ct);
        }, TestAuthority.For(Name));
        var answered = Assert.IsType<OutwardOutcome.Answered>(await SendAsync(server));
        Assert.True(answered.IsCut);
        Assert.Equal(OutwardRequest.BodyLimit, answered.Body.Length);
    }

    [Fact]
    public async Task A_body_that_drips_runs_into_the_limit_of_time_unless_the_status_is_enough()
    {
        await using var server = new HttpsStranger(async (stream, _, ct) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"u8.ToArray(), ct);
            while (true)
            {
                await stream.WriteAsync("a"u8.ToArray(), ct);
                await Task.Delay(20, ct);
            }
        }, TestAuthority.For(Name));
        var http = new OutwardHttps(Zone(), server.Options with { TotalTime = TimeSpan.FromSeconds(1) });
        Assert.Equal(OutwardFailure.Time, Assert.IsType<OutwardOutcome.Failed>(await http.SendAsync(Get(), default)).Reason);
        var status = Assert.IsType<OutwardOutcome.Answered>(await new OutwardHttps(Zone(), server.Options).SendAsync(Get() with { MaxBody = 0 }, default));
        Assert.Equal((200, 0), (status.Status, status.Body.Length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_header_that_drips_or_never_ends_is_given_up(bool drips)
    {
        await using var server = new HttpsStranger(async (stream, _, ct) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), ct);
            while (true)
            {
                await stream.WriteAsync("X-More: and more and more and more and more\r\n"u8.ToArray(), ct);
                if (drips)
                    await Task.Delay(50, ct);
            }
        }, TestAuthority.For(Name));
        var http = new OutwardHttps(Zone(), drips ? server.Options with { TotalTime = TimeSpan.FromSeconds(1) } : server.Options);
        Assert.Equal(drips ? OutwardFailure.Time : OutwardFailure.Protocol, Assert.IsType<OutwardOutcome.Failed>(await http.SendAsync(Get(), default)).Reason);
    }

    [Fact]
    public async Task Packed_bodies_stay_packed()
    {
        await using var server = new HttpsStranger(Name, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\u008bab");
        var answered = Assert.IsType<OutwardOutcome.Answered>(await SendAsync(server));
        Assert.Equal([0x1f, 0x8b, (byte)'a', (byte)'b'], answered.Body.ToArray());
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")]
    [InlineData("")]
    public async Task What_is_no_whole_answer_is_a_failure_in_words(string answer)
    {
        await using var server = new HttpsStranger(Name, answer);
        var failed = Assert.IsType<OutwardOutcome.Failed>(await SendAsync(server));
        Assert.Equal(OutwardFailure.Protocol, failed.Reason);
        Assert.DoesNotContain("nonsense", failed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_has_to_name_the_host_be_in_date_and_come_from_a_trusted_authority()
    {
        Assert.Contains("does not name hook.example", await FailedTlsAsync(TestAuthority.For("other.example")), StringComparison.Ordinal);
        Assert.Contains("out of date", await FailedTlsAsync(TestAuthority.For(Name, endsIn: -0.5)), StringComparison.Ordinal);
        Assert.Contains("authority", await FailedTlsAsync(TestAuthority.For(Name), trusted: false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_said_to_be_closed()
    {
        await using var server = new HttpsStranger(Name, "");
        var failed = Assert.IsType<OutwardOutcome.Failed>(await new OutwardHttps(Zone(), server.Options with { ConnectPort = FreePorts.Next() }).SendAsync(Get(), default));
        Assert.Equal((OutwardFailure.Connect, "127.0.0.1 takes no connection on port 443"), (failed.Reason, failed.Text));
    }

    [Fact]
    public async Task Names_without_address_and_silent_DNS_are_told_apart()
    {
        await using var server = new HttpsStranger(Name, "");
        var none = Assert.IsType<OutwardOutcome.Failed>(await new OutwardHttps(new ZoneResolver(), server.Options).SendAsync(Get(), default));
        var silent = Assert.IsType<OutwardOutcome.Failed>(await new OutwardHttps(new ZoneResolver().Fail(Name), server.Options).SendAsync(Get(), default));
        Assert.Equal((OutwardFailure.NoAddress, OutwardFailure.Dns), (none.Reason, silent.Reason));
        Assert.Contains("NXDOMAIN", none.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_cancels_gets_a_cancellation()
    {
        await using var server = new HttpsStranger((_, _, ct) => Task.Delay(Timeout.Infinite, ct), TestAuthority.For(Name));
        using var stop = new CancellationTokenSource();
        Task<OutwardOutcome> asking = new OutwardHttps(Zone(), server.Options).SendAsync(Get(), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    private static ZoneResolver Zone() => new ZoneResolver().AddAddress(Name, "127.0.0.1");

    private static OutwardRequest Get() => new(HttpMethod.Get, new Uri($"https://{Name}/"));

    private static Task<OutwardOutcome> SendAsync(HttpsStranger server) => new OutwardHttps(Zone(), server.Options).SendAsync(Get(), default);

    private static async Task<string> FailedTlsAsync(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate, bool trusted = true)
    {
        await using var server = new HttpsStranger((_, _, _) => Task.CompletedTask, certificate);
        var http = new OutwardHttps(Zone(), trusted ? server.Options : server.Options with { TrustedRoots = null });
        var failed = Assert.IsType<OutwardOutcome.Failed>(await http.SendAsync(Get(), default));
        Assert.Equal(OutwardFailure.Tls, failed.Reason);
        Assert.Empty(server.Requests);
        return failed.Text;
    }
}
