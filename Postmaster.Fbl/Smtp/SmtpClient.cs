namespace Postmaster.Fbl.Smtp;

/// <summary>
/// Submits messages to one relay. A connection is kept for the next message and closed when it has been idle for long; messages go one after
/// the other, so concurrency is several clients. Whatever the relay or the network does is a value in the result; only cancellation is thrown,
/// and then the message may have been taken.
/// </summary>
public sealed class SmtpClient : IAsyncDisposable
{
    private readonly SmtpClientOptions options;
    private readonly TimeProvider time;
    private readonly SmtpOpening opening;
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly ITimer idleTimer;

    private SmtpConnection? idle;
    private long idleSince;
    private bool disposed;

    /// <param name="connect">Opens a stream to the relay: <see cref="SmtpTcpConnector.ConnectAsync"/>, or anything that guards or fakes it. Throws
    /// <see cref="SmtpConnectException"/>, or SocketException and IOException, when it cannot.</param>
    /// <param name="options">How to talk.</param>
    /// <param name="time">For the time-outs.</param>
    /// <exception cref="ArgumentException">A name or a password in the options that no command can carry.</exception>
    public SmtpClient(Func<CancellationToken, ValueTask<Stream>> connect, SmtpClientOptions options, TimeProvider time)
    {
        if (options.HelloName.Length == 0 || options.HelloName.Any(c => c is <= ' ' or > '~'))
            throw new ArgumentException("The EHLO name is a host name or an address literal.", nameof(options));
        if (options.Credentials is { } credentials && (credentials.UserName + credentials.Password).Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A user name or password with NUL cannot be sent (RFC 4616 §2).", nameof(options));
        this.options = options;
        this.time = time;
        opening = new SmtpOpening(connect, options, time);
        idleTimer = time.CreateTimer(_ => _ = CloseWhenIdleAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>One transaction for all recipients.</summary>
    /// <exception cref="ArgumentException">No recipients.</exception>
    public async Task<SmtpSendResult> SendAsync(SmtpMessage message, CancellationToken ct)
    {
        if (message.Recipients.Count == 0)
            throw new ArgumentException("A message needs a recipient.", nameof(message));
        await gate.WaitAsync(ct);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return await SendOverConnectionAsync(message, ct);
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await gate.WaitAsync();
        try
        {
            disposed = true;
            await idleTimer.DisposeAsync();
            await CloseIdleAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<SmtpSendResult> SendOverConnectionAsync(SmtpMessage message, CancellationToken ct)
    {
        SmtpConnection connection;
        try
        {
            connection = await TakeIdleAsync(ct) ?? await OpenAsync(ct);
        }
        catch (SmtpBrokenException broken)
        {
            return new SmtpSendResult(
                [.. message.Recipients.Select(r => new SmtpRecipientResult(r, SmtpOutcome.TemporaryFailure, broken.Reply, broken.Problem, broken.Message))]);
        }

        var usable = false;
        try
        {
            var transaction = new SmtpTransaction(connection, message, options.Timeouts);
            var result = await transaction.RunAsync(ct);
            usable = transaction.ConnectionUsable;
            return result;
        }
        finally
        {
            await KeepAsync(connection, usable);
        }
    }

    private async Task<SmtpConnection> OpenAsync(CancellationToken ct)
    {
        try
        {
            return await opening.OpenAsync(useTls: true, ct);
        }
        catch (SmtpBrokenException e) when (e.Problem is SmtpProblem.TlsFailed && options is { Tls: SmtpTlsMode.Opportunistic, Credentials: null })
        {
            // RFC 7435 §3: a peer whose TLS does not work is still better served in the clear than not at all.
            return await opening.OpenAsync(useTls: false, ct);
        }
    }

    /// <summary>The kept connection, if the peer still answers on it.</summary>
    private async Task<SmtpConnection?> TakeIdleAsync(CancellationToken ct)
    {
        if (idle is not { } connection)
            return null;
        if (time.GetElapsedTime(idleSince) >= options.IdleLimit)
        {
            await CloseIdleAsync();
            return null;
        }

        idle = null;
        try
        {
            // RFC 5321 §4.1.1.5: nothing of the transaction before is left.
            if ((await connection.CommandAsync("RSET", options.Timeouts.Connect, ct)).IsPositive)
                return connection;
        }
        catch (SmtpBrokenException)
        {
            // Relays close idle connections; a new one will do.
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    private async Task KeepAsync(SmtpConnection connection, bool usable)
    {
        connection.MessageCount++;
        if (!usable)
            await connection.DisposeAsync();
        else if (options.IdleLimit <= TimeSpan.Zero || connection.MessageCount >= options.MaxMessagesPerConnection)
            await connection.QuitAsync(options.Timeouts.Quit);
        else
        {
            (idle, idleSince) = (connection, time.GetTimestamp());
            idleTimer.Change(options.IdleLimit, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task CloseWhenIdleAsync()
    {
        // In use now means not idle; the timer is set anew afterwards.
        if (!await gate.WaitAsync(TimeSpan.Zero))
            return;
        try
        {
            if (time.GetElapsedTime(idleSince) >= options.IdleLimit)
                await CloseIdleAsync();
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task CloseIdleAsync()
    {
        if (idle is { } connection)
        {
            idle = null;
            await connection.QuitAsync(options.Timeouts.Quit);
        }
    }
}
