using Microsoft.Extensions.Options;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Intake;

/// <summary>
/// Who handed a mail in, on the word of the provider's border alone: <c>auth=pass</c> with <c>smtp.auth</c> (RFC 8601 §2.7.4) in a field
/// with one of <c>Provider:AuthservIds</c>, above the first Received that is not ours. From, Sender and the envelope are the sender's own words.
/// </summary>
internal sealed class BorderIdentity(IOptions<ProviderOptions> provider)
{
    /// <summary>Null when the border vouches for nobody.</summary>
    /// <param name="outer">The header of the mail itself, never of an attached one.</param>
    public MailAddress? Find(HeaderBlock outer)
    {
        ProviderOptions options = provider.Value;
        string mailDomain = options.MailDomain.Length > 0 ? options.MailDomain : options.Domain;
        DomainName? own = DomainName.TryParse(mailDomain, out DomainName? parsed, out _) ? parsed : null;
        string? user = TrustedResults.Find(outer, [.. options.AuthservIds], [.. options.BorderHosts], own).AuthenticatedUser;
        if (user is null)
            return null;
        string address = user.Contains('@', StringComparison.Ordinal) ? user : $"{user}@{mailDomain}";
        return MailAddress.TryParse(address, out MailAddress? mailbox, out _) ? mailbox : null;
    }
}
