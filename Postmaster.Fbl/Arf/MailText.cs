using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Postmaster.Fbl.Arf;

/// <summary>What has to be known of a text before it goes by mail, told in one pass over it.</summary>
/// <param name="Is8Bit">Not all of it is ASCII.</param>
/// <param name="IsMailable">As nearly every message is: every line ended by CRLF and short enough, no other CR or LF, no NUL. The last line may have no end.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MailText(bool Is8Bit, bool IsMailable)
{
    /// <summary>RFC 5322 §2.1.1, without the line end.</summary>
    public const int MaxLineLength = 998;

    private const int Block = 64;

    public static MailText Of(ReadOnlySpan<byte> text)
    {
        var seen = Vector512<byte>.Zero;
        var mailable = true;
        var line = 0;
        ulong returned = 0;
        Span<byte> last = stackalloc byte[Block];
        for (var at = 0; at < text.Length; at += Block)
        {
            scoped var block = text[at..];
            if (block.Length < Block)
            {
                last.Fill((byte)' ');
                block.CopyTo(last);
                block = last;
            }
            var octets = Vector512.Create(block);
            seen |= octets;
            var returns = Vector512.Equals(octets, Vector512.Create((byte)'\r')).ExtractMostSignificantBits();
            var feeds = Vector512.Equals(octets, Vector512.Create((byte)'\n')).ExtractMostSignificantBits();
            mailable &= feeds == ((returns << 1) | returned) && !Vector512.EqualsAny(octets, Vector512<byte>.Zero);
            returned = returns >> (Block - 1);
            if (feeds == 0)
                continue;
            mailable &= at + BitOperations.TrailingZeroCount(feeds) - 1 - line <= MaxLineLength;
            line = at + Block - BitOperations.LeadingZeroCount(feeds);
        }
        return new MailText(seen.ExtractMostSignificantBits() != 0, mailable && returned == 0 && text.Length - line <= MaxLineLength);
    }
}
