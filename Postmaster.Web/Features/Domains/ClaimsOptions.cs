using System.ComponentModel.DataAnnotations;

namespace Postmaster.Web.Features.Domains;

/// <summary>How domains are proved. Configuration section <c>Claims</c>.</summary>
public sealed class ClaimsOptions : IValidatableObject
{
    public const string Section = "Claims";

    /// <summary>The label under which the TXT record is looked for (RFC 8552 §1.1: a leading underscore).</summary>
    [RegularExpression("^_[a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?$", ErrorMessage = "Claims:ChallengeLabel must be one label that begins with an underscore.")]
    public string ChallengeLabel { get; set; } = "_postmaster-challenge";

    /// <summary>How often a proved or suspended domain is looked at again.</summary>
    public TimeSpan RecheckInterval { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long a proved domain stays in force after its record has gone.</summary>
    public TimeSpan Grace { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Stops one account from making us ask DNS about the whole world.</summary>
    [Range(1, 10_000, ErrorMessage = "Claims:MaxPerAccount must be between 1 and 10000.")]
    public int MaxPerAccount { get; set; } = 100;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RecheckInterval < TimeSpan.FromMinutes(1) || RecheckInterval > TimeSpan.FromDays(30))
            yield return new ValidationResult("Claims:RecheckInterval must be between one minute and thirty days.");
        if (Grace < TimeSpan.Zero || Grace > TimeSpan.FromDays(365))
            yield return new ValidationResult("Claims:Grace must be between zero and a year.");
    }
}
