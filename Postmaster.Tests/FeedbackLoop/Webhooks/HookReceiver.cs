using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postmaster.Tests.Support;
using Postmaster.Web.Hosting.Outward;

namespace Postmaster.Tests.FeedbackLoop.Webhooks;

/// <summary>A request that came to a webhook.</summary>
internal sealed record HookRequest(string Host, string Id, string Timestamp, string Signatures, byte[] Body)
{
    public JsonElement Json { get; } = JsonDocument.Parse(Body).RootElement;
    public string Type => Json.TryGetProperty("type", out JsonElement type) ? type.GetString()! : "";

    /// <summary>How many of its signatures the secret makes.</summary>
    public int SignedBy(string secret)
    {
        byte[] key = Convert.FromBase64String(secret["whsec_".Length..]);
        byte[] signed = [.. Encoding.ASCII.GetBytes($"{Id}.{Timestamp}."), .. Body];
        string right = "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed));
        return Signatures.Split(' ').Count(s => string.Equals(s, right, StringComparison.Ordinal));
    }
}

/// <summary>An owner's web server: Kestrel with TLS on loopback, for whatever host name it is called by. Gives the challenge of a test event back.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, X509Certificate2> _certificates = new(StringComparer.Ordinal);
    private readonly WebApplication _host;

    private HookReceiver(WebApplication host) => _host = host;

    public ConcurrentQueue<HookRequest> Requests { get; } = [];

    /// <summary>Says what is answered to an event that is no test; null: 204.</summary>
    public Func<HttpContext, HookRequest, Task>? Answer { get; set; }

    /// <summary>The same for a test event; null: the challenge.</summary>
    public Func<HttpContext, HookRequest, Task>? AnswerTest { get; set; }

    public IEnumerable<HookRequest> Events => Requests.Where(r => r.Type is not "ping");

    public int Port { get; private set; }

    /// <summary>127.0.0.1 stands for the Internet, and this server for port 443 of all of it.</summary>
    public OutwardHttpsOptions Options => new() { ConnectPort = Port, IsAllowed = IPAddress.Loopback.Equals, TrustedRoots = TestAuthority.Roots, TotalTime = TimeSpan.FromSeconds(60) };

    public static async Task<HookReceiver> StartAsync()
    {
        HookReceiver? self = null;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
            https.ServerCertificateSelector = (_, name) => self!._certificates.GetOrAdd(name ?? "none.example", n => TestAuthority.For(n)))));
        WebApplication host = builder.Build();
        self = new HookReceiver(host);
        host.Run(self.TakeAsync);
        await host.StartAsync();
        self.Port = new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        return self;
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _host.StopAsync(soon.Token);
        await _host.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new HookRequest(
            context.Request.Host.Host, context.Request.Headers["webhook-id"]!, context.Request.Headers["webhook-timestamp"]!, context.Request.Headers["webhook-signature"]!, body.ToArray());
        Requests.Enqueue(request);
        if (request.Type is "ping" && AnswerTest is { } answerTest)
            await answerTest(context, request);
        else if (request.Type is "ping")
            await context.Response.WriteAsJsonAsync(new { challenge = request.Json.GetProperty("data").GetProperty("challenge").GetString() });
        else if (Answer is { } answer)
            await answer(context, request);
        else
            context.Response.StatusCode = 204;
    }
}
