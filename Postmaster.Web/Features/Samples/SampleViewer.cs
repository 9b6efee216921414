namespace Postmaster.Web.Features.Samples;

/// <summary>Whose samples a request may see: those of its account, else those of its cookie. Exactly one of the two is set.</summary>
/// <param name="VisitorKey">SHA-256 of the visitor's cookie.</param>
public sealed record SampleViewer(Guid? AccountId, byte[]? VisitorKey)
{
    public bool IsAnonymous => AccountId is null;
}
