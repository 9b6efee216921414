using System.ComponentModel.DataAnnotations;

namespace Postmaster.Web.Features.Reputation;

/// <summary>How often verdicts are worked out. Configuration section <c>Reputation</c>; the formula itself is no setting.</summary>
public sealed class ReputationOptions
{
    public const string Section = "Reputation";

    /// <summary>How often the stored verdicts of a domain are renewed while its day runs. The page of a domain works its verdict out at each look.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00", ErrorMessage = "Reputation:RefreshEvery must be between 00:01:00 and 1.00:00:00 (one day).")]
    public TimeSpan RefreshEvery { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often it is looked which domains are due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00", ErrorMessage = "Reputation:PollInterval must be between 00:00:00.05 and 01:00:00.")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(30);
}
