using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Cfbl;

/// <summary>
/// Decides by a message's signatures which of its <c>CFBL-Address</c> fields may be obeyed (RFC 9477 §3.1, §3.2). Where the domain of the address is
/// neither the From domain nor below it, a signature of each is wanted; one of their common parent is of both. A signature of a child of the From
/// domain never speaks for it, and one of a public suffix for nobody.
/// </summary>
public static class CfblEvaluator
{
    /// <summary>Attack: thousands of fields. The lowest are looked at, because signatures cover from the bottom.</summary>
    public const int MaxFields = 32;

    /// <param name="signatures">All of the message, in its order.</param>
    /// <param name="publicSuffixOf">The longest public suffix of a name; null when no list is at hand.</param>
    public static CfblResult Evaluate(HeaderBlock headers, IReadOnlyList<CfblSignature> signatures, Func<DomainName, DomainName>? publicSuffixOf = null)
    {
        List<HeaderField> fields = [.. headers.All(CfblAddress.FieldName)], ids = [.. headers.All(CfblAddress.FeedbackIdFieldName)];
        DomainName? author = AuthorOf(headers);
        var evaluation = new Evaluation(author, signatures, ids.Count, publicSuffixOf);
        var verdicts = new List<CfblVerdict>();
        for (int i = Math.Max(0, fields.Count - MaxFields); i < fields.Count; i++)
            verdicts.Add(evaluation.Judge(fields[i], i, below: fields.Count - 1 - i));
        return new CfblResult(author, [.. ids.TakeLast(MaxFields).Select(Id).OfType<string>()], verdicts);
    }

    private static string? Id(HeaderField field) => CfblFieldReader.TryReadFeedbackId(field.RawValue.Span, out string? id, out _) ? id : null;

    /// <summary>The domain in From that §3.1 speaks of: one field (RFC 5322 §3.6), all of its mailboxes in one domain.</summary>
    private static DomainName? AuthorOf(HeaderBlock headers)
    {
        if (headers.Count("From") != 1)
            return null;
        DomainName? author = null;
        foreach (ListedMailbox mailbox in AddressListReader.Read(headers.First("From")!.RawValue.Span))
        {
            int at = mailbox.AddrSpec.LastIndexOf('@');
            if (at < 0 || !DomainName.TryParse(mailbox.AddrSpec[(at + 1)..], out DomainName? domain, out _) || (author is not null && !author.Equals(domain)))
                return null;
            author = domain;
        }

        return author;
    }

    private sealed class Evaluation(DomainName? author, IReadOnlyList<CfblSignature> signatures, int feedbackIds, Func<DomainName, DomainName>? publicSuffixOf)
    {
        public CfblVerdict Judge(HeaderField field, int index, int below)
        {
            if (!CfblFieldReader.TryReadAddress(field.RawValue.Span, out CfblAddress? address, out ParseProblem wrong))
                return Refuse(index, null, CfblProblem.BadSyntax, wrong.Code);
            if (author is null)
                return Refuse(index, address, CfblProblem.NoSingleAuthor, "");
            if (signatures.Count == 0)
                return Refuse(index, address, CfblProblem.NotSigned, "");
            return IsInside(address) ? Inside(index, address, below) : Outside(index, address, below);
        }

        private bool IsInside(CfblAddress address) => author is not null && address.Address.Domain.IsEqualOrSubdomainOf(author);

        /// <summary>RFC 9477 §3.1.1, §3.1.2</summary>
        private CfblVerdict Inside(int index, CfblAddress address, int below)
        {
            List<CfblSignature> own = Valid(author!);
            List<CfblSignature> good = own.FindAll(s => Covers(s, below));
            if (good.Find(s => s.Domain.Equals(author)) is { } exact)
                return Accept(index, address, author!.Equals(address.Address.Domain) ? CfblCase.Strict : CfblCase.Relaxed, exact.Domain);
            if (good.Count > 0)
                return Accept(index, address, CfblCase.Relaxed, good[0].Domain);
            return own.Count > 0 ? Uncovered(index, address, own, below) : RefuseAuthor(index, address);
        }

