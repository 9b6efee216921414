using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Postmaster.Fbl.Smtp;

/// <summary>From nothing to a connection that takes MAIL: connect, TLS, greeting, EHLO, STARTTLS, EHLO again, AUTH.</summary>
internal sealed class SmtpOpening(Func<CancellationToken, ValueTask<Stream>> connect, SmtpClientOptions options, TimeProvider time)
{
    private SmtpTimeouts Timeouts => options.Timeouts;

    /// <exception cref="SmtpBrokenException">Whatever went wrong; the connection, if there was one, is closed.</exception>
    public async Task<SmtpConnection> OpenAsync(bool useTls, CancellationToken ct)
    {
        var connection = new SmtpConnection(await ConnectAsync(ct), time);
        try
        {
            if (options.Tls is SmtpTlsMode.Implicit)
                await connection.StartTlsAsync(TlsOptions(), Timeouts.TlsHandshake, ct);
            var greeting = await connection.ReadReplyAsync(Timeouts.Greeting, ct);
            // RFC 5321 §3.1: 554 refuses the connection. It speaks of us or of the relay, not of a message.
            if (greeting.Code is not 220)
                throw new SmtpBrokenException(SmtpProblem.GreetingRefused, greeting.ToString(), greeting);
            await HelloAsync(connection, ct);
            if (useTls && options.Tls is SmtpTlsMode.Opportunistic or SmtpTlsMode.Required)
                await StartTlsAsync(connection, ct);
            if (options.Credentials is { } credentials)
                await AuthenticateAsync(connection, credentials, ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<Stream> ConnectAsync(CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Timeouts.Connect, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return await connect(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new SmtpBrokenException(SmtpProblem.TimedOut, "no connection in time");
        }
        catch (SmtpConnectException e)
        {
            throw new SmtpBrokenException(e.Problem, e.Message);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoRecovery or SocketError.NoData)
        {
            throw new SmtpBrokenException(SmtpProblem.DnsFailure, $"no address of the relay: {e.Message}");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new SmtpBrokenException(SmtpProblem.ConnectFailed, $"no connection: {e.Message}");
        }
    }

    private async Task HelloAsync(SmtpConnection connection, CancellationToken ct)
    {
        var reply = await connection.CommandAsync("EHLO " + options.HelloName, Timeouts.Mail, ct);
        if (reply.IsPositive)
        {
            connection.Capabilities = SmtpCapabilities.Read(reply);
            return;
        }

        // RFC 5321 §3.2: a peer that does not know EHLO is greeted the old way.
        if (reply.IsPermanent)
            reply = await connection.CommandAsync("HELO " + options.HelloName, Timeouts.Mail, ct);
        if (!reply.IsPositive)
            throw new SmtpBrokenException(SmtpProblem.HelloRefused, reply.ToString(), reply);
    }

    private async Task StartTlsAsync(SmtpConnection connection, CancellationToken ct)
    {
        SmtpReply? reply = null;
        if (connection.Capabilities.StartTls)
            reply = await connection.CommandAsync("STARTTLS", Timeouts.Mail, ct);
        if (reply?.Code is 220)
        {
            await connection.StartTlsAsync(TlsOptions(), Timeouts.TlsHandshake, ct);
            // RFC 3207 §4.2
            await HelloAsync(connection, ct);
        }
        else if (options.Tls is SmtpTlsMode.Required)
            throw new SmtpBrokenException(SmtpProblem.TlsUnavailable, reply?.ToString() ?? "the relay does not offer STARTTLS", reply);
    }

    private SslClientAuthenticationOptions TlsOptions() => new()
    {
        TargetHost = options.TlsHost,
        RemoteCertificateValidationCallback = options.CertificateValidation
            // RFC 7435: without a certificate to check, encryption is still better than none. A password is not sent that way.
            ?? (options.Tls is SmtpTlsMode.Opportunistic && options.Credentials is null ? AnyCertificate : null),
    };

    private static bool AnyCertificate(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;

    private async Task AuthenticateAsync(SmtpConnection connection, SmtpCredentials credentials, CancellationToken ct)
    {
        if (!connection.Encrypted && !connection.Loopback && !options.AllowPlainTextCredentials)
            throw new SmtpBrokenException(SmtpProblem.AuthenticationNeedsTls, "the password is not sent over a connection without TLS");
        var offered = connection.Capabilities.AuthMechanisms;
        var reply = offered.Contains("PLAIN") ? await PlainAsync(connection, credentials, ct)
            : offered.Contains("LOGIN") ? await LoginAsync(connection, credentials, ct)
            : throw new SmtpBrokenException(SmtpProblem.AuthenticationUnavailable, "the relay offers neither AUTH PLAIN nor AUTH LOGIN");
        if (reply.Code is not 235)
            throw new SmtpBrokenException(SmtpProblem.AuthenticationFailed, reply.ToString(), reply);
    }

    // RFC 4954 §4 with an initial response, RFC 4616 §2.
    private ValueTask<SmtpReply> PlainAsync(SmtpConnection connection, SmtpCredentials credentials, CancellationToken ct) =>
        connection.CommandAsync("AUTH PLAIN " + Base64($"\0{credentials.UserName}\0{credentials.Password}"), Timeouts.Mail, ct);

    // Never an RFC; the prompts ("Username:", "Password:") are not looked at.
    private async ValueTask<SmtpReply> LoginAsync(SmtpConnection connection, SmtpCredentials credentials, CancellationToken ct)
    {
        var reply = await connection.CommandAsync("AUTH LOGIN", Timeouts.Mail, ct);
        if (reply.Code is 334)
            reply = await connection.CommandAsync(Base64(credentials.UserName), Timeouts.Mail, ct);
        if (reply.Code is 334)
            reply = await connection.CommandAsync(Base64(credentials.Password), Timeouts.Mail, ct);
        return reply;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
