using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// The secret behind the pseudonyms of RFC 6590 §3. Without it nobody can test which address a pseudonym stands for; with it the same address
/// always gives the same one, so an owner sees that two complaints come from one mailbox.
/// </summary>
/// <remarks>
/// RFC 6590 has one key for a provider. We derive one for each owner, so that two owners cannot compare their reports.
/// An owner who has the key (<see cref="ToText"/>) finds his subscriber by computing the pseudonym of every address of his list. In Python:
/// <code>
/// import base64, hashlib, hmac, unicodedata
/// key = base64.urlsafe_b64decode("pmrk1_...."[6:] + "=")
/// def pseudonym(address):                       # ann@example.org
///     local, domain = address.rsplit("@", 1)    # a quoted local-part without its quotes and backslashes
///     domain = domain.encode("idna").decode()   # the domain in A-labels
///     whole = unicodedata.normalize("NFC", (local + "@" + domain).lower())
///     digest = hmac.new(key, whole.encode(), hashlib.sha256).digest()
///     return base64.b32encode(digest[:10]).decode().lower()
/// </code>
/// </remarks>
public sealed class RedactionKey
{
    /// <summary>Octets of a key.</summary>
    public const int Length = 32;

    /// <summary>80 bits: 16 letters and digits, which no two mailboxes of a provider will share.</summary>
    private const int PseudonymOctets = 10;

    /// <summary>What the text form of a key begins with: the sort of secret and the version of the algorithm.</summary>
    public const string TextPrefix = "pmrk1_";

    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    private readonly byte[] secret;

    /// <exception cref="ArgumentException">Not 32 octets.</exception>
    public RedactionKey(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != Length)
            throw new ArgumentException("A redaction key has 32 octets", nameof(secret));
        this.secret = secret.ToArray();
    }

    /// <summary>Reads what <see cref="ToText"/> wrote; white space around it is passed over.</summary>
    /// <param name="problem"><c>not-a-redaction-key</c>: another prefix, other characters or another length.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out RedactionKey? key, out ParseProblem problem)
    {
        key = null;
        problem = new ParseProblem("not-a-redaction-key");
        var trimmed = text.AsSpan().Trim();
        if (!trimmed.StartsWith(TextPrefix, StringComparison.Ordinal))
            return false;
        Span<byte> octets = stackalloc byte[Length];
        var letters = trimmed[TextPrefix.Length..];
        if (!Base64Url.IsValid(letters, out var length) || length != Length || !Base64Url.TryDecodeFromChars(letters, octets, out _))
            return false;
        key = new RedactionKey(octets);
        problem = default;
        return true;
    }

    /// <summary>The secret itself, for its owner: <c>pmrk1_</c> and base64url of 32 octets without padding.</summary>
    public string ToText() => TextPrefix + Base64Url.EncodeToString(secret);

    /// <summary>The key of one owner, by HKDF-SHA256 (RFC 5869).</summary>
    /// <param name="master">The provider's secret, 32 octets or more, changed rarely if ever: a new one makes every complainer look new.</param>
    /// <param name="ownerId">Names the owner for good.</param>
    public static RedactionKey ForOwner(ReadOnlySpan<byte> master, string ownerId)
    {
        if (master.Length < Length)
            throw new ArgumentException("A master key has at least 32 octets", nameof(master));
        return new RedactionKey(HKDF.DeriveKey(HashAlgorithmName.SHA256, master.ToArray(), Length, info: Encoding.UTF8.GetBytes("postmaster redaction " + ownerId)));
    }

    /// <summary>What stands for the local-part of the address: 16 lower-case letters and digits.</summary>
    public string Pseudonym(MailAddress address) => PseudonymOf($"{PrivateAddress.Unquoted(address.LocalPart)}@{address.Domain.Ascii}");

    /// <summary>The redacted address; its domain is kept.</summary>
    public string Redact(MailAddress address) => $"{Pseudonym(address)}@{address.Domain.Ascii}";

    /// <summary>
    /// Over the whole address in lower case and NFC, its domain in A-labels, without the quotes of a quoted local-part. A "+tag" counts: the owner mailed that very address.
    /// The case of local-parts does not: hardly a provider tells "Ann" from "ann", and senders change it at will.
    /// </summary>
    internal string PseudonymOf(string address)
    {
        var digest = Mac(address).AsSpan(0, PseudonymOctets);
        Span<char> text = stackalloc char[PseudonymOctets * 8 / 5];
        int bits = 0, count = 0, length = 0;
        foreach (var octet in digest)
        {
            bits = (bits << 8) | octet;
            for (count += 8; count >= 5; count -= 5)
                text[length++] = Base32[(bits >> (count - 5)) & 31];
            bits &= 0xFF;
        }
        return text.ToString();
    }

    /// <summary>64 octets that stand for a hash of the address; the first of them are those of the pseudonym.</summary>
    internal byte[] DigestOf(string address)
    {
        var first = Mac(address);
        return [.. first, .. HMACSHA256.HashData(secret, first)];
    }

    private byte[] Mac(string address)
    {
        if (Ascii.IsValid(address))
            return HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(address.ToLowerInvariant()));
        var whole = NormalText.Of(address.ToLowerInvariant(), NormalizationForm.FormC);
        return HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(whole));
    }
}
