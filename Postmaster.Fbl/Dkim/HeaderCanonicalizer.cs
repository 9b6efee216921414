using System.Buffers;

namespace Postmaster.Fbl.Dkim;

/// <summary>
/// Writes a header field in the form that is hashed (RFC 6376 §3.4.1, §3.4.2). Works on the octets as received; a bare LF counts as CRLF.
/// </summary>
internal static class HeaderCanonicalizer
{
    /// <summary>Writes one whole field, its final CRLF included.</summary>
    /// <param name="field">Name through final line end; the line end may be missing.</param>
    public static void Write(ReadOnlySpan<byte> field, DkimCanonicalization canonicalization, PooledOctets output)
    {
        WriteOpen(TrimLineEnd(field), canonicalization, output);
        output.Write("\r\n"u8);
    }

    /// <summary>
    /// Writes the signature field itself: the value of <c>b=</c> taken out, no final CRLF (RFC 6376 §3.7).
    /// </summary>
    /// <param name="signatureValue">Where the octets between <c>b=</c> and the next semicolon stand in <paramref name="field"/>.</param>
    public static void WriteSignature(ReadOnlySpan<byte> field, Range signatureValue, DkimCanonicalization canonicalization, PooledOctets output)
    {
        var trimmed = TrimLineEnd(field);
        var (offset, length) = signatureValue.GetOffsetAndLength(trimmed.Length);
        var rented = ArrayPool<byte>.Shared.Rent(trimmed.Length);
        trimmed[..offset].CopyTo(rented);
        trimmed[(offset + length)..].CopyTo(rented.AsSpan(offset));
        WriteOpen(rented.AsSpan(0, trimmed.Length - length), canonicalization, output);
        ArrayPool<byte>.Shared.Return(rented);
    }

    public static ReadOnlySpan<byte> TrimLineEnd(ReadOnlySpan<byte> field)
    {
        if (field.EndsWith("\r\n"u8))
            return field[..^2];
        return field.EndsWith("\n"u8) ? field[..^1] : field;
    }

    private static void WriteOpen(ReadOnlySpan<byte> field, DkimCanonicalization canonicalization, PooledOctets output)
    {
        if (canonicalization == DkimCanonicalization.Simple)
            WriteSimple(field, output);
        else
            WriteRelaxed(field, output);
    }

    private static void WriteSimple(ReadOnlySpan<byte> field, PooledOctets output)
    {
        while (true)
        {
            var lineFeed = field.IndexOf((byte)'\n');
            if (lineFeed < 0)
            {
                output.Write(field);
                return;
            }
            var hasReturn = lineFeed > 0 && field[lineFeed - 1] == '\r';
            output.Write(field[..(hasReturn ? lineFeed - 1 : lineFeed)]);
            output.Write("\r\n"u8);
            field = field[(lineFeed + 1)..];
        }
    }

    private static void WriteRelaxed(ReadOnlySpan<byte> field, PooledOctets output)
    {
        var colon = field.IndexOf((byte)':');
        var name = (colon < 0 ? field : field[..colon]).TrimEnd(" \t"u8);
        var target = output.Reserve(field.Length + 1);
        var written = 0;
        foreach (var octet in name)
            target[written++] = octet is >= (byte)'A' and <= (byte)'Z' ? (byte)(octet | 0x20) : octet;
        target[written++] = (byte)':';

        var rest = colon < 0 ? default : field[(colon + 1)..];
        var start = written;
        var space = false;
        while (true)
        {
            var stop = rest.IndexOfAny("\t\r\n"u8);
            written = CopyWords(stop < 0 ? rest : rest[..stop], target, written, start, ref space);
            if (stop < 0)
                break;
            // Unfolded: only the line end goes, the white space after it is squeezed like any other. A bare CR is an ordinary octet.
            if (rest[stop] == '\t')
                space = true;
            else if (rest[stop] == '\r' && (stop + 1 == rest.Length || rest[stop + 1] != '\n'))
                written = CopyWords("\r"u8, target, written, start, ref space);
            rest = rest[(stop + 1)..];
        }
        output.Advance(written);
    }

    /// <summary>Copies a run without tabs and line ends, its spaces squeezed; those at its end wait in <paramref name="space"/> for what follows.</summary>
    private static int CopyWords(ReadOnlySpan<byte> run, Span<byte> target, int written, int start, ref bool space)
    {
        var words = run.TrimStart((byte)' ');
        space |= words.Length < run.Length;
        if (words.IsEmpty)
            return written;
        if (space && written > start)
            target[written++] = (byte)' ';
        run = words.TrimEnd((byte)' ');
        space = run.Length < words.Length;
        while (run.IndexOf("  "u8) is var twice and >= 0)
        {
            run[..(twice + 1)].CopyTo(target[written..]);
            written += twice + 1;
            run = run[(twice + 1)..].TrimStart((byte)' ');
        }
        run.CopyTo(target[written..]);
        return written + run.Length;
    }
}
