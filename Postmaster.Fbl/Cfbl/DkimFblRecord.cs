using System.Diagnostics.CodeAnalysis;
using System.Text;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Cfbl;

/// <summary>
/// Where a signing domain wants to hear of complaints, by a TXT record beside its keys. The Internet-Draft draft-brotman-dkim-fbl is in flux: of its
/// tags the version, the mail addresses of <c>ra=</c> and <c>c=</c> are read.
/// </summary>
/// <param name="Addresses">The <c>mailto:</c> addresses of <c>ra=</c>; other URIs are passed over.</param>
/// <param name="WantsContent"><c>c=n</c>: header fields are enough.</param>
public sealed record DkimFblRecord(IReadOnlyList<MailAddress> Addresses, bool WantsContent)
{
    public const string Version = "DKIMRFBLv1";

    /// <summary>Attack: a list of thousands of addresses.</summary>
    public const int MaxAddresses = 3;

    private const int MaxOctets = 4096;

    /// <param name="octets">The strings of one TXT record, joined.</param>
    /// <param name="problem"><c>too-long</c>, <c>bad-version</c>, <c>no-address</c>, or a problem of <see cref="TagList"/>.</param>
    public static bool TryParse(ReadOnlyMemory<byte> octets, [NotNullWhen(true)] out DkimFblRecord? record, out ParseProblem problem)
    {
        record = null;
        if (octets.Length > MaxOctets)
        {
            problem = new ParseProblem("too-long", MaxOctets);
            return false;
        }

        if (!TagList.TryParse(octets, out TagList? tags, out problem))
            return false;
        if (tags.IndexOf("v"u8) != 0 || !string.Equals(tags.Text("v"u8), Version, StringComparison.Ordinal))
        {
            problem = new ParseProblem("bad-version");
            return false;
        }

        var addresses = new List<MailAddress>();
        foreach (string uri in (tags.Text("ra"u8) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (addresses.Count < MaxAddresses && uri.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) && MailAddress.TryParse(Unescaped(uri["mailto:".Length..]), out MailAddress? address, out _))
                addresses.Add(address);
        }

        if (addresses.Count == 0)
        {
            problem = new ParseProblem("no-address");
            return false;
        }

        record = new DkimFblRecord(addresses, !string.Equals(tags.Text("c"u8), "n", StringComparison.OrdinalIgnoreCase));
        return true;
    }

    /// <summary>Asks for the record of a selector, then for the domain's own.</summary>
    /// <returns>Null when there is none that can be read, or DNS gave no answer: nothing depends on it but a report.</returns>
    public static async ValueTask<DkimFblRecord?> FindAsync(IDnsResolver dns, DomainName domain, string? selector, CancellationToken ct)
    {
        string own = $"_feedback._domainkey.{domain.Ascii}";
        foreach (string name in selector is { Length: > 0 } ? (string[])[$"{selector}.{own}", own] : [own])
        {
            if (!DomainName.TryParse(name, out _, out _))
                continue;
            DnsAnswer answer = await dns.QueryAsync(name, DnsRecordType.TXT, ct);
            List<DkimFblRecord> found = [];
            foreach (TxtRecord txt in answer.Records.OfType<TxtRecord>())
            {
                if (TryParse(txt.Joined, out DkimFblRecord? record, out _))
                    found.Add(record);
            }

            // Two say nothing, as with keys (RFC 6376 §3.6.2.2).
            if (found.Count > 0)
                return found.Count == 1 ? found[0] : null;
        }

        return null;
    }

    // RFC 6068 §2: percent-encoding, and header fields behind "?", which are nobody's business here.
    private static string Unescaped(string address)
    {
        int query = address.IndexOf('?', StringComparison.Ordinal);
        return Uri.UnescapeDataString(query < 0 ? address : address[..query]);
    }
}