        /// <summary>RFC 9477 §3.1.3</summary>
        private CfblVerdict Outside(int index, CfblAddress address, int below)
        {
            List<CfblSignature> own = Valid(author!), theirs = Valid(address.Address.Domain);
            if (theirs.Count == 0)
                return RefuseAddress(index, address);
            CfblSignature? agreed = theirs.Find(s => Covers(s, below));
            if (agreed is null)
                return Uncovered(index, address, theirs, below);
            if (own.Find(s => Covers(s, below)) is { } both)
                return Accept(index, address, CfblCase.ThirdParty, both.Domain, agreed.Domain);
            if (own.Count == 0)
                return RefuseAuthor(index, address);
            // Mail that was signed before the service got it: that signature must not speak of the fields.
            return own.Exists(s => s.Mentions(CfblAddress.FieldName) == 0 && s.Mentions(CfblAddress.FeedbackIdFieldName) == 0)
                ? Accept(index, address, CfblCase.Presigned, agreed.Domain)
                : Refuse(index, address, CfblProblem.PresignedNamesFields, "");
        }

        /// <summary>RFC 9477 §3.1.4: both fields, when they are there; of the identifiers every one, because all go into the report.</summary>
        private bool Covers(CfblSignature signature, int below) =>
            signature.Covers(CfblAddress.FieldName, below) && (feedbackIds == 0 || signature.Covers(CfblAddress.FeedbackIdFieldName, feedbackIds - 1));

        /// <summary>The valid signatures of a domain or a parent of it.</summary>
        private List<CfblSignature> Valid(DomainName domain) =>
            [.. signatures.Where(s => s.State == CfblSignatureState.Valid && domain.IsEqualOrSubdomainOf(s.Domain) && !IsPublicSuffix(s.Domain))];

        private bool IsPublicSuffix(DomainName domain) => domain.LabelCount == 1 || publicSuffixOf?.Invoke(domain).Equals(domain) == true;

        private CfblVerdict Uncovered(int index, CfblAddress address, List<CfblSignature> valid, int below)
        {
            CfblSignature? listed = valid.Find(s => s.Covers(CfblAddress.FieldName, below));
            return listed is null
                ? Refuse(index, address, CfblProblem.AddressNotCovered, valid[0].Domain.Unicode)
                : Refuse(index, address, CfblProblem.FeedbackIdNotCovered, listed.Domain.Unicode);
        }

        private CfblVerdict RefuseAuthor(int index, CfblAddress address)
        {
            if (Suspect(author!) is { } suspect)
                return Refuse(index, address, suspect.Problem is CfblProblem.None ? CfblProblem.AuthorSignatureNotValid : suspect.Problem, suspect.Detail);
            CfblSignature? child = signatures.FirstOrDefault(s => s.State == CfblSignatureState.Valid && s.Domain.IsSubdomainOf(author!));
            return child is not null ? Refuse(index, address, CfblProblem.AuthorSignedByChild, child.Domain.Unicode) : Refuse(index, address, CfblProblem.NoAuthorSignature, Others());
        }

        private CfblVerdict RefuseAddress(int index, CfblAddress address) => Suspect(address.Address.Domain) is { } suspect
            ? Refuse(index, address, suspect.Problem is CfblProblem.None ? CfblProblem.AddressSignatureNotValid : suspect.Problem, suspect.Detail)
            : Refuse(index, address, CfblProblem.NoAddressSignature, Others());

        /// <summary>The signature that would have spoken for a domain, and what is wrong with it; null when there is none.</summary>
        private (CfblProblem Problem, string Detail)? Suspect(DomainName domain)
        {
            List<CfblSignature> near = [.. signatures.Where(s => domain.IsEqualOrSubdomainOf(s.Domain))];
            if (near.Find(s => s.State == CfblSignatureState.Undecided) is { } open)
                return (CfblProblem.Undecided, open.Domain.Unicode);
            if (near.Find(s => s.State == CfblSignatureState.NotValid) is { } broken)
                return (CfblProblem.None, broken.Reason);
            return near.Count > 0 ? (CfblProblem.SignedByPublicSuffix, near[0].Domain.Unicode) : null;
        }

        /// <summary>Who did sign.</summary>
        private string Others() => $"signed by {string.Join(", ", signatures.Select(s => s.Domain.Unicode).Distinct(StringComparer.Ordinal).Take(3))}";

        private static CfblVerdict Accept(int index, CfblAddress address, CfblCase met, params DomainName[] by)
        {
            DomainName[] each = [.. by.Distinct()];
            return new CfblVerdict(index, address, met, CfblProblem.None, each, CfblProblemText.Of(met, address.Address.Domain, each), CfblProblemText.Section(met));
        }

        private CfblVerdict Refuse(int index, CfblAddress? address, CfblProblem problem, string detail) => new(
            index, address, CfblCase.None, problem, [], CfblProblemText.Of(problem, address?.Address.Domain, author, detail),
            CfblProblemText.Section(problem, address is not null && IsInside(address)));
    }
}
