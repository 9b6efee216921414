namespace Postmaster.Fbl.Smtp;

/// <summary>Limits of one LMTP session.</summary>
public sealed record LmtpSessionOptions
{
    /// <summary>Our name in the greeting; also the domain of a bare <c>&lt;postmaster&gt;</c>.</summary>
    public string HostName { get; init; } = "localhost";

    /// <summary>Octets of one message with the dots unstuffed; advertised as SIZE, checked against SIZE= and against what really comes.</summary>
    public int MaxMessageBytes { get; init; } = 50 * 1024 * 1024;

    /// <summary>A message over the limit is read on and thrown away up to so many octets in all, so that the client hears 552; beyond, the connection ends.</summary>
    public long MaxDrainedBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>RFC 5321 §4.5.3.1.8 asks for 100 at least.</summary>
    public int MaxRecipients { get; init; } = 1000;

    /// <summary>Commands that the session itself answered 5yz before it ends with 421: stops guessing and protocol confusion.</summary>
    public int MaxErrors { get; init; } = 50;

    /// <summary>Messages in one session; a client that wants more connects again.</summary>
    public int MaxMessages { get; init; } = 10_000;

    /// <summary>For each wait for the client. RFC 5321 §4.5.3.2.7: 5 minutes at least.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>From DATA to the final dot, however fast single octets come: stops a client that sends one octet a minute.</summary>
    public TimeSpan DataTimeout { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>The whole session: stops a client that sends NOOP for ever.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromHours(2);

    /// <summary>One call of the handler. Below the 10 minutes that a client waits for the final reply (RFC 5321 §4.5.3.2.6).</summary>
    public TimeSpan HandlerTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Shared by all sessions; null means that only <see cref="MaxMessageBytes"/> bounds each of them.</summary>
    public SmtpMemoryBudget? MemoryBudget { get; init; }
}
