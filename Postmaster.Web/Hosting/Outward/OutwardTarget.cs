using System.Diagnostics.CodeAnalysis;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Hosting.Outward;

/// <summary>What of an address can be judged before anybody is asked.</summary>
internal static class OutwardTarget
{
    /// <summary>Whether a request may be tried; DNS has its say later.</summary>
    /// <param name="host">The name to resolve.</param>
    public static bool TryRead(Uri target, [NotNullWhen(true)] out DomainName? host, [NotNullWhen(false)] out OutwardOutcome.Refused? refused)
    {
        host = null;
        refused = !target.IsAbsoluteUri || target.Scheme is not "https" ? new OutwardOutcome.Refused(OutwardRefusal.NotHttps, "only https: addresses are contacted")
            : target.UserInfo.Length > 0 ? new OutwardOutcome.Refused(OutwardRefusal.UserInTarget, "the address holds a user name")
            : !target.IsDefaultPort ? new OutwardOutcome.Refused(OutwardRefusal.Port, "only port 443 is contacted")
            : null;
        if (refused is null && !IsName(target, out host))
            refused = new OutwardOutcome.Refused(OutwardRefusal.NoHostName, "the host is no full domain name");
        return refused is null;
    }

    /// <summary>
    /// A name of two labels or more whose last is no number: what other programs read as an address (2130706433, 0x7f.1, 127.0.0.1.) is none, and names
    /// without a dot belong to the own network.
    /// </summary>
    private static bool IsName(Uri target, [NotNullWhen(true)] out DomainName? host)
    {
        host = null;
        return target.HostNameType == UriHostNameType.Dns && DomainName.TryParse(target.IdnHost, out host, out _) && host.LabelCount >= 2
            && !char.IsAsciiDigit(host.Ascii[host.Ascii.LastIndexOf('.') + 1]);
    }
}
