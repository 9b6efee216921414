using System.ComponentModel.DataAnnotations;

namespace Postmaster.Web.Features.Accounts;

/// <summary>Configuration section <c>Accounts</c>.</summary>
public sealed class AccountsOptions
{
    public const string Section = "Accounts";

    /// <summary>Wrong passwords or codes in a row that lock an account.</summary>
    [Range(3, 100, ErrorMessage = "Accounts:MaxFailedSignIns must be between 3 and 100.")]
    public int MaxFailedSignIns { get; set; } = 10;

    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00", ErrorMessage = "Accounts:LockoutTime must be between one minute and one day.")]
    public TimeSpan LockoutTime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long the link in a sign-up or password mail works.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00", ErrorMessage = "Accounts:LinkLifetime must be between five minutes and seven days.")]
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How long someone stays signed in without opening a page.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "30.00:00:00", ErrorMessage = "Accounts:SessionTime must be between five minutes and 30 days.")]
    public TimeSpan SessionTime { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Account forms a minute from one IPv4 address or one IPv6 /64 network: against guessing over many accounts.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Accounts:FormsPerMinute must be between 1 and 1,000,000.")]
    public int FormsPerMinute { get; set; } = 20;

    /// <summary>Mails an hour that visitors can have sent to one address: against using the portal to flood a mailbox.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Accounts:MailsPerHour must be between 1 and 1,000,000.")]
    public int MailsPerHour { get; set; } = 5;
}
