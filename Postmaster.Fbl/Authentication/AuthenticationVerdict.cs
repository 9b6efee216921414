using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Spf;

namespace Postmaster.Fbl.Authentication;

/// <summary>Everything that was found out about the origin of a message.</summary>
/// <param name="Dkim">One verdict a signature, from the top; empty when there is none.</param>
public sealed record AuthenticationVerdict(IReadOnlyList<DkimResult> Dkim)
{
    /// <summary>Null when it was not checked.</summary>
    public SpfResult? Spf { get; init; }

    /// <summary>Null when it was not evaluated.</summary>
    public DmarcResult? Dmarc { get; init; }

    /// <summary>The verdict in the words of RFC 8601 §2.7, for the field of a host that calls itself <paramref name="authservId"/>.</summary>
    public AuthenticationResults ToAuthenticationResults(string authservId)
    {
        List<AuthenticationResult> results = Dkim.Count == 0 ? [new AuthenticationResult("dkim", "none", null, [])] : [.. Dkim.Select(Describe)];
        if (Spf is not null)
            results.Add(Describe(Spf));
        // Without SPF a failure is no result that others may go by.
        if (Dmarc is not null && Dmarc.Problem != DmarcProblem.SpfNotChecked)
            results.Add(Describe(Dmarc));
        return new AuthenticationResults(authservId, results);
    }

    /// <summary>RFC 8601 §2.7.2.</summary>
    private static AuthenticationResult Describe(SpfResult result)
    {
        var property = result.Identity == SpfIdentity.MailFrom ? "mailfrom" : "helo";
        return new AuthenticationResult(
            "spf",
            result.Status.ToString().ToLowerInvariant(),
            result.Problem == SpfProblem.None ? null : SpfProblemText.Of(result.Problem),
            result.Domain is null ? [] : [new AuthenticationProperty("smtp", property, result.Domain.Ascii)]);
    }

    /// <summary>RFC 9989 §9.1.</summary>
    private static AuthenticationResult Describe(DmarcResult result)
    {
        var properties = new List<AuthenticationProperty>();
        if (result.AuthorDomain is not null)
            properties.Add(new AuthenticationProperty("header", "from", result.AuthorDomain.Ascii));
        if (result.Record is not null)
            properties.Add(new AuthenticationProperty("policy", "dmarc", result.PolicyInEffect.ToString().ToLowerInvariant()));
        return new AuthenticationResult(
            "dmarc", result.Status.ToString().ToLowerInvariant(), result.Problem == DmarcProblem.None ? null : DmarcProblemText.Of(result.Problem), properties);
    }

    private static AuthenticationResult Describe(DkimResult result)
    {
        var properties = new List<AuthenticationProperty>();
        Add("d", result.Domain?.Ascii);
        Add("i", result.Identity);
        Add("s", result.Selector);
        Add("a", result.Algorithm);
        Add("b", result.SignaturePrefix); // RFC 6008
        return new AuthenticationResult("dkim", Word(result.Status), Reason(result), properties);

        void Add(string property, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                properties.Add(new AuthenticationProperty("header", property, value));
        }
    }

    /// <summary>Without what DNS said, because that names our resolver to the outside.</summary>
    private static string? Reason(DkimResult result) => result.Status switch
    {
        DkimStatus.Pass => result.Testing ? "test mode" : null,
        DkimStatus.Policy => result.Reason,
        _ => DkimProblemText.Of(result.Problem),
    };

    private static string Word(DkimStatus status) => status switch
    {
        DkimStatus.None => "none",
        DkimStatus.Pass => "pass",
        DkimStatus.Fail => "fail",
        DkimStatus.Policy => "policy",
        DkimStatus.Neutral => "neutral",
        DkimStatus.TempError => "temperror",
        DkimStatus.PermError => "permerror",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };
}
