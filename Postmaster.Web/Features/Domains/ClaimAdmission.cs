using System.Net;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>What became of the wish to add a domain.</summary>
public abstract record AddClaimResult
{
    private AddClaimResult()
    {
    }

    public sealed record Added(Guid ClaimId, string Domain) : AddClaimResult;

    /// <summary>The account has a claim to this name.</summary>
    public sealed record Already(string Domain) : AddClaimResult;

    /// <param name="Suggestion">A name that was probably meant, A-labels; null when there is none.</param>
    public sealed record Refused(AddClaimProblem Problem, string? Suggestion = null) : AddClaimResult;
}

public enum AddClaimProblem
{
    Empty,
    NotAName,
    SingleLabel,
    IpAddress,
    MailAddress,
    WebAddress,

    /// <summary>Its DMARC record says <c>psd=y</c>.</summary>
    Registry,

    /// <summary>The provider's own domain; operators may claim it.</summary>
    ProvidersOwn,

    /// <summary>The record's name would exceed what DNS can hold.</summary>
    TooLong,
    TooMany,
}

/// <summary>A name that may be claimed, or why not: exactly one of the two is set.</summary>
public sealed record AdmittedName(DomainName? Name, AddClaimResult.Refused? Refusal);

/// <summary>Decides which names can be claimed at all, and guesses what was meant by one that cannot.</summary>
public sealed class ClaimAdmission(IDnsResolver dns, IOptions<ProviderOptions> provider, IOptions<ClaimsOptions> options)
{
    public async Task<AdmittedName> AdmitAsync(string? text, bool isOperator, CancellationToken ct)
    {
        string written = (text ?? "").Trim();
        if (written.Length == 0)
            return Refuse(AddClaimProblem.Empty);
        if (IPAddress.TryParse(written.Trim('[', ']'), out _))
            return Refuse(AddClaimProblem.IpAddress);
        if (written.Contains('@', StringComparison.Ordinal))
            return Refuse(AddClaimProblem.MailAddress, Suggest(written[(written.LastIndexOf('@') + 1)..]));
        if (written.Contains('/', StringComparison.Ordinal))
            return Refuse(AddClaimProblem.WebAddress, Suggest(HostOf(written)));
        if (!DomainName.TryParse(written, out DomainName? name, out _))
            return Refuse(AddClaimProblem.NotAName, Suggest(written.TrimStart('*', '.')));
        // RFC 8552 §1: a label with an underscore holds records about a domain; nobody sends mail from it.
        if (name.Ascii.Contains('_', StringComparison.Ordinal))
            return Refuse(AddClaimProblem.NotAName, Suggest(BelowUnderscores(name.Ascii)));
        if (name.LabelCount < 2)
            return Refuse(AddClaimProblem.SingleLabel);
        if (name.Ascii.Length + options.Value.ChallengeLabel.Length + 1 > DomainName.MaxLength)
            return Refuse(AddClaimProblem.TooLong);
        if (!isOperator && DomainName.TryParse(provider.Value.Domain, out DomainName? own, out _) && name.IsEqualOrSubdomainOf(own))
            return Refuse(AddClaimProblem.ProvidersOwn);
        // Silence is no refusal here: it is asked again before the claim is proved.
        if (await RegistryName.LookAsync(dns, name, fresh: false, ct) == RegistryStatus.Registry)
            return Refuse(AddClaimProblem.Registry);
        return new AdmittedName(name, null);
    }

    private static AdmittedName Refuse(AddClaimProblem problem, string? suggestion = null) => new(null, new AddClaimResult.Refused(problem, suggestion));

    private static string BelowUnderscores(string name)
    {
        string rest = name[(name.LastIndexOf('_') + 1)..];
        return rest[(rest.IndexOf('.', StringComparison.Ordinal) + 1)..];
    }

    private static string HostOf(string written)
    {
        int scheme = written.IndexOf("://", StringComparison.Ordinal);
        string rest = scheme < 0 ? written : written[(scheme + 3)..];
        int end = rest.AsSpan().IndexOfAny('/', ':', '?');
        return end < 0 ? rest : rest[..end];
    }

    private static string? Suggest(string text) =>
        DomainName.TryParse(text.Trim(' ', '>', '"'), out DomainName? name, out _) && name.LabelCount >= 2 ? name.Ascii : null;
}
