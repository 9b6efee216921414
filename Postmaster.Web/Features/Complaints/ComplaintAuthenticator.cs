using Microsoft.Extensions.Options;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Cfbl;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>Who vouches for a message, and on whose word we know.</summary>
/// <param name="Evidence">Never merged with another kind.</param>
/// <param name="Grounds">Domains that may be told, in the order of the message, each once.</param>
/// <param name="AuthenticationResults">The body of an Authentication-Results field without anything that names the recipient.</param>
/// <param name="TemporaryProblem">DNS gave no usable answer about a signature; null when every verdict is final.</param>
/// <param name="Problem">Why there are no grounds, in words for the operator; null when there are.</param>
internal sealed record AuthenticationOutcome(
    Evidence Evidence, IReadOnlyList<DomainName> Grounds, string AuthenticationResults, string? TemporaryProblem, string? Problem)
{
    /// <summary>What the invitations of the message are judged by.</summary>
    public CfblEvidence Invitations { get; init; } = CfblEvidence.None;
}

/// <summary>
/// Takes the border's word where it is to be trusted, else verifies now. A message that a user attached is always verified:
/// the user could have written its Authentication-Results.
/// </summary>
internal sealed class ComplaintAuthenticator(MessageAuthenticator authenticator, IOptions<ProviderOptions> provider)
{
    /// <summary>What of the border's results goes into a report; the rest is the provider's own affair.</summary>
    private static readonly string[] Told = ["dkim", "spf", "dmarc"];

    public async Task<AuthenticationOutcome> AuthenticateAsync(IntakeDoor door, ReadComplaint read, CancellationToken ct)
    {
        if (door is not IntakeDoor.Lmtp && provider.Value.BorderStripsAuthenticationResults && FromBorder(read) is { } border)
            return border;
        AuthenticationVerdict verdict = await authenticator.AuthenticateAsync(read.Message, read.ThereAt, read.HandedInAt, ct);
        return Checked(read, new AuthenticationOutcome(
            Evidence.VerifiedNow,
            [.. verdict.Dkim.Where(IsGround).Select(r => r.Domain!).Distinct()],
            verdict.ToAuthenticationResults(OwnAuthservId).Write(),
            verdict.Dkim.FirstOrDefault(r => r.Status is DkimStatus.TempError) is { } temporary ? Describe(temporary) : null,
            verdict.Dkim.Count == 0 ? "the message is not signed" : string.Join("; ", verdict.Dkim.Select(Describe)))
        {
            Invitations = new CfblEvidence(CfblSignature.Of(verdict.Dkim), verdict.Dkim, DmarcPassed: null),
        });
    }

    private string OwnAuthservId => provider.Value.AuthservIds.FirstOrDefault() ?? provider.Value.Domain;

    /// <summary>A second From above the signed one is what people see and nobody signed (RFC 6376 §8.15).</summary>
    private static bool IsGround(DkimResult result) =>
        result.IsGroundForReport && !result.UnsignedDuplicates.Contains("From", StringComparer.OrdinalIgnoreCase);

    private AuthenticationOutcome? FromBorder(ReadComplaint read)
    {
        ProviderOptions options = provider.Value;
        TrustedResults trusted = TrustedResults.Find(
            read.Message.Headers, [.. options.AuthservIds], [.. options.BorderHosts], OwnDomains.Of(options).LastOrDefault());
        // The topmost field that speaks of DKIM; another milter of the border may have written the others.
        AuthenticationResults? dkim = trusted.Fields.FirstOrDefault(f => f.Results.Any(r => r.Method is "dkim"));
        if (dkim is null)
            return null;
        var passes = new TrustedResults([dkim with { Results = [.. dkim.Results.Where(r => !IsTest(r))] }]);
        IEnumerable<AuthenticationResult> told = trusted.Fields.SelectMany(f => f.Results).Where(r => Told.Contains(r.Method, StringComparer.Ordinal)).Select(WithoutRecipient);
        return Checked(read, new AuthenticationOutcome(
            Evidence.BorderResults,
            [.. passes.DkimPasses.Select(p => p.Domain).Distinct()],
            new AuthenticationResults(dkim.AuthservId, [.. told]).Write(),
            TemporaryProblem: null,
            "the border found no valid signature: " + string.Join("; ", dkim.Results.Where(r => r.Method is "dkim").Select(r => "dkim=" + r.Result)))
        {
            Invitations = new CfblEvidence(
                CfblSignature.OfBorder(read.Message.Headers, passes.DkimPasses), Dkim: null,
                trusted.Fields.SelectMany(f => f.Results).FirstOrDefault(r => r.Method is "dmarc") is { } dmarc ? dmarc.Result is "pass" : null),
        });
    }

    private static AuthenticationOutcome Checked(ReadComplaint read, AuthenticationOutcome outcome)
    {
        if (outcome.Grounds.Count > 0 && read.Message.Headers.Count("From") != 1)
            return outcome with { Grounds = [], Problem = "the message has no single From field" }; // RFC 5322 §3.6: exactly one
        return outcome.Grounds.Count > 0 ? outcome with { Problem = null } : outcome;
    }

    // RFC 6376 §3.6.1: a key in test mode is to be treated as no signature.
    private static bool IsTest(AuthenticationResult result) => result.Reason?.Contains("test", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Envelope senders often spell out the recipient; the domain is all that a verdict speaks of.</summary>
    private static AuthenticationResult WithoutRecipient(AuthenticationResult result) => result with
    {
        Reason = null,
        Properties = [.. result.Properties.Where(p => p.Type is "header" or "smtp" or "policy" && p.Property is not ("rcptto" or "to" or "auth")).Select(DomainOnly)],
    };

    private static AuthenticationProperty DomainOnly(AuthenticationProperty property) =>
        property.Property is "mailfrom" or "from" ? property with { Value = property.Value[(property.Value.LastIndexOf('@') + 1)..] } : property;

    private static string Describe(DkimResult result) => $"{result.Domain?.Ascii ?? "a signature"}: {result.Status.ToString().ToLowerInvariant()} ({result.Reason})";
}
