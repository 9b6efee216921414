using System.Net;
using System.Text;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Spf;

/// <summary>What the SMTP client said and whence it came: the same for all records of one check.</summary>
internal sealed class SpfSession
{
    /// <summary>Attack: a sender of a megabyte that every macro repeats. An SMTP line has at most 512 octets (RFC 5321 §4.5.3.1.4).</summary>
    private const int MaxTextLength = 512;

    /// <param name="sender">RFC 7208 §4.1: the MAIL FROM or HELO identity; what has no local-part gets "postmaster" (RFC 7208 §4.3).</param>
    public SpfSession(IPAddress ip, string sender, string helo)
    {
        Client = new SpfClient(ip);
        sender = Cut(sender);
        var at = sender.LastIndexOf('@');
        LocalPart = at > 0 ? sender[..at] : "postmaster";
        SenderDomain = ToALabels(sender[(at + 1)..]);
        Helo = ToALabels(Cut(helo));
        HasAsciiLocalPart = Ascii.IsValid(LocalPart);
    }

    public SpfClient Client { get; }

    public string LocalPart { get; }

    public string SenderDomain { get; }

    public string Helo { get; }

    public bool HasAsciiLocalPart { get; }

    private static string Cut(string text) => text.Length <= MaxTextLength ? text : text[..MaxTextLength];

    /// <summary>RFC 8616 §4: macros take A-labels. What is plain already, or nothing that has A-labels, stays as it came.</summary>
    private static string ToALabels(string text)
        => !Ascii.IsValid(text) && DomainName.TryParse(text, out var name, out _) ? name.Ascii : text;
}
