using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Cfbl;

/// <summary>The one table that turns verdicts into words and sections; holds names of domains, and no other text of the mail.</summary>
public static class CfblProblemText
{
    /// <param name="address">Domain of the address; null when it could not be read.</param>
    /// <param name="author">Null when there is no single one.</param>
    /// <param name="detail">What more is known: the reason of a signature, a domain, the code of a parse problem.</param>
    public static string Of(CfblProblem problem, DomainName? address, DomainName? author, string detail)
    {
        string at = address?.Unicode ?? "", from = author?.Unicode ?? "";
        string more = detail.Length == 0 ? "" : $" ({detail})";
        return problem switch
        {
            CfblProblem.None => "It qualifies.",
            CfblProblem.BadSyntax => $"The field has to be a bare address, perhaps followed by \"; report=arf\" or \"; report=xarf\": {OfSyntax(detail)}.",
            CfblProblem.NoSingleAuthor => "The message needs exactly one From field with one domain.",
            CfblProblem.NotSigned => "The message carries no DKIM signature.",
            CfblProblem.NoAuthorSignature => $"No signature is of the From domain {from} or of a parent of it{more}.",
            CfblProblem.AuthorSignatureNotValid => $"The signature of the From domain {from} is not valid{more}.",
            CfblProblem.AuthorSignedByChild => $"The signature is of {detail}, which lies below the From domain {from}; it has to be of {from} or of a parent of it.",
            CfblProblem.SignedByPublicSuffix => $"The signature is of {detail}, under which anybody registers domains.",
            CfblProblem.NoAddressSignature => $"The address lies outside of the From domain {from}, and no signature is of its domain {at} or of a parent of it{more}.",
            CfblProblem.AddressSignatureNotValid => $"The address lies outside of the From domain {from}, and the signature of its domain {at} is not valid{more}.",
            CfblProblem.AddressNotCovered => $"The signature of {detail} does not list this CFBL-Address in h=.",
            CfblProblem.FeedbackIdNotCovered => $"The signature of {detail} does not list CFBL-Feedback-ID in h=, as often as the field stands there.",
            CfblProblem.PresignedNamesFields => $"The signature of the From domain {from} lists a CFBL field in h= and does not cover this one; a message that is signed before another service adds its address must list none.",
            CfblProblem.Undecided => $"The signature of {detail} could not be checked, because DNS gave no answer.",
            CfblProblem.DmarcNotPassed => $"The message does not pass DMARC for {from}, which this provider asks for.",
            CfblProblem.RecordOutside => $"The record of {detail} names an address in {at}, which has not signed the message.",
            _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, null),
        };
    }

    private static string OfSyntax(string code) => code switch
    {
        "empty" or "no-at-sign" or "empty-local-part" => "there is none",
        "not-bare" => "a name, angle brackets or a second word stand beside it",
        "several-addresses" => "it names more than one; write a field for each",
        "not-utf8" => "it is not in UTF-8",
        "open-comment" or "open-quote" => "a comment or a quoted part does not end",
        "address-literal" => "an address literal is no domain",
        "too-long" or "address-too-long" or "local-part-too-long" => "it is too long",
        _ => "the address is malformed",
    };

    public static string Of(CfblCase met, DomainName address, IReadOnlyList<DomainName> by)
    {
        string names = string.Join(" and ", by.Select(d => d.Unicode));
        return met switch
        {
            CfblCase.Strict => $"A valid signature of {names}, the domain of From and of the address, covers it.",
            CfblCase.Relaxed => $"A valid signature of {names} covers it, and the address lies in the From domain or below it.",
            CfblCase.ThirdParty => $"Valid signatures of {names} cover it: the From domain and the domain of the address agree.",
            CfblCase.Presigned => $"A valid signature of {names} covers it, and the From domain had signed before it was added.",
            _ => throw new ArgumentOutOfRangeException(nameof(met), met, address.Unicode),
        };
    }

    public static string Section(CfblCase met) => met switch
    {
        CfblCase.Strict => "RFC 9477 §3.1.1",
        CfblCase.Relaxed => "RFC 9477 §3.1.2",
        _ => "RFC 9477 §3.1.3",
    };

    /// <param name="inside">Whether the address lies in or below the From domain.</param>
    public static string Section(CfblProblem problem, bool inside) => problem switch
    {
        CfblProblem.BadSyntax => "RFC 9477 §5.1",
        CfblProblem.NotSigned or CfblProblem.AddressNotCovered or CfblProblem.FeedbackIdNotCovered or CfblProblem.Undecided => "RFC 9477 §3.1.4",
        CfblProblem.NoSingleAuthor => "RFC 9477 §3.1",
        CfblProblem.DmarcNotPassed => "RFC 9477 §6.5",
        CfblProblem.RecordOutside => "draft-brotman-dkim-fbl",
        CfblProblem.NoAuthorSignature or CfblProblem.AuthorSignatureNotValid or CfblProblem.AuthorSignedByChild or CfblProblem.SignedByPublicSuffix when inside => "RFC 9477 §3.1.2",
        _ => "RFC 9477 §3.1.3",
    };
}
