using System.Globalization;
using System.Net;
using System.Text;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Traffic.Events;

/// <summary>The words that fields may hold.</summary>
internal static class EventWords
{
    private static readonly (byte[] Word, EventKind Kind)[] Kinds = All<EventKind>();
    private static readonly (byte[] Word, RejectReason Reason)[] Reasons = All<RejectReason>();

    public static string Of(EventKind kind) => Snake(kind.ToString());

    public static string Of(RejectReason reason) => Snake(reason.ToString());

    /// <summary>RFC 8601 writes them without a break.</summary>
    public static string Of(AuthenticationWord result) => result.ToString().ToLowerInvariant();

    public static bool TryReadKind(ReadOnlySpan<byte> word, out EventKind kind) => TryFind(Kinds, word, out kind);

    public static bool TryReadReason(ReadOnlySpan<byte> word, out RejectReason reason) => TryFind(Reasons, word, out reason);

    public static bool TryReadFolder(ReadOnlySpan<byte> word, out MailFolder folder)
    {
        folder = word.SequenceEqual("spam"u8) ? MailFolder.Spam : MailFolder.Inbox;
        return folder == MailFolder.Spam || word.SequenceEqual("inbox"u8);
    }

    // RFC 8601 §2.7.1 (DKIM), §2.7.2 (SPF; hardfail is what RFC 7001 §2.7.2 still knew), RFC 9989 (DMARC).
    public static bool TryReadResult(ReadOnlySpan<byte> word, out AuthenticationWord result)
    {
        result = word.Length switch
        {
            4 => word.SequenceEqual("pass"u8) ? AuthenticationWord.Pass : word.SequenceEqual("fail"u8) ? AuthenticationWord.Fail : word.SequenceEqual("none"u8) ? AuthenticationWord.None : default,
            6 => word.SequenceEqual("policy"u8) ? AuthenticationWord.Policy : default,
            7 => word.SequenceEqual("neutral"u8) ? AuthenticationWord.Neutral : default,
            8 => word.SequenceEqual("softfail"u8) ? AuthenticationWord.SoftFail : word.SequenceEqual("hardfail"u8) ? AuthenticationWord.Fail : default,
            9 => word.SequenceEqual("temperror"u8) ? AuthenticationWord.TempError : word.SequenceEqual("permerror"u8) ? AuthenticationWord.PermError : default,
            _ => default,
        };
        return result != AuthenticationWord.Unknown;
    }

    /// <summary>An address in the one form that every program reads alike.</summary>
    public static bool IsIpAddress(ReadOnlySpan<byte> text)
    {
        if (text.Length > EventLimits.Ip)
            return false;
        if (!text.Contains((byte)':'))
            return IsIPv4(text);
        Span<char> characters = stackalloc char[text.Length];
        return Ascii.ToUtf16(text, characters, out _) == System.Buffers.OperationStatus.Done && StrictIpAddress.TryParse(characters, out IPAddress? _);
    }

    private static bool IsIPv4(ReadOnlySpan<byte> text)
    {
        int numbers = 0, digits = 0, value = 0;
        foreach (byte octet in text)
        {
            if (octet == '.')
            {
                if (digits == 0 || ++numbers > 3)
                    return false;
                digits = value = 0;
                continue;
            }

            // A leading zero means octal to some programs.
            if (octet is < (byte)'0' or > (byte)'9' || (digits > 0 && value == 0))
                return false;
            value = (value * 10) + (octet - '0');
            if (++digits > 3 || value > byte.MaxValue)
                return false;
        }

        return numbers == 3 && digits > 0;
    }

    private static bool TryFind<T>((byte[] Word, T Value)[] words, ReadOnlySpan<byte> word, out T value)
        where T : struct
    {
        foreach ((byte[] known, T meant) in words)
        {
            if (known.AsSpan().SequenceEqual(word))
            {
                value = meant;
                return true;
            }
        }

        value = default;
        return false;
    }

    private static (byte[] Word, T Value)[] All<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(v => (Encoding.ASCII.GetBytes(Snake(v.ToString())), v))];

    private static string Snake(string name)
    {
        var words = new StringBuilder(name.Length + 4);
        foreach (char letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && words.Length > 0)
                words.Append('_');
            words.Append(char.ToLower(letter, CultureInfo.InvariantCulture));
        }

        return words.ToString();
    }
}
