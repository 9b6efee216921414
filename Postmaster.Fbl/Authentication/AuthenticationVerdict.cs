using Postmaster.Fbl.Dkim;

namespace Postmaster.Fbl.Authentication;

/// <summary>Everything that was found out about the origin of a message.</summary>
/// <param name="Dkim">One verdict a signature, from the top; empty when there is none.</param>
public sealed record AuthenticationVerdict(IReadOnlyList<DkimResult> Dkim)
{
    /// <summary>The verdict in the words of RFC 8601 §2.7, for the field of a host that calls itself <paramref name="authservId"/>.</summary>
    public AuthenticationResults ToAuthenticationResults(string authservId)
        => new(authservId, Dkim.Count == 0 ? [new AuthenticationResult("dkim", "none", null, [])] : [.. Dkim.Select(Describe)]);

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
