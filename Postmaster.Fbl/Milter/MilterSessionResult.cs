namespace Postmaster.Fbl.Milter;

public enum MilterSessionEnd
{
    /// <summary>The MTA said so.</summary>
    Quit,

    /// <summary>The MTA closed, or the connection broke.</summary>
    Closed,
    IdleTimeout,

    /// <summary>What came was no milter protocol: no negotiation, a version below 2, a packet of no size, an oversized one, or an unknown command.</summary>
    ProtocolError,

    /// <summary>The token of the session was cancelled.</summary>
    HostStopping,
}

/// <summary>What happened in one session, for the host to log and count.</summary>
public sealed record MilterSessionResult
{
    public required MilterSessionEnd End { get; init; }

    /// <summary>Messages that came to their end.</summary>
    public int Messages { get; init; }

    /// <summary>Of these, messages that there was no room for.</summary>
    public int MessagesLost { get; init; }

    public int RecipientsRefused { get; init; }

    /// <summary>Octets read from the MTA.</summary>
    public long Bytes { get; init; }

    /// <summary>What the handler threw, at most <see cref="MaxKeptFailures"/> of it. The mail went its way all the same.</summary>
    public IReadOnlyList<Exception> HandlerFailures { get; init; } = [];

    /// <summary>Enough to see what is wrong.</summary>
    public const int MaxKeptFailures = 8;
}
