using Postmaster.Fbl.Names;

namespace Postmaster.Web.Model;

/// <summary>Under which name mails to one mailbox are counted, so that the portal cannot be used to flood it.</summary>
public static class MailboxRate
{
    /// <summary>Case and a <c>+detail</c> (RFC 5233) do not make another mailbox here, though they may elsewhere: the limit is meant to be strict.</summary>
    public static string KeyOf(MailAddress address)
    {
        string local = address.LocalPart.ToLowerInvariant();
        int plus = local.IndexOf('+', StringComparison.Ordinal);
        return (plus > 0 ? local[..plus] : local) + "@" + address.Domain.Ascii;
    }
}
