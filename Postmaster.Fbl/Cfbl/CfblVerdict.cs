using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Cfbl;

/// <summary>Which of the cases of RFC 9477 §3.1 a field meets.</summary>
public enum CfblCase
{
    None,

    /// <summary>§3.1.1: the address, the author and the signature name one domain.</summary>
    Strict,

    /// <summary>§3.1.2: the address lies in or below the author domain, and that domain or its parent signed.</summary>
    Relaxed,

    /// <summary>§3.1.3: author and address have both signed.</summary>
    ThirdParty,

    /// <summary>§3.1.3: a service added its address to mail that the author had signed before.</summary>
    Presigned,
}

/// <summary>Why an address does not qualify, in one word for programs; <see cref="CfblProblemText"/> has the words for people.</summary>
public enum CfblProblem
{
    None,
    BadSyntax,
    NoSingleAuthor,
    NotSigned,
    NoAuthorSignature,
    AuthorSignatureNotValid,
    AuthorSignedByChild,
    SignedByPublicSuffix,
    NoAddressSignature,
    AddressSignatureNotValid,
    AddressNotCovered,
    FeedbackIdNotCovered,
    PresignedNamesFields,
    Undecided,
    DmarcNotPassed,
    RecordOutside,
}

/// <summary>Whether one <c>CFBL-Address</c> field may be obeyed.</summary>
/// <param name="Index">Its position among the fields of that name, from 0 at the top.</param>
/// <param name="Address">Null when the field could not be read.</param>
/// <param name="By">Whose signatures make it qualify, each domain once; empty when it does not.</param>
/// <param name="Reason">One sentence for people; of the mail it holds names of domains alone.</param>
/// <param name="Section">Such as <c>RFC 9477 §3.1.1</c>.</param>
public sealed record CfblVerdict(
    int Index, CfblAddress? Address, CfblCase Case, CfblProblem Problem, IReadOnlyList<DomainName> By, string Reason, string Section)
{
    public bool Qualifies => Case != CfblCase.None;
}

/// <summary>All that the two fields of a message come to.</summary>
/// <param name="AuthorDomain">The one domain of the one From field; null when there is none such.</param>
/// <param name="FeedbackIds">The readable identifiers, from the top.</param>
/// <param name="Fields">One verdict a <c>CFBL-Address</c> field, from the top; a list of those who may each get a report (RFC 9477 §3.2).</param>
public sealed record CfblResult(DomainName? AuthorDomain, IReadOnlyList<string> FeedbackIds, IReadOnlyList<CfblVerdict> Fields);
