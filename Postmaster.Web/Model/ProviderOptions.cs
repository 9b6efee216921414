using System.ComponentModel.DataAnnotations;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Model;

/// <summary>Who runs this portal. Configuration section <c>Provider</c>.</summary>
public sealed class ProviderOptions
{
    public const string Section = "Provider";

    /// <summary>The name that pages and mails use, such as "Example Mail".</summary>
    [Required(ErrorMessage = "Provider:Name must name the mailbox provider, such as \"Example Mail\".")]
    public string Name { get; set; } = "";

    /// <summary>The mail domain of the portal: reports come from it, <c>spam@</c> it takes complaints.</summary>
    [Required(ErrorMessage = "Provider:Domain must be the portal's mail domain, such as fbl.provider.example.")]
    [CustomValidation(typeof(ProviderOptions), nameof(CheckDomain))]
    public string Domain { get; set; } = "";

    /// <summary>The authserv-ids (RFC 8601 §2.5) that the provider's border writes and strips from incoming mail.</summary>
    public IList<string> AuthservIds { get; init; } = [];

    /// <summary>
    /// Whether stored messages' Authentication-Results with one of <see cref="AuthservIds"/> may be believed instead of verifying again.
    /// Turn it off when the border does not remove such fields from incoming mail, or when users can upload mail into their mailboxes unseen.
    /// </summary>
    public bool BorderStripsAuthenticationResults { get; set; } = true;

    /// <summary>
    /// The domain of the mailboxes, for login names without one: <c>smtp.auth=alice</c> is alice at this domain.
    /// Empty: <see cref="Domain"/>.
    /// </summary>
    [CustomValidation(typeof(ProviderOptions), nameof(CheckDomain))]
    public string MailDomain { get; set; } = "";

    /// <summary>Host names of the border besides <see cref="AuthservIds"/>, as they stand after "by" in its Received fields.</summary>
    public IList<string> BorderHosts { get; init; } = [];

    /// <summary>Where people reach the portal, for links in mails: <c>https://postmaster.provider.example</c>. Empty: the first address the server listens on.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>Whom people's replies to reports and notices go on to. Empty: to nobody. Not at <see cref="Domain"/>, which is the portal's own.</summary>
    [CustomValidation(typeof(ProviderOptions), nameof(CheckOperatorAddress))]
    public string OperatorAddress { get; set; } = "";

    public static ValidationResult? CheckOperatorAddress(string? address, ValidationContext context)
    {
        if (string.IsNullOrEmpty(address))
            return ValidationResult.Success;
        if (!MailAddress.TryParse(address, out MailAddress? parsed, out _))
            return new ValidationResult("Provider:OperatorAddress must be a mail address, such as postmaster@provider.example.");
        // A reply that is sent on to the portal itself would come back as a reply.
        return DomainName.TryParse(((ProviderOptions)context.ObjectInstance).Domain, out DomainName? own, out _) && parsed.Domain.Equals(own)
            ? new ValidationResult("Provider:OperatorAddress must not be at Provider:Domain: a reply that is sent on would come back.")
            : ValidationResult.Success;
    }

    public static ValidationResult? CheckDomain(string? domain, ValidationContext context) =>
        string.IsNullOrEmpty(domain) || DomainName.TryParse(domain, out _, out _)
            ? ValidationResult.Success
            : new ValidationResult($"Provider:{context.MemberName} must be a domain name, such as fbl.provider.example.");
}
