using System.ComponentModel.DataAnnotations;

namespace Postmaster.Web.Features.Samples;

/// <summary>Who may have mails checked, and how much of it. Configuration section <c>Samples</c>.</summary>
public sealed class SamplesOptions
{
    public const string Section = "Samples";

    /// <summary>Whether visitors without an account may have a mail checked.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Octets of one mail.</summary>
    [Range(1024, 100 * 1024 * 1024, ErrorMessage = "Samples:MaxBytes must be between 1024 and 104857600.")]
    public int MaxBytes { get; set; } = 5_000_000;

    /// <summary>How long a one-time address takes a mail.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00", ErrorMessage = "Samples:AddressLifetime must be between 00:01:00 and 7.00:00:00.")]
    public TimeSpan AddressLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long an account's mail and report are kept.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "3650.00:00:00", ErrorMessage = "Samples:Retention must be between 00:10:00 and 3650.00:00:00.")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The same for visitors without an account.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "3650.00:00:00", ErrorMessage = "Samples:AnonymousRetention must be between 00:10:00 and 3650.00:00:00.")]
    public TimeSpan AnonymousRetention { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Checks and one-time addresses an hour for one IPv4 address or one IPv6 /64 network without an account.</summary>
    [Range(1, 100_000, ErrorMessage = "Samples:AnonymousPerHour must be between 1 and 100000.")]
    public int AnonymousPerHour { get; set; } = 5;

    /// <summary>Checks and one-time addresses an hour for one account.</summary>
    [Range(1, 100_000, ErrorMessage = "Samples:PerHour must be between 1 and 100000.")]
    public int PerHour { get; set; } = 60;

    /// <summary>Samples that one account, or one visitor, keeps at a time: bounds what they take of the disk.</summary>
    [Range(1, 100_000, ErrorMessage = "Samples:MaxKept must be between 1 and 100000.")]
    public int MaxKept { get; set; } = 200;

    /// <summary>Mails that are checked at a time.</summary>
    [Range(1, 64, ErrorMessage = "Samples:Workers must be between 1 and 64.")]
    public int Workers { get; set; } = 2;
}
