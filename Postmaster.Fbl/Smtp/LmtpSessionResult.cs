namespace Postmaster.Fbl.Smtp;

public enum LmtpSessionEnd
{
    /// <summary>The client said QUIT.</summary>
    Quit,

    /// <summary>The client closed, or the connection broke, outside a message.</summary>
    ClientClosed,

    /// <summary>The same inside a message, which is dropped: nothing was acknowledged.</summary>
    ClientClosedInData,
    IdleTimeout,
    DataTimeout,
    SessionTimeout,
    TooManyErrors,
    TooManyMessages,

    /// <summary>More than <see cref="LmtpSessionOptions.MaxDrainedBytes"/> came as one message.</summary>
    Flooded,

    /// <summary>The token of the session was cancelled.</summary>
    HostStopping,
}

/// <summary>What happened in one session, for the host to log and count.</summary>
public sealed record LmtpSessionResult
{
    public required LmtpSessionEnd End { get; init; }

    /// <summary>From LHLO; null when the client never introduced itself.</summary>
    public string? ClientName { get; init; }

    /// <summary>Messages with a 2yz reply for at least one recipient.</summary>
    public int MessagesAccepted { get; init; }

    /// <summary>Messages that came to their final dot and were accepted for nobody.</summary>
    public int MessagesRefused { get; init; }

    public int RecipientsRefused { get; init; }

    /// <summary>Commands answered 5yz by the session itself.</summary>
    public int CommandErrors { get; init; }

    /// <summary>Octets of message data on the wire.</summary>
    public long DataBytes { get; init; }

    /// <summary>What the handler threw, at most <see cref="MaxKeptFailures"/> of it; each was answered 451.</summary>
    public IReadOnlyList<Exception> HandlerFailures { get; init; } = [];

    /// <summary>Enough to see what is wrong, without keeping a failure for each of ten thousand messages.</summary>
    public const int MaxKeptFailures = 8;
}
