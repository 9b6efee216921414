using System.Net.Security;

namespace Postmaster.Fbl.Smtp;

public enum SmtpTlsMode
{
    /// <summary>Never TLS.</summary>
    None,

    /// <summary>STARTTLS when offered. Without credentials any certificate will do (RFC 7435) and a failed handshake is repeated once without
    /// TLS; with credentials the certificate has to be valid.</summary>
    Opportunistic,

    /// <summary>STARTTLS with a valid certificate, or nothing is sent.</summary>
    Required,

    /// <summary>TLS with a valid certificate from the first octet (RFC 8314 §3.3, port 465).</summary>
    Implicit,
}

/// <summary>A user name and password for AUTH PLAIN or LOGIN. Neither may contain NUL.</summary>
public sealed record SmtpCredentials(string UserName, string Password)
{
    public override string ToString() => $"{nameof(SmtpCredentials)} of {UserName}";
}

public sealed record SmtpClientOptions
{
    /// <summary>Our own name in EHLO: a host name, or an address literal such as <c>[192.0.2.1]</c>.</summary>
    public string HelloName { get; init; } = "localhost";

    public SmtpTlsMode Tls { get; init; } = SmtpTlsMode.Opportunistic;

    /// <summary>The name that the peer's certificate must carry, also sent as SNI; the host that was configured.</summary>
    public string TlsHost { get; init; } = "localhost";

    /// <summary>Replaces the usual certificate check; null keeps it.</summary>
    public RemoteCertificateValidationCallback? CertificateValidation { get; init; }

    public SmtpCredentials? Credentials { get; init; }

    /// <summary>Lets the password go over a connection that is neither TLS nor loopback.</summary>
    public bool AllowPlainTextCredentials { get; init; }

    public SmtpTimeouts Timeouts { get; init; } = SmtpTimeouts.Standard;

    /// <summary>A connection that has been idle for longer is closed instead of used again. Zero: one connection a message.</summary>
    public TimeSpan IdleLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Messages over one connection before it is closed; keeps within what relays commonly allow.</summary>
    public int MaxMessagesPerConnection { get; init; } = 100;
}

/// <summary>How long each phase may take. The minima of RFC 5321 §4.5.3.2 are <see cref="Standard"/>; <see cref="Scaled"/> shortens them all.</summary>
public sealed record SmtpTimeouts
{
    public static SmtpTimeouts Standard { get; } = new();

    /// <summary>Name resolution and the TCP connection; the RFC names none.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan TlsHandshake { get; init; } = TimeSpan.FromMinutes(1);

    // RFC 5321 §4.5.3.2.1
    public TimeSpan Greeting { get; init; } = TimeSpan.FromMinutes(5);

    // RFC 5321 §4.5.3.2.2; also for EHLO, STARTTLS, AUTH and RSET.
    public TimeSpan Mail { get; init; } = TimeSpan.FromMinutes(5);

    // RFC 5321 §4.5.3.2.3
    public TimeSpan Recipient { get; init; } = TimeSpan.FromMinutes(5);

    // RFC 5321 §4.5.3.2.4
    public TimeSpan DataInitiation { get; init; } = TimeSpan.FromMinutes(2);

    // RFC 5321 §4.5.3.2.5: for each block that is written.
    public TimeSpan DataBlock { get; init; } = TimeSpan.FromMinutes(3);

    // RFC 5321 §4.5.3.2.6
    public TimeSpan DataTermination { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>QUIT is a courtesy: its reply is not waited for longer than this.</summary>
    public TimeSpan Quit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Every time-out multiplied by <paramref name="factor"/>.</summary>
    public SmtpTimeouts Scaled(double factor) => new()
    {
        Connect = Connect * factor,
        TlsHandshake = TlsHandshake * factor,
        Greeting = Greeting * factor,
        Mail = Mail * factor,
        Recipient = Recipient * factor,
        DataInitiation = DataInitiation * factor,
        DataBlock = DataBlock * factor,
        DataTermination = DataTermination * factor,
        Quit = Quit * factor,
    };
}
