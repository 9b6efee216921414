using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Hosting.Outward;

/// <summary>
/// Asks servers that a stranger chose: a way out in a mail, a policy of a domain, a receiver of events. It speaks https on port 443 to addresses of the
/// public Internet only, which it looks up itself and connects to as they were checked, so that no second answer of DNS counts. It follows no redirect,
/// keeps no cookie, uses no proxy, sends no credentials, unpacks nothing, and stops at limits of time and octets. Nothing is thrown but cancellation.
/// </summary>
public sealed class OutwardHttps(IDnsResolver dns, OutwardHttpsOptions? options = null)
{
    /// <summary>Addresses that are tried. Attack: a name with a thousand of them, each to be knocked at.</summary>
    private const int MaxAddresses = 4;

    /// <summary>Attack: a header without end. In units of 1024 octets.</summary>
    private const int MaxHeaderLength = 16;

    private static readonly ProductInfoHeaderValue UserAgent = new("Postmaster", "1");

    private static readonly SearchValues<char> FieldText = SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(c => (char)c)]);

    private readonly OutwardHttpsOptions _options = options ?? new OutwardHttpsOptions();

    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public async Task<OutwardOutcome> SendAsync(OutwardRequest request, CancellationToken ct)
    {
        if (!OutwardTarget.TryRead(request.Target, out DomainName? host, out OutwardOutcome.Refused? refused))
            return refused;
        if (request.Fields.Any(f => !IsField(f)))
            return new OutwardOutcome.Refused(OutwardRefusal.BadField, "a header field holds what no field may");
        long started = Stopwatch.GetTimestamp();
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(ct);
        bounded.CancelAfter(_options.TotalTime);
        try
        {
            (IReadOnlyList<IPAddress> addresses, OutwardOutcome? none) = await ResolveAsync(host, started, bounded.Token);
            return none ?? await AskAsync(request, host, addresses, started, bounded.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new OutwardOutcome.Failed(OutwardFailure.Time, string.Create(CultureInfo.InvariantCulture, $"no full answer within {_options.TotalTime.TotalSeconds:0.#} seconds"), Stopwatch.GetElapsedTime(started));
        }
    }

    private async Task<(IReadOnlyList<IPAddress> Addresses, OutwardOutcome? None)> ResolveAsync(DomainName host, long started, CancellationToken ct)
    {
        DnsAnswer[] answers = await Task.WhenAll(dns.QueryAsync(host.Ascii, DnsRecordType.A, ct).AsTask(), dns.QueryAsync(host.Ascii, DnsRecordType.AAAA, ct).AsTask());
        List<IPAddress> addresses = [.. answers.SelectMany(a => a.Records).OfType<ARecord>().Select(r => r.Address).Distinct()];
        // One private address among public ones is enough: whoever publishes it means somebody's inside.
        if (addresses.Find(a => !_options.IsAllowed(a)) is { } inside)
            return ([], new OutwardOutcome.Refused(OutwardRefusal.PrivateAddress, $"{host.Ascii} leads to {inside}, which is no address of the public Internet"));
        if (addresses.Count > 0)
            return (addresses.GetRange(0, Math.Min(addresses.Count, MaxAddresses)), null);
        DnsAnswer? lost = answers.FirstOrDefault(a => a.IsSilent);
        return ([], new OutwardOutcome.Failed(
            lost is null ? OutwardFailure.NoAddress : OutwardFailure.Dns, $"{host.Ascii} has no address: {(lost ?? answers[0]).Describe()}", Stopwatch.GetElapsedTime(started)));
    }

    private async Task<OutwardOutcome> AskAsync(OutwardRequest request, DomainName host, IReadOnlyList<IPAddress> addresses, long started, CancellationToken ct)
    {
        var connection = new OutwardConnection(host, addresses, _options);
        using SocketsHttpHandler handler = HandlerOf(connection);
        using var client = new HttpMessageInvoker(handler);
        using HttpRequestMessage message = MessageOf(request);
        try
        {
            using HttpResponseMessage response = await client.SendAsync(message, ct);
            (byte[] body, bool cut) = request.MaxBody > 0 ? await ReadAsync(response, Math.Min(request.MaxBody, OutwardRequest.BodyLimit), ct) : ([], false);
            return new OutwardOutcome.Answered(
                (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant(), body, cut, connection.Server!, Stopwatch.GetElapsedTime(started))
            {
                RetryAfter = response.Headers.RetryAfter,
            };
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException)
        {
            (OutwardFailure reason, string text) = connection.Explain(failed);
            return new OutwardOutcome.Failed(reason, text, Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>A handler for one request: nothing of it outlives the answer.</summary>
    private static SocketsHttpHandler HandlerOf(OutwardConnection connection) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        Credentials = null,
        PreAuthenticate = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = MaxHeaderLength,
        MaxResponseDrainSize = 0,
        ConnectCallback = connection.OpenAsync,
        SslOptions = connection.Tls,
    };

    private static HttpRequestMessage MessageOf(OutwardRequest request)
    {
        var message = new HttpRequestMessage(request.Method, request.Target) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        message.Headers.UserAgent.Add(UserAgent);
        message.Headers.ConnectionClose = true;
        if (request.Body.Length > 0)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            if (request.ContentType is not null)
                message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }

        foreach ((string name, string value) in request.Fields)
            message.Headers.TryAddWithoutValidation(name, value);
        return message;
    }

    private static async Task<(byte[] Body, bool IsCut)> ReadAsync(HttpResponseMessage response, int most, CancellationToken ct)
    {
        await using Stream stream = await response.Content.ReadAsStreamAsync(ct);
        byte[] octets = new byte[most + 1];
        int read = await stream.ReadAtLeastAsync(octets, octets.Length, throwOnEndOfStream: false, ct);
        return (octets[..Math.Min(read, most)], read > most);
    }

    private static bool IsField(KeyValuePair<string, string> field) =>
        field.Key.Length > 0 && field.Key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-') && !field.Value.AsSpan().ContainsAnyExcept(FieldText);
}
