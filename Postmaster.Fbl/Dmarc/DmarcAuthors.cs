using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dmarc;

/// <summary>Who claims to have written a message (RFC 9989 §5.3.1): the domains of its From fields, all of them.</summary>
/// <param name="Domains">Each once, in order.</param>
/// <param name="FromFields">RFC 5322 §3.6 allows one; more are an attempt to show one author and have another one judged.</param>
/// <param name="Unreadable">Mailboxes without a domain that could be read.</param>
public sealed record DmarcAuthors(IReadOnlyList<DomainName> Domains, int FromFields, int Unreadable)
{
    /// <param name="headers">Of the message itself.</param>
    public static DmarcAuthors Of(HeaderBlock headers)
    {
        var domains = new List<DomainName>();
        var known = new HashSet<DomainName>();
        var unreadable = 0;
        foreach (var field in headers.All("From"))
        {
            var mailboxes = AddressListReader.Read(field.RawValue.Span);
            unreadable += mailboxes.Count == 0 ? 1 : 0;
            foreach (var mailbox in mailboxes)
            {
                if (mailbox.Domain is not { } domain)
                    unreadable++;
                else if (known.Add(domain))
                    domains.Add(domain);
            }
        }
        return new DmarcAuthors(domains, headers.Count("From"), unreadable);
    }

    /// <summary>One author domain, from whatever source.</summary>
    public static DmarcAuthors Of(DomainName domain) => new([domain], 1, 0);
}
