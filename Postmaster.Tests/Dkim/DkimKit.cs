using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Tests.Dkim;

/// <summary>Keys, a message, and signatures made and judged in one line.</summary>
internal static class DkimKit
{
    public const string Selector = "s1";

    public const string KeyName = "s1._domainkey.example.org";

    public const string Message = "From: Anna <anna@example.org>\r\nTo: bob@example.net\r\nSubject:  The  meeting\r\n\tof Monday\r\n"
        + "Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\nHello  Bob,\t\r\n\r\nsee you.  \r\n\r\n\r\n";

    public static readonly DomainName Domain = DomainName.Parse("example.org");

    public static readonly DateTimeOffset Now = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    public static readonly DkimPrivateKey Rsa = DkimPrivateKey.CreateRsa(2048);

    public static readonly DkimPrivateKey Ed25519 = DkimPrivateKey.CreateEd25519();

    /// <summary>The simplest signature that others make: names as given, nothing oversigned.</summary>
    public static readonly DkimSignerOptions Plain = new() { SignedFields = ["From", "To", "Subject", "Date", "Message-ID"] };

    /// <summary>A zone that holds the RSA key under s1 and the Ed25519 key under s2.</summary>
    public static ZoneResolver Zone() => new ZoneResolver().AddTxt(KeyName, Rsa.PublicKeyRecord).AddTxt("s2._domainkey.example.org", Ed25519.PublicKeyRecord);

    /// <summary>A zone in which s1 has these records.</summary>
    public static ZoneResolver ZoneOf(params string[] records)
    {
        var zone = new ZoneResolver();
        foreach (var record in records)
            zone.AddTxt(KeyName, record);
        return zone;
    }

    /// <summary>The p= of the RSA key.</summary>
    public static string RsaP => Rsa.PublicKeyRecord[(Rsa.PublicKeyRecord.IndexOf("p=", StringComparison.Ordinal) + 2)..];

    public static string Sign(string message = Message, DkimSignerOptions? options = null, DkimPrivateKey? key = null)
    {
        var signer = new DkimSigner(Domain, key?.KeyType == DkimKeyType.Ed25519 ? "s2" : Selector, key ?? Rsa);
        return Encoding.Latin1.GetString(signer.Sign(Octets(message), Now, options ?? Plain));
    }

    /// <summary>A signature field as given, with bh= and b= filled in so that it verifies; <c>{bh}</c> and <c>{b}</c> mark the places.</summary>
    public static string SignAs(string field, string message = Message, DkimCanonicalization canonicalization = DkimCanonicalization.Relaxed)
    {
        var body = message[(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        field = field.Replace("{bh}", BodyHash(body, canonicalization), StringComparison.Ordinal);
        var at = field.IndexOf("{b}", StringComparison.Ordinal);
        using var octets = new PooledOctets();
        var names = field[(field.IndexOf("h=", StringComparison.Ordinal) + 2)..].Split(';')[0].Split(':', StringSplitOptions.TrimEntries);
        new FieldSelector(MessageReader.Read(Octets(message)).Headers).Write(names, -2, canonicalization, octets);
        var start = field.LastIndexOf("b=", at, StringComparison.Ordinal) + 2; // white space around the value is no part of what is hashed
        var end = field.IndexOf(';', at) is var semicolon and >= 0 ? semicolon : field.Length;
        HeaderCanonicalizer.WriteSignature(Octets(field), start..end, canonicalization, octets);
        var signature = Convert.ToBase64String(Rsa.Sign(SHA256.HashData(octets.Written)));
        return field.Replace("{b}", signature, StringComparison.Ordinal) + "\r\n" + message;
    }

    public static string BodyHash(string body, DkimCanonicalization canonicalization, long? limit = null)
    {
        using var canonicalizer = new BodyCanonicalizer(canonicalization, limit);
        canonicalizer.Append(Octets(body));
        var digest = new byte[32];
        canonicalizer.Finish(digest);
        return Convert.ToBase64String(digest);
    }

    public static async Task<DkimResult> VerifyAsync(string message, IDnsResolver? dns = null, DateTimeOffset? now = null, DkimVerifierOptions? options = null)
        => Assert.Single(await VerifyAllAsync(message, dns, now, options));

    public static async Task<IReadOnlyList<DkimResult>> VerifyAllAsync(
        string message, IDnsResolver? dns = null, DateTimeOffset? now = null, DkimVerifierOptions? options = null)
    {
        var results = await new DkimVerifier(dns ?? Zone(), options).VerifyAsync(MessageReader.Read(Octets(message)), now ?? Now, CancellationToken.None);
        Assert.All(results, result => Assert.NotEmpty(result.Reason));
        return results;
    }

    public static async Task ExpectAsync(DkimStatus status, DkimProblem problem, string message, IDnsResolver? dns = null, DateTimeOffset? now = null)
    {
        var result = await VerifyAsync(message, dns, now);
        Assert.Equal((status, problem), (result.Status, result.Problem));
    }

    /// <summary>One octet a character.</summary>
    public static byte[] Octets(string text) => Encoding.Latin1.GetBytes(text);

    public static string WithLf(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);
}
