using System.ComponentModel.DataAnnotations;
using Postmaster.Fbl.Smtp;

namespace Postmaster.Web.Features.FeedbackLoop;

public enum RelayKind
{
    /// <summary>A mail server takes the mails by SMTP.</summary>
    Smtp,

    /// <summary>Each mail becomes a file in a folder.</summary>
    Directory,
}

/// <summary>Who takes the portal's mails. Configuration section <c>Relay</c>.</summary>
public sealed class RelayOptions
{
    public const string Section = "Relay";

    public RelayKind Kind { get; set; }

    [Required(ErrorMessage = "Relay:Host must name the mail server that takes the portal's mails.")]
    public string Host { get; set; } = "localhost";

    [Range(1, 65535, ErrorMessage = "Relay:Port must be between 1 and 65535.")]
    public int Port { get; set; } = 25;

    /// <summary>None, Opportunistic, Required or Implicit (port 465).</summary>
    public SmtpTlsMode Tls { get; set; } = SmtpTlsMode.Opportunistic;

    /// <summary>Empty: no AUTH.</summary>
    public string User { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>Our name in EHLO. Empty: <c>Provider:Domain</c>.</summary>
    public string HelloName { get; set; } = "";

    /// <summary>Where <c>Relay:Kind=directory</c> writes. Empty: <c>mail</c> in the data folder.</summary>
    public string Directory { get; set; } = "";

    /// <summary>How long a mail is tried that the relay does not take now.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00", ErrorMessage = "Relay:GiveUpAfter must be between 00:01:00 and 30.00:00:00.")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(3);

    /// <summary>The first wait after a temporary failure; it doubles up to 4 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "04:00:00", ErrorMessage = "Relay:FirstRetry must be between 00:00:00.01 and 04:00:00.")]
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Mails that are sent at a time, each over a connection of its own.</summary>
    [Range(1, 32, ErrorMessage = "Relay:Connections must be between 1 and 32.")]
    public int Connections { get; set; } = 2;
}

/// <summary>What feedback reports and notices look like. Configuration section <c>Reports</c>.</summary>
public sealed class ReportsOptions
{
    public const string Section = "Reports";

    /// <summary>Where the signing key is published: <c>SELECTOR._domainkey.</c> and Provider:Domain.</summary>
    [RegularExpression("^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$", MatchTimeoutInMilliseconds = 1000, ErrorMessage = "Reports:Selector must be one label of letters, digits and hyphens.")]
    [MaxLength(63, ErrorMessage = "Reports:Selector must have 63 characters at most.")]
    public string Selector { get; set; } = "fbl";

    /// <summary>Whether reports carry the whole message; else only its header.</summary>
    public bool IncludeBody { get; set; } = true;

    /// <summary>Octets of a message that is attached whole; of a larger one only the header goes out.</summary>
    [Range(1024, 100 * 1024 * 1024, ErrorMessage = "Reports:MaxMessageBytes must be between 1024 and 104857600.")]
    public int MaxMessageBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>Reports to one address in 24 hours; more wait in the queue.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Reports:MaxPerAddressPerDay must be between 1 and 10000000.")]
    public int MaxPerAddressPerDay { get; set; } = 5000;

    /// <summary>Reports to one address in a minute; more wait in the queue.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Reports:MaxPerAddressPerMinute must be between 1 and 10000000.")]
    public int MaxPerAddressPerMinute { get; set; } = 600;

    /// <summary>How long a report above the daily cap waits before it and its like become one.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00", ErrorMessage = "Reports:RollUpAfter must be between 00:00:00 and 7.00:00:00.")]
    public TimeSpan RollUpAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Reports that tell of many complaints, to one address in 24 hours, beside <see cref="MaxPerAddressPerDay"/>; 0: none.</summary>
    [Range(0, 10_000_000, ErrorMessage = "Reports:RollUpsPerAddressPerDay must be between 0 and 10000000.")]
    public int RollUpsPerAddressPerDay { get; set; } = 24;

    /// <summary>Reports to all addresses in a minute; more wait in the queue.</summary>
    [Range(1, 10_000_000, ErrorMessage = "Reports:MaxPerMinute must be between 1 and 10000000.")]
    public int MaxPerMinute { get; set; } = 1200;

    /// <summary>Local-part of the portal's notices.</summary>
    [RegularExpression("^[A-Za-z0-9._+-]{1,64}$", MatchTimeoutInMilliseconds = 1000, ErrorMessage = "Reports:NoticeSender must be a plain local-part such as postmaster.")]
    public string NoticeSender { get; set; } = "postmaster";
}
