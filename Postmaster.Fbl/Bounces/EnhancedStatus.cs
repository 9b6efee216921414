using System.Globalization;
using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Bounces;

/// <summary>An enhanced mail system status code (RFC 3463 §2): <c>class.subject.detail</c>.</summary>
/// <param name="Class">2 success, 4 persistent transient failure, 5 permanent failure.</param>
/// <param name="Subject">0 to 999: 1 address, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 policy.</param>
/// <param name="Detail">0 to 999.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct EnhancedStatus(int Class, int Subject, int Detail)
{
    /// <summary>RFC 3463 §3.2 and RFC 7505 §4.2: the address leads nowhere, and will not tomorrow.</summary>
    public bool IsNoSuchMailbox => Class == 5 && Subject == 1 && Detail is 1 or 6 or 10;

    /// <summary>RFC 3463 §3.3 and §3.4: a full mailbox or a full system may be emptied, whatever the class says.</summary>
    public bool IsFull => Subject == 2 && Detail == 2 || Subject == 3 && Detail == 1;

    /// <summary>RFC 3463 §3.2, §3.3, §3.4, §3.6: what is refused is this message or its sender, not the recipient's address.</summary>
    public bool IsAboutMessage => Subject == 6 || Subject == 2 && Detail == 3 || Subject == 3 && Detail == 4 || Subject == 1 && Detail is 7 or 8;

    /// <summary>Nothing but the class is told.</summary>
    public bool IsVague => Subject == 0 && Detail == 0;

    /// <summary>Reads a code that stands at the start of the text, and ends there or before something that is no part of a number.</summary>
    public static bool TryParseStart(ReadOnlySpan<char> text, out EnhancedStatus status)
    {
        status = default;
        if (text.Length < 5 || text[0] is not ('2' or '4' or '5') || text[1] != '.')
            return false;
        var rest = text[2..];
        var dot = Digits(rest);
        if (dot is 0 or > 3 || dot >= rest.Length || rest[dot] != '.')
            return false;
        var tail = rest[(dot + 1)..];
        var length = Digits(tail);
        // 5.1.1.7 is an address or a version, not a status.
        if (length is 0 or > 3 || length < tail.Length && (char.IsAsciiLetterOrDigit(tail[length]) || tail[length] == '.' && length + 1 < tail.Length && char.IsAsciiDigit(tail[length + 1])))
            return false;
        status = new EnhancedStatus(text[0] - '0', Number(rest[..dot]), Number(tail[..length]));
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Class}.{Subject}.{Detail}");

    private static int Digits(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? text.Length : end;
    }

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
