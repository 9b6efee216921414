using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;

namespace Postmaster.Web.Features.Samples;

/// <summary>The mail and what authentication made of it: what all checks look at.</summary>
/// <param name="Spf">Null when the envelope is not known.</param>
/// <param name="ArrivedAt">By the envelope; without one, what the topmost Received or Date says, or else the moment of the check.</param>
internal sealed record SampleEvidence(RawMessage Message, SampleEnvelope? Envelope, IReadOnlyList<DkimResult> Dkim, SpfResult? Spf, DmarcResult Dmarc, DateTimeOffset ArrivedAt)
{
    /// <summary>How far whoever asks wants to look.</summary>
    public SampleScope Scope { get; init; }

    public HeaderBlock Headers => Message.Headers;

    /// <summary>The domain of From; null unless there is one field with one domain.</summary>
    public DomainName? AuthorDomain { get; } = MessageForm.AuthorDomainOf(Message.Headers);

    /// <summary>The signatures that count: verified, not in test.</summary>
    public IEnumerable<DkimResult> Valid => Dkim.Where(d => d.IsValid);

    /// <summary>A field as evidence.</summary>
    public static ByteRange RangeOf(HeaderField field) => new(field.Offset, field.Raw.Length, field.Name);

    /// <summary>All fields of that name as evidence.</summary>
    public IEnumerable<ByteRange> RangesOf(string name) => Headers.All(name).Select(RangeOf);

    internal static DomainName? DomainOf(string address) =>
        DomainName.TryParse(address[(address.LastIndexOf('@') + 1)..], out DomainName? domain, out _) && address.Contains('@', StringComparison.Ordinal) ? domain : null;
}
