using System.ComponentModel.DataAnnotations;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Milter;

/// <summary>The milter for Postfix and Sendmail. Configuration section <c>Milter</c>.</summary>
public sealed class MilterOptions
{
    public const string Section = "Milter";

    /// <summary>Where the mail server finds it, in the forms of <c>Lmtp:Listen</c>.</summary>
    [CustomValidation(typeof(MilterOptions), nameof(CheckListen))]
    public string Listen { get; set; } = "off";

    /// <summary>One for each SMTP session of the mail server; further ones are closed at once, and their mail goes its way uncounted.</summary>
    [Range(1, 100_000, ErrorMessage = "Milter:MaxConnections must be between 1 and 100000.")]
    public int MaxConnections { get; set; } = 1000;

    /// <summary>Octets of one message; a larger one is let through uncounted.</summary>
    [Range(1024, 512 * 1024 * 1024, ErrorMessage = "Milter:MaxMessageBytes must be between 1024 and 536870912.")]
    public int MaxMessageBytes { get; set; } = 30 * 1024 * 1024;

    /// <summary>Octets of messages that are coming in or wait to be looked at; what goes beyond is let through uncounted.</summary>
    [Range(1024, 16L * 1024 * 1024 * 1024, ErrorMessage = "Milter:MaxInFlightBytes must be between 1024 and 17179869184.")]
    public long MaxInFlightBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>Transactions that wait to be looked at; further ones are let through uncounted.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Milter:MaxQueued must be between 1 and 1000000.")]
    public int MaxQueued { get; set; } = 10_000;

    /// <summary>Transactions looked at at a time; each waits for DNS most of its time.</summary>
    [Range(1, 1000, ErrorMessage = "Milter:Workers must be between 1 and 1000.")]
    public int Workers { get; set; } = 32;

    /// <summary>Off where another feeder (rspamd's exporter) tells of deliveries; the milter then tells only of refused recipients and traps.</summary>
    public bool CountDeliveries { get; set; } = true;

    /// <summary>Whether mail from loopback and private addresses to the provider's mailboxes counts. What such a client sends out never does.</summary>
    public bool CountInternalClients { get; set; } = true;

    public static ValidationResult? CheckListen(string? listen, ValidationContext context) =>
        ListenAddress.TryParse(listen, out _)
            ? ValidationResult.Success
            : new ValidationResult("Milter:Listen must be HOST:PORT such as 127.0.0.1:2525 or [::1]:2525, a Unix socket such as unix:/run/postmaster/milter, or off.");
}
