using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Hosting.Outward;

/// <summary>The one connection of a request: to the checked addresses, under TLS for the name, and the words for what goes wrong on it.</summary>
internal sealed class OutwardConnection(DomainName host, IReadOnlyList<IPAddress> addresses, OutwardHttpsOptions options)
{
    private string? _certificate;

    /// <summary>Who was connected to; null until then.</summary>
    public IPAddress? Server { get; private set; }

    public SslClientAuthenticationOptions Tls => new()
    {
        TargetHost = host.Ascii,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = (_, _, chain, errors) => Judge(chain, errors),
    };

    /// <summary>The framework calls this instead of resolving the name again.</summary>
    public async ValueTask<Stream> OpenAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        SocketException? last = null;
        foreach (IPAddress address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(options.ConnectTime);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, options.ConnectPort), patience.Token);
                Server = address;
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException refused)
            {
                last = refused;
                socket.Dispose();
            }
            catch (OperationCanceledException)
            {
                socket.Dispose();
                ct.ThrowIfCancellationRequested();
                last = new SocketException((int)SocketError.TimedOut);
            }
        }

        throw last!;
    }

    /// <summary>The failure of a request in our words: what a server sends does not get into them.</summary>
    public (OutwardFailure Reason, string Text) Explain(Exception failed)
    {
        if (Server is null)
        {
            string tried = string.Join(", ", addresses);
            return (OutwardFailure.Connect, (failed.InnerException as SocketException)?.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => $"{tried} takes no connection on port 443",
                SocketError.TimedOut => $"{tried} did not answer on port 443",
                _ => $"{tried} could not be reached on port 443",
            });
        }

        if (_certificate is not null)
            return (OutwardFailure.Tls, _certificate);
        HttpRequestError error = failed switch { HttpRequestException request => request.HttpRequestError, HttpIOException broken => broken.HttpRequestError, _ => HttpRequestError.Unknown };
        return error switch
        {
            HttpRequestError.SecureConnectionError => (OutwardFailure.Tls, $"{Server} could not agree with us on TLS 1.2 or 1.3"),
            HttpRequestError.ConfigurationLimitExceeded => (OutwardFailure.Protocol, "the header of its answer is too long"),
            HttpRequestError.ResponseEnded => (OutwardFailure.Protocol, "the connection ended before the answer did"),
            _ => (OutwardFailure.Protocol, "what it answered is no HTTP"),
        };
    }

    /// <summary>Certificates name addresses where more of them, or lists of revoked ones, are to be had: these are a stranger's choice too, and never asked.</summary>
    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1")); // server authentication
        if (options.TrustedRoots is { } roots)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }

        return policy;
    }

    private bool Judge(X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        X509ChainStatusFlags problems = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        _certificate = errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "it showed no certificate"
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"its certificate does not name {host.Ascii}"
            : problems.HasFlag(X509ChainStatusFlags.NotTimeValid) ? "its certificate is out of date, or not valid yet"
            : problems.HasFlag(X509ChainStatusFlags.PartialChain) ? "its certificate leads to no known authority; perhaps the server does not send the certificates between"
            : "its certificate is not from an authority that is trusted here";
        return false;
    }
}
