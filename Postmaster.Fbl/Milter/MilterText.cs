using System.Text;

namespace Postmaster.Fbl.Milter;

/// <summary>The strings of packets, each ended by a NUL.</summary>
internal static class MilterText
{
    /// <summary>An envelope address with its brackets and a long SMTPUTF8 path fits; what is longer is cut, and is no address then.</summary>
    private const int MaxOctets = 2048;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Takes the octets up to the next NUL, or the rest when there is none.</summary>
    public static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)0);
        var text = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return text;
    }

    /// <summary>UTF-8, or Latin-1 where it is none (RFC 6531 allows the one, old clients send the other); controls become question marks.</summary>
    public static string Decode(ReadOnlySpan<byte> octets)
    {
        if (octets.Length > MaxOctets)
            octets = octets[..MaxOctets];
        string text;
        try
        {
            text = StrictUtf8.GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            text = Encoding.Latin1.GetString(octets);
        }

        return text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;
    }

    /// <summary>An address between angle brackets, or bare as some MTAs send it. A source route is dropped (RFC 5321 appendix C).</summary>
    public static string DecodeAddress(ReadOnlySpan<byte> octets)
    {
        var text = Decode(octets).Trim();
        if (text is ['<', .. var inner, '>'])
            text = inner;
        var colon = text.StartsWith('@') ? text.IndexOf(':', StringComparison.Ordinal) : -1;
        return colon < 0 ? text : text[(colon + 1)..];
    }
}
