using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Smtp;

/// <summary>The client's side of the tests: a client towards a scripted peer, and messages to send.</summary>
internal static class SmtpSending
{
    private static readonly Lazy<X509Certificate2> SelfSigned = new(() =>
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=relay.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("relay.test");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    });

    public static SmtpClientOptions Options { get; } = new() { HelloName = "me.test", TlsHost = "relay.test", Tls = SmtpTlsMode.Opportunistic };

    /// <summary>Made here, trusted by nobody.</summary>
    public static X509Certificate2 Certificate => SelfSigned.Value;

    public static SmtpTcpConnector Connector(ScriptedSmtpPeer peer) => new(ScriptedSmtpPeer.Host, peer.Port, TimeProvider.System);

    public static SmtpClient Client(ScriptedSmtpPeer peer, SmtpClientOptions? options = null) =>
        new(Connector(peer).ConnectAsync, options ?? Options, TimeProvider.System);

    public static async Task<SmtpSendResult> SendAsync(ScriptedSmtpPeer peer, SmtpMessage message, SmtpClientOptions? options = null)
    {
        await using var client = Client(peer, options);
        return await client.SendAsync(message, default);
    }

    public static SmtpMessage Message(string content, params string[] recipients) =>
        new(MailAddress.Parse("fbl@a.test"), [.. recipients.Select(MailAddress.Parse)], Encoding.Latin1.GetBytes(content));

    public static SmtpMessage Message() => Message("x", "one@b.test");
}

/// <summary>Hands out only a few octets a read, and is no socket that could be known as loopback.</summary>
internal sealed class TrickleStream(Stream inner, int octets) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(buffer[..Math.Min(octets, buffer.Length)], cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, Math.Min(octets, count));

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
