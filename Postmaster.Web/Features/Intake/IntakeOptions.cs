using System.ComponentModel.DataAnnotations;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Intake;

/// <summary>Limits that all doors share. Configuration section <c>Intake</c>.</summary>
public sealed class IntakeOptions
{
    public const string Section = "Intake";

    /// <summary>Octets of one message through the HTTP door and the spool; more is answered 413.</summary>
    [Range(1024, 512 * 1024 * 1024, ErrorMessage = "Intake:MaxMessageBytes must be between 1024 and 536870912.")]
    public int MaxMessageBytes { get; set; } = 25 * 1024 * 1024;

    /// <summary>Octets of unfinished messages that all requests together may hold in memory; beyond it a request is told to come back.</summary>
    [Range(1024, 16L * 1024 * 1024 * 1024, ErrorMessage = "Intake:MaxInFlightBytes must be between 1024 and 17179869184.")]
    public long MaxInFlightBytes { get; set; } = 128L * 1024 * 1024;

    /// <summary>Complaints a minute through the HTTP door, with the right token, from one address.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Intake:RequestsPerMinute must be between 1 and 1000000.")]
    public int RequestsPerMinute { get; set; } = 3000;

    /// <summary>Requests a minute with a wrong token from one address: stops guessing.</summary>
    [Range(1, 10_000, ErrorMessage = "Intake:WrongTokensPerMinute must be between 1 and 10000.")]
    public int WrongTokensPerMinute { get; set; } = 30;

    /// <summary>Offending messages that one mail or report may carry; the rest of such a mail is not looked at.</summary>
    [Range(1, 1000, ErrorMessage = "Intake:MaxAttachedMessages must be between 1 and 1000.")]
    public int MaxAttachedMessages { get; set; } = 50;

    /// <summary>The folder that <c>postmaster complaint</c> writes to while the server is away. Empty: <c>spool</c> in the data folder.</summary>
    public string Spool { get; set; } = "";

    /// <summary>How often the server looks into the spool.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00", ErrorMessage = "Intake:SpoolInterval must be between 00:00:00.1 and 1.00:00:00.")]
    public TimeSpan SpoolInterval { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>What the provider's machines show at the HTTP doors. Configuration section <c>Ingest</c>.</summary>
public sealed class IngestOptions
{
    public const string Section = "Ingest";

    /// <summary>The shared secret. Empty: the HTTP doors refuse everybody.</summary>
    public string Token { get; set; } = "";

    /// <summary>Where <c>postmaster complaint</c> finds the server.</summary>
    public string Url { get; set; } = "http://localhost:8080";
}

/// <summary>The LMTP door. Configuration section <c>Lmtp</c>.</summary>
public sealed class LmtpOptions
{
    public const string Section = "Lmtp";

    /// <summary><c>HOST:PORT</c>, <c>[::1]:24</c>, a Unix socket as <c>/run/postmaster/lmtp</c> or <c>unix:/run/postmaster/lmtp</c>, or <c>off</c>.</summary>
    [CustomValidation(typeof(LmtpOptions), nameof(CheckListen))]
    public string Listen { get; set; } = "127.0.0.1:2424";

    [Range(1, 10_000, ErrorMessage = "Lmtp:MaxConnections must be between 1 and 10000.")]
    public int MaxConnections { get; set; } = 50;

    /// <summary>Octets of one mail; it holds the offending message and what is around it.</summary>
    [Range(1024, 512 * 1024 * 1024, ErrorMessage = "Lmtp:MaxMessageBytes must be between 1024 and 536870912.")]
    public int MaxMessageBytes { get; set; } = 50 * 1024 * 1024;

    /// <summary>Octets of unfinished mails that all connections together may hold; beyond it a mail is answered 452.</summary>
    [Range(1024, 16L * 1024 * 1024 * 1024, ErrorMessage = "Lmtp:MaxInFlightBytes must be between 1024 and 17179869184.")]
    public long MaxInFlightBytes { get; set; } = 200L * 1024 * 1024;

    /// <summary>RFC 5321 §4.5.3.2.7: how long a client may stay silent.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00", ErrorMessage = "Lmtp:IdleTimeout must be between 00:00:00.1 and 01:00:00.")]
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>From DATA to the final dot.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "12:00:00", ErrorMessage = "Lmtp:DataTimeout must be between 00:00:00.1 and 12:00:00.")]
    public TimeSpan DataTimeout { get; set; } = TimeSpan.FromMinutes(20);

    public static ValidationResult? CheckListen(string? listen, ValidationContext context) =>
        ListenAddress.TryParse(listen, out _)
            ? ValidationResult.Success
            : new ValidationResult("Lmtp:Listen must be HOST:PORT such as 127.0.0.1:2424 or [::1]:24, a Unix socket such as unix:/run/postmaster/lmtp, or off.");
}
