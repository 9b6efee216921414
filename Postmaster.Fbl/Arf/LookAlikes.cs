using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Arf;

/// <summary>
/// Characters that people read as letters, digits and signs of ASCII: what NFKC makes one of (fullwidth, mathematical, circled, superscript), enclosed ones that it leaves, small
/// capitals, letters of Greek and Cyrillic that look the same; and characters that nobody sees.
/// </summary>
internal static class LookAlikes
{
    private const string From =
        "\u3002\u0430\u0435\u043E\u0440\u0441\u0445\u0443\u0456\u0455\u0458\u04BB\u0501\u04CF\u051B\u051D\u0410\u0412\u0415\u041A\u041C\u041D\u041E\u0420\u0421\u0422\u0425\u0406\u0405\u0408"
        + "\u03BF\u03BD\u03B1\u03C1\u0391\u0392\u0395\u0396\u0397\u0399\u039A\u039C\u039D\u039F\u03A1\u03A4\u03A5\u03A7\u0131"
        + "\u1D00\u0299\u1D04\u1D05\u1D07\uA730\u0262\u029C\u026A\u1D0A\u1D0B\u029F\u1D0D\u0274\u1D0F\u1D18\u0280\uA731\u1D1B\u1D1C\u1D20\u1D21\u028F\u1D22";

    private const string To = ".aeopcxyisjhdlqwabekmhopctxisj" + "ovapabezhikmnoptyxi" + "abcdefghijklmnoprstuvwyz";

    private static readonly FrozenDictionary<int, byte> Same = From.Zip(To).ToFrozenDictionary(pair => (int)pair.First, pair => (byte)pair.Second);

    /// <summary>The character of ASCII that it looks like; 0 when it looks like none.</summary>
    public static byte ToAscii(int codePoint)
    {
        if (codePoint < 0x80 || !Rune.IsValid(codePoint))
            return 0;
        if (Same.TryGetValue(codePoint, out var same))
            return same;
        switch (codePoint)
        {
            case >= 0x1F150 and <= 0x1F169: // white on black circles and squares
                return (byte)('a' + codePoint - 0x1F150);
            case >= 0x1F170 and <= 0x1F189:
                return (byte)('a' + codePoint - 0x1F170);
            case >= 0x1F1E6 and <= 0x1F1FF: // of flags
                return (byte)('a' + codePoint - 0x1F1E6);
            case >= 0xE0021 and <= 0xE007E: // tags
                return (byte)(codePoint - 0xE0000);
            default:
                break;
        }
        var compatible = NormalText.Of(new Rune(codePoint).ToString(), NormalizationForm.FormKC);
        if (compatible.Length == 3 && compatible[0] == '(' && compatible[2] == ')')
            compatible = compatible[1..2];
        return compatible.Length == 1 && compatible[0] is > ' ' and < '\u007F' ? (byte)compatible[0] : (byte)0;
    }

    /// <summary>It has no width: soft hyphen, joiners, marks of direction, variation selectors.</summary>
    public static bool IsInvisible(int codePoint) => codePoint is 0xAD or 0x34F or 0x61C or 0x115F or 0x1160 or 0xFEFF
        or (>= 0x180B and <= 0x180F) or (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    /// <summary>A mark above, below or through the letter before that makes no letter of any language with it, such as a line through it.</summary>
    public static bool IsOrnament(byte before, int codePoint) =>
        codePoint is (>= 0x300 and <= 0x36F) or (>= 0x20D0 and <= 0x20F0)
        && CharUnicodeInfo.GetUnicodeCategory(codePoint) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
        && $"{(char)before}{char.ConvertFromUtf32(codePoint)}".Normalize(NormalizationForm.FormC).Length > 1;
}
