namespace Postmaster.Fbl.Mime;

/// <summary>
/// Reads a message: the header (RFC 5322, RFC 6532) and the tree of its parts (RFC 2045, RFC 2046), in one pass over the octets.
/// </summary>
/// <remarks>
/// Every mail gives a message, however broken; what is off is listed in <see cref="RawMessage.Problems"/>. The choices where mails are broken
/// are those of Postfix, so that we see the header that it sees:
/// a line ends with LF or CRLF, and a bare CR is an octet like others; "From " or "&gt;From " on top is skipped; the header ends at a blank line or
/// before the first line that is neither a field nor folded.
/// A delimiter is a whole line: "--", the boundary, perhaps "--", and white space. RFC 2046 §5.1.1 would take any line that begins so, but then a boundary
/// that is the beginning of another one's cuts that one's parts; Python and others want the whole line, too.
/// Left out: message/partial and message/external-body are opaque parts; nothing is ever fetched or joined.
/// </remarks>
public static class MessageReader
{
    /// <summary>Never throws on bad mail. The message keeps <paramref name="bytes"/>; they must not change afterwards.</summary>
    /// <param name="bytes">The message as received.</param>
    /// <param name="limits">Null means <see cref="MessageLimits.Default"/>.</param>
    public static RawMessage Read(ReadOnlyMemory<byte> bytes, MessageLimits? limits = null) => new MimeWalk(bytes, limits ?? MessageLimits.Default).Read();
}
