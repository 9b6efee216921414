using System.Buffers;
using System.Text;
using Postmaster.Fbl.Mime;

namespace Postmaster.Fbl.Dkim;

/// <summary>Tries whether the leaf parts of a body had another transfer encoding (RFC 2045 §6) when they were signed.</summary>
/// <remarks>
/// A hop that speaks no 8BITMIME (RFC 6152) encodes, a gateway decodes. Decoding is undone only when the encoder broke its lines as we do,
/// at 76 characters.
/// </remarks>
internal static class BodyReencodings
{
    private static readonly string[] Encodings = ["8bit", "7bit", "quoted-printable", "base64"];

    public static BodyHashDiagnosis? Find(BodyHashTrial trial)
    {
        foreach (var encoding in Encodings)
        {
            // A hop treats all parts alike; a careful one leaves those alone that need no change.
            foreach (var relabel in (ReadOnlySpan<bool>)[true, false])
            {
                if (Rewrite(trial, encoding, relabel) is { } body && trial.Matches(body))
                {
                    return trial.Found(
                        BodyChange.ReEncoded,
                        $"A hop changed the transfer encoding: the body matches when its parts are {encoding}. Sign mail that is already 7-bit.",
                        trial.Message.Root.Walk().First(part => part.Parts.Count == 0).BodyOffset - trial.Message.BodyOffset);
                }
            }
        }
        return null;
    }

    /// <summary>The body with its encoded leaves in that encoding; null when nothing changes or the work would be too much.</summary>
    /// <param name="relabel">Whether the parts' own Content-Transfer-Encoding fields change, too.</param>
    private static byte[]? Rewrite(BodyHashTrial trial, string encoding, bool relabel)
    {
        if (!trial.TrySpend(trial.Body.Length))
            return null;
        var start = trial.Message.BodyOffset;
        var body = trial.Body.Span;
        var output = new ArrayBufferWriter<byte>(body.Length + 16);
        var copied = 0;
        var several = trial.Message.Root.Parts.Count > 0;
        foreach (var part in trial.Message.Root.Walk())
        {
            if (part.Parts.Count > 0 || part.ContentType.IsMessage || part.BodyOffset - start < copied || Convert(part, encoding, several) is not { } content)
                continue;
            if (relabel && part.Headers.First("Content-Transfer-Encoding") is { } field && field.Offset >= start + copied)
            {
                var value = field.RawValue.Span;
                var at = field.ValueOffset - start + value.Length - value.TrimStart(" \t"u8).Length;
                output.Write(body[copied..at]);
                output.Write(MailCharset.HeaderBytes(encoding));
                copied = field.ValueOffset - start + value.Length;
            }
            output.Write(body[copied..(part.BodyOffset - start)]);
            output.Write(content);
            copied = part.EndOffset - start;
        }
        if (copied == 0)
            return null;
        output.Write(body[copied..]);
        return output.WrittenSpan.ToArray();
    }

    private static byte[]? Convert(MimePart part, string encoding, bool several)
    {
        if (string.Equals(part.TransferEncoding ?? "7bit", encoding, StringComparison.Ordinal) || !part.TryDecode(out var content))
            return null;
        if (encoding is "8bit" or "7bit")
            return TransferDecoder.IsIdentity(part.TransferEncoding) ? null : content;
        // Among several parts those in plain ASCII are not worth an encoding.
        if (several && TransferDecoder.IsIdentity(part.TransferEncoding) && Ascii.IsValid(content))
            return null;
        return string.Equals(encoding, "base64", StringComparison.Ordinal) ? TransferEncoder.Base64(content) : TransferEncoder.QuotedPrintable(content);
    }
}
