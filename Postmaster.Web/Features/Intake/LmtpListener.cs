using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>Listens for LMTP. Bounds the connections and the octets that all of them hold.</summary>
internal sealed class LmtpListener(LmtpDoor mailbox, IOptions<LmtpOptions> options, IOptions<ProviderOptions> provider, TimeProvider time, ILoggerFactory loggers)
    : SocketDoor("Lmtp:Listen", options.Value.Listen, options.Value.MaxConnections, time, loggers)
{
    private static readonly byte[] TooMany = "421 4.3.2 Too many connections, try again later\r\n"u8.ToArray();
    private readonly ILogger _log = loggers.CreateLogger<LmtpListener>();
    private readonly LmtpSessionOptions _session = new()
    {
        HostName = provider.Value.Domain,
        MaxMessageBytes = options.Value.MaxMessageBytes,
        IdleTimeout = options.Value.IdleTimeout,
        DataTimeout = options.Value.DataTimeout,
        MemoryBudget = new SmtpMemoryBudget(options.Value.MaxInFlightBytes),
    };

    protected override void TellListening(string endPoint) => _log.LmtpListens(endPoint);

    protected override async Task ServeAsync(ConnectionContext connection, CancellationToken ct)
    {
        try
        {
            LmtpSessionResult result = await new LmtpSession(connection.Transport, _session, mailbox, Time).RunAsync(ct);
            foreach (Exception failure in result.HandlerFailures)
                _log.LmtpFault(failure);
            _log.LmtpSessionEnded(result.End.ToString(), result.MessagesAccepted, result.MessagesRefused, result.RecipientsRefused, result.CommandErrors);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            _log.LmtpFault(fault);
        }
    }

    protected override async Task TurnAwayAsync(ConnectionContext connection)
    {
        _log.LmtpTooManyConnections(options.Value.MaxConnections);
        await connection.Transport.Output.WriteAsync(TooMany);
    }
}
