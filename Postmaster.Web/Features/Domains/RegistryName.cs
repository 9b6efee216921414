using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Domains;

public enum RegistryStatus
{
    /// <summary>Nothing says that the name is a registry's.</summary>
    Ordinary,

    /// <summary>The DMARC record of the name says <c>psd=y</c>.</summary>
    Registry,

    /// <summary>DNS gave no usable answer.</summary>
    Unknown,
}

/// <summary>Whether a name is a public suffix by its own word: under it live domains of many owners, so nobody may claim it with them.</summary>
public static class RegistryName
{
    public static async ValueTask<RegistryStatus> LookAsync(IDnsResolver dns, DomainName name, bool fresh, CancellationToken ct)
    {
        string question = "_dmarc." + name.Ascii;
        DnsAnswer answer = fresh
            ? await dns.QueryFreshAsync(question, DnsRecordType.TXT, ct)
            : await dns.QueryAsync(question, DnsRecordType.TXT, ct);
        return answer.Status switch
        {
            DnsStatus.Found => answer.Records.OfType<TxtRecord>().Any(r => SaysPsd(r.Text)) ? RegistryStatus.Registry : RegistryStatus.Ordinary,
            DnsStatus.NoData or DnsStatus.NxDomain => RegistryStatus.Ordinary,
            _ => RegistryStatus.Unknown,
        };
    }

    /// <summary>RFC 9989 §4.7: <c>v=DMARC1</c> comes first; of several records at one name any that says so is enough to be careful.</summary>
    internal static bool SaysPsd(string record)
    {
        string[] tags = record.Split(';');
        return IsTag(tags[0], "v", "DMARC1", StringComparison.Ordinal)
            && tags.Skip(1).Any(t => IsTag(t, "psd", "y", StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsTag(string tag, string name, string value, StringComparison comparison)
    {
        int equals = tag.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            && tag.AsSpan(0, equals).Trim(" \t").Equals(name, StringComparison.OrdinalIgnoreCase)
            && tag.AsSpan(equals + 1).Trim(" \t").Equals(value, comparison);
    }
}
