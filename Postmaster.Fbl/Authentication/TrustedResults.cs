using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Authentication;

/// <summary>
/// The Authentication-Results fields of a message that our own hosts wrote (RFC 8601 §5, §7.1): those with one of our authserv-ids that stand
/// above the first Received field of a foreign host. Only the header given is looked at, never that of an attached message.
/// This rests on the border's promise to delete fields that come in with our authserv-id (RFC 8601 §5): without it, believe nothing here.
/// </summary>
/// <param name="Fields">From the top.</param>
public sealed record TrustedResults(IReadOnlyList<AuthenticationResults> Fields)
{
    /// <summary>
    /// Whom our submission server knew by password when the message was handed in: <c>auth=pass</c> with <c>smtp.auth</c>, the topmost one.
    /// As written there: an address or a bare user name. Null when nobody was known.
    /// </summary>
    public string? AuthenticatedUser => Passes("auth").Select(result => result.Property("smtp", "auth")).FirstOrDefault(user => !string.IsNullOrEmpty(user));

    /// <summary>The signing domains that our border found good, in order, each signature once.</summary>
    public IReadOnlyList<TrustedDkimPass> DkimPasses
        => [.. Passes("dkim").Select(TrustedDkimPass.From).OfType<TrustedDkimPass>().Distinct()];

    /// <param name="headers">The header of the message as delivered to us, never that of an attached one.</param>
    /// <param name="authservIds">Ours; compared without regard to case.</param>
    /// <param name="ownHosts">Names of our hosts in the <c>by</c> of Received fields, besides the authserv-ids.</param>
    /// <param name="providerDomain">Every host in or below it is ours; null for none.</param>
    public static TrustedResults Find(
        HeaderBlock headers, IReadOnlyCollection<string> authservIds, IReadOnlyCollection<string>? ownHosts = null, DomainName? providerDomain = null)
    {
        var fields = new List<AuthenticationResults>();
        if (authservIds.Count == 0)
            return new TrustedResults(fields);
        foreach (var field in headers)
        {
            if (field.Is("Received"))
            {
                if (!IsOurs(ReceivedField.ByHost(field.Unfolded)))
                    break;
            }
            else if (field.Is("Authentication-Results")
                && AuthenticationResults.TryParse(field.Unfolded, out var results, out _)
                && results.Version == 1 // RFC 8601 §2.2: another version means what we cannot know
                && authservIds.Contains(results.AuthservId, StringComparer.OrdinalIgnoreCase))
            {
                fields.Add(results);
            }
        }
        return new TrustedResults(fields);

        bool IsOurs(string? host) => host is not null
            && (authservIds.Contains(host, StringComparer.OrdinalIgnoreCase)
                || ownHosts?.Contains(host, StringComparer.OrdinalIgnoreCase) == true
                || (providerDomain is not null && DomainName.TryParse(host, out var name, out _) && name.IsEqualOrSubdomainOf(providerDomain)));
    }

    private IEnumerable<AuthenticationResult> Passes(string method)
        => Fields.SelectMany(field => field.Results).Where(result => string.Equals(result.Method, method, StringComparison.Ordinal) && result.Result is "pass");
}

/// <summary>A signature that our border verified: <c>dkim=pass</c>.</summary>
/// <param name="Domain">header.d, or else the domain of header.i.</param>
/// <param name="Selector">header.s; null when it is not said.</param>
/// <param name="SignaturePrefix">header.b (RFC 6008); null when it is not said.</param>
/// <param name="Identity">header.i; null when it is not said.</param>
public sealed record TrustedDkimPass(DomainName Domain, string? Selector, string? SignaturePrefix, string? Identity)
{
    internal static TrustedDkimPass? From(AuthenticationResult result)
    {
        var identity = result.Property("header", "i");
        var domain = result.Property("header", "d") ?? identity?[(identity.LastIndexOf('@') + 1)..];
        return DomainName.TryParse(domain, out var name, out _)
            ? new TrustedDkimPass(name, result.Property("header", "s"), result.Property("header", "b"), identity)
            : null;
    }
}
