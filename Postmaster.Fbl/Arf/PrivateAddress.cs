using System.Text;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Arf;

/// <summary>An address that has to disappear, in the forms in which text may hold it.</summary>
internal sealed class PrivateAddress
{
    /// <summary>Names of RFC 2142 and such as are also everyday words: alone in a text they name nobody.</summary>
    private static readonly HashSet<string> Roles = new(StringComparer.OrdinalIgnoreCase)
    {
        "abuse", "account", "accounts", "admin", "administrator", "billing", "career", "careers", "contact", "customer", "email", "feedback", "hello", "help",
        "home", "hostmaster", "info", "jobs", "mail", "mailbox", "marketing", "media", "news", "newsletter", "noreply", "office", "order", "orders",
        "postmaster", "press", "privacy", "root", "sales", "security", "service", "shop", "store", "subscribe", "support", "team", "test", "unsubscribe",
        "user", "usenet", "web", "webmaster", "welcome",
    };

    /// <summary>A shorter local-part alone is taken for an ordinary word.</summary>
    private const int MinBareLength = 4;

    /// <summary>What is as long as this, or holds a sign or a digit and is this long, is a word of no language.</summary>
    private const int MinStrangeLength = 6, MinLongLength = 12;

    private string? pseudonym;

    public PrivateAddress(MailAddress address)
    {
        Address = address;
        var localPart = Unquoted(address.LocalPart).ToLowerInvariant();
        IsDistinctive = address.LocalPart.Length >= MinBareLength && !Roles.Contains(address.LocalPart);
        IsUnmistakable = IsDistinctive && (localPart.Length >= MinLongLength || (localPart.Length >= MinStrangeLength && localPart.AsSpan().ContainsAnyExceptInRange('a', 'z')));
        Forms = AddressForm.All(this, localPart);
    }

    public MailAddress Address { get; }

    /// <summary>The ways to write it, the usual one first.</summary>
    public IReadOnlyList<AddressForm> Forms { get; }

    /// <summary>The local-part standing alone points to this mailbox.</summary>
    public bool IsDistinctive { get; }

    /// <summary>The local-part points to this mailbox also between hyphens, dots and the like.</summary>
    public bool IsUnmistakable { get; }

    public string PseudonymBy(RedactionKey key) => pseudonym ??= key.Pseudonym(Address);

    /// <summary>True for the address itself and for it with a "+tag".</summary>
    public bool Is(MailAddress other)
    {
        if (!other.Domain.Equals(Address.Domain))
            return false;
        var mine = Unquoted(Address.LocalPart);
        var theirs = Unquoted(other.LocalPart);
        return string.Equals(mine, theirs, StringComparison.OrdinalIgnoreCase)
            || (theirs.Length > mine.Length && theirs[mine.Length] == '+' && theirs.StartsWith(mine, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The addresses and, of one with a "+tag", also the mailbox behind it.</summary>
    public static List<PrivateAddress> All(IEnumerable<MailAddress> addresses, int most)
    {
        var all = new List<PrivateAddress>();
        foreach (var address in addresses)
        {
            Add(all, address, most);
            var plus = address.LocalPart.IndexOf('+', StringComparison.Ordinal);
            if (plus > 0 && MailAddress.TryParse($"{address.LocalPart[..plus]}@{address.Domain.Ascii}", out var mailbox, out _))
                Add(all, mailbox, most);
        }
        return all;
    }

    /// <summary>"ann"@b and ann@b are one mailbox (RFC 5321 §4.1.2).</summary>
    public static string Unquoted(string localPart) =>
        localPart.Length > 2 && localPart[0] == '"' ? localPart[1..^1].Replace("\\", "", StringComparison.Ordinal) : localPart;

    private static void Add(List<PrivateAddress> all, MailAddress address, int most)
    {
        if (all.Count < most && !all.Exists(known => known.Address.Equals(address)))
            all.Add(new PrivateAddress(address));
    }
}
