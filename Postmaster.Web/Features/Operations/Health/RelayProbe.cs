using System.Text;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Operations.Health;

/// <summary>Whether the relay greets, or the folder of mails can be written. Sends nothing.</summary>
public sealed class RelayProbe(IOptions<RelayOptions> relay, DataDirectory data, TimeProvider time)
{
    private const string Name = "relay";
    private const int MaxGreeting = 512;

    public Task<HealthItem> LookAsync(TimeSpan patience, CancellationToken ct) =>
        relay.Value.Kind == RelayKind.Directory ? Task.FromResult(Folder()) : GreetingAsync(patience, ct);

    private HealthItem Folder()
    {
        string folder = relay.Value.Directory.Length > 0 ? relay.Value.Directory : data.Mail;
        try
        {
            Directory.CreateDirectory(folder);
            string probe = Path.Combine(folder, ".probe-" + Guid.NewGuid().ToString("N"));
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            return new HealthItem(Name, FindingSeverity.Ok, $"mails are written to {folder}");
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return new HealthItem(Name, FindingSeverity.Critical, $"{folder} cannot be written: {failed.Message}");
        }
    }

    private async Task<HealthItem> GreetingAsync(TimeSpan patience, CancellationToken ct)
    {
        string peer = $"{relay.Value.Host}:{relay.Value.Port}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        try
        {
            await using Stream stream = await new SmtpTcpConnector(relay.Value.Host, relay.Value.Port, time).ConnectAsync(limit.Token);
            if (relay.Value.Tls == SmtpTlsMode.Implicit)
                return new HealthItem(Name, FindingSeverity.Ok, $"{peer} takes connections");
            byte[] greeting = new byte[MaxGreeting];
            int length = await stream.ReadAsync(greeting, limit.Token);
            await stream.WriteAsync("QUIT\r\n"u8.ToArray(), limit.Token);
            return greeting.AsSpan(0, length).StartsWith("220"u8)
                ? new HealthItem(Name, FindingSeverity.Ok, $"{peer} greets")
                : new HealthItem(Name, FindingSeverity.Critical, $"{peer} does not greet with 220 but says \"{FirstLine(greeting.AsSpan(0, length))}\"");
        }
        catch (Exception failed) when (failed is IOException or SmtpConnectException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return new HealthItem(Name, FindingSeverity.Critical, $"{peer} cannot be reached; reports wait until it can. Relay:Host and Relay:Port say where it is");
        }
    }

    private static string FirstLine(ReadOnlySpan<byte> reply)
    {
        int end = reply.IndexOfAny((byte)'\r', (byte)'\n');
        return string.Concat(Encoding.Latin1.GetString(end < 0 ? reply : reply[..end]).Select(c => char.IsControl(c) ? ' ' : c));
    }
}
