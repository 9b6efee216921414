using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Complaints;

/// <summary>A domain that sends signed mail: its key is in the zone.</summary>
internal sealed class SigningSender
{
    private static readonly DkimPrivateKey SharedKey = DkimPrivateKey.CreateRsa(2048);
    private readonly DkimSigner _signer;

    public SigningSender(ZoneResolver zone, string domain)
    {
        Domain = domain;
        _signer = new DkimSigner(DomainName.Parse(domain), "s1", SharedKey);
        zone.AddTxt(KeyName, SharedKey.PublicKeyRecord);
    }

    public string Domain { get; }
    public string KeyName => $"s1._domainkey.{Domain}";

    /// <summary>A signed newsletter.</summary>
    /// <param name="name">Makes the message its own: goes into Message-ID and Subject.</param>
    /// <param name="fields">Further fields that are signed with the others, each with CRLF.</param>
    public byte[] Newsletter(string name, string to = "alice@provider.example", string fields = "", string? body = null) => Sign(
        $"From: News <news@{Domain}>\r\nTo: {to}\r\nSubject: Offer {name}\r\nDate: Fri, 2 Jan 2026 10:00:00 +0000\r\nMessage-ID: <{name}@{Domain}>\r\n{fields}\r\n"
        + (body ?? $"Dear {to},\r\nbuy {name}.\r\n"));

    public byte[] Sign(string message) => Sign(Encoding.Latin1.GetBytes(message));

    public byte[] Sign(byte[] message) => _signer.Sign(message, new DateTimeOffset(2026, 1, 2, 10, 0, 0, TimeSpan.Zero));

    /// <summary>Fields on top of a message, as the border and the final delivery put them there.</summary>
    public static byte[] Under(string fields, byte[] message) => [.. Encoding.Latin1.GetBytes(fields), .. message];
}
