using System.Buffers;
using System.Text;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Arf;

/// <summary>Whose addresses are taken out.</summary>
public enum RedactionMode
{
    /// <summary>The message stays as it is.</summary>
    None,

    /// <summary>The complainer, wherever he stands.</summary>
    Recipient,

    /// <summary>The complainer, and every other address of the fields that name recipients, with their display names.</summary>
    Full,
}

/// <summary>
/// Takes the complainer out of a message (RFC 6590): his local-part becomes a pseudonym that is the same wherever and whenever it occurs
/// (<see cref="RedactionKey"/>), and the domain stays, so that the result is still an address.
/// </summary>
/// <remarks>
/// Found are addresses in all the forms that <see cref="TextRedactor"/>, <see cref="EncodedTokens"/>, <see cref="CodeLists"/>, <see cref="CompatibleText"/>,
/// <see cref="PrintableCodes"/> and <see cref="WholeWords"/> list, in header fields of the message, of its parts and of messages inside it (encoded words, quotes, comments, folding), in plain text, and in parts in base64 and quoted-printable, which are
/// decoded and encoded again. The display name beside the address goes, too. The local-part alone goes from fields that name recipients and from URLs;
/// elsewhere only if it has four characters or more and is no role name such as "info", so that ordinary words stay.
/// All else stays octet for octet. DKIM signatures do not verify afterwards.
/// Left in: the complainer's name in running text, what is encrypted or packed in archives, hashes under a key or a salt or cut short, and tokens that only the sender can
/// read (Message-ID, links), as RFC 6590 §5.3 warns.
/// A message that breaks a limit of <see cref="MessageLimits"/> loses its body, because what was not read cannot be redacted.
/// </remarks>
public static class Redactor
{
    /// <summary>Addresses that are looked for everywhere; in <see cref="RedactionMode.Full"/> further ones are taken out of their own fields only. Bounds the work for each octet.</summary>
    public const int MaxAddresses = 16;

    /// <summary>Octets of a message in which codes that hardly any program writes are looked for: larger ones are newsletters, of which there are many.</summary>
    public const int MaxForRarer = 32 * 1024;

    /// <summary>The header of a message, and nothing of its body, remains of one that could not be read to its end.</summary>
    public const string RemovedBody = "[The body was removed, because it could not be redacted.]\r\n";

    /// <param name="message">As received.</param>
    /// <param name="complainers">The mailbox and the addresses under which it was reached; the first sixteen.</param>
    /// <param name="key">The key of the owner who gets the message.</param>
    /// <returns>The message; the same octets when there was nothing to take out.</returns>
    public static byte[] Redact(RawMessage message, IReadOnlyCollection<MailAddress> complainers, RedactionKey key, RedactionMode mode)
    {
        if (mode == RedactionMode.None)
            return message.Bytes.ToArray();
        IEnumerable<MailAddress> all = complainers;
        if (mode == RedactionMode.Full)
            all = all.Concat(HeaderRedactor.RecipientsOf(message.Headers));
        var addresses = PrivateAddress.All(all, MaxAddresses);
        var text = new TextRedactor(addresses, key, rarer: message.Bytes.Length <= MaxForRarer);
        using var redacted = new RedactedMessage(message, new HeaderRedactor(addresses, text, key, mode == RedactionMode.Full), text);
        return redacted.Write();
    }

    /// <inheritdoc cref="Redact(RawMessage, IReadOnlyCollection{MailAddress}, RedactionKey, RedactionMode)"/>
    public static byte[] Redact(RawMessage message, MailAddress complainer, RedactionKey key, RedactionMode mode) => Redact(message, [complainer], key, mode);

    /// <summary>The same for a single line of text that is not in the message, such as an Authentication-Results value or an envelope address.</summary>
    public static string Redact(string value, IReadOnlyCollection<MailAddress> complainers, RedactionKey key) => new LineRedactor(complainers, key).Redact(value);
}

/// <summary>Takes the same addresses out of several lines of text, see <see cref="Redactor"/>. For one thread.</summary>
/// <param name="complainers">The first sixteen.</param>
public sealed class LineRedactor(IReadOnlyCollection<MailAddress> complainers, RedactionKey key)
{
    private readonly TextRedactor text = new(PrivateAddress.All(complainers, Redactor.MaxAddresses), key);

    public string Redact(string value) => text.Replace(Encoding.UTF8.GetBytes(value), TextKind.ReturnPath) is { } replaced ? Encoding.UTF8.GetString(replaced) : value;
}
