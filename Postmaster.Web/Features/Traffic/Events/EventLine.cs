using System.Runtime.InteropServices;

namespace Postmaster.Web.Features.Traffic.Events;

/// <summary>A value's place: in the octets of the line, or with a negative start among the unescaped ones.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Slice(int Start, int Length);

/// <summary>A signature of the event.</summary>
[StructLayout(LayoutKind.Auto)]
internal record struct SignatureLine(Slice Domain, Slice Selector, AuthenticationWord Result);

/// <summary>
/// One event as it was read. Filled again for each line, so that a line costs no object; its texts are octets of the buffer
/// and valid until the next line is read.
/// </summary>
internal sealed class EventLine
{
    private readonly byte[] _unescaped = new byte[EventLimits.Line];
    private readonly SignatureLine[] _signatures = new SignatureLine[EventLimits.Signatures];
    private byte[] _octets = [];
    private int _unescapedLength;

    public EventKind Kind;

    /// <summary>UTC ticks.</summary>
    public long Time;

    public MailFolder Folder;
    public RejectReason Reason;
    public AuthenticationWord Spf, Dmarc;
    public Answer Tls, OneClick, FormatOk, ReverseOk;

    /// <summary>Octets; negative: not said.</summary>
    public long Size;

    public Slice Ip, Helo, MailFrom, Rcpt, FromDomain, ListId, FeedbackId, MessageType, MessageId, Mailbox;

    private uint _seen;

    /// <summary>Whether the feeder says what DKIM gave; an empty list says "no signatures".</summary>
    public bool DkimKnown => Has(EventField.Dkim);

    public ReadOnlySpan<SignatureLine> Signatures => _signatures.AsSpan(0, SignatureCount);

    public int SignatureCount { get; private set; }

    /// <summary>Whether the field is there and not null. An empty text is there.</summary>
    public bool Has(EventField field) => (_seen & (1u << (int)field)) != 0;

    public ReadOnlySpan<byte> this[Slice slice] =>
        slice.Start >= 0 ? _octets.AsSpan(slice.Start, slice.Length) : _unescaped.AsSpan(~slice.Start, slice.Length);

    internal void Begin(byte[] octets)
    {
        _octets = octets;
        _unescapedLength = 0;
        _seen = 0;
        SignatureCount = 0;
        Kind = default;
        Time = 0;
        Folder = default;
        Reason = default;
        Spf = Dmarc = default;
        Tls = OneClick = FormatOk = ReverseOk = default;
        Size = -1;
        Ip = Helo = MailFrom = Rcpt = FromDomain = ListId = FeedbackId = MessageType = MessageId = Mailbox = default;
    }

    internal void Mark(EventField field) => _seen |= 1u << (int)field;

    /// <summary>False when there is no room for another.</summary>
    internal bool TryAdd(in SignatureLine signature)
    {
        if (SignatureCount == _signatures.Length)
            return false;
        _signatures[SignatureCount++] = signature;
        return true;
    }

    /// <summary>Room for a text that had escapes; a line's texts together never need more than its length.</summary>
    internal Span<byte> RoomToUnescape => _unescaped.AsSpan(_unescapedLength);

    internal Slice Keep(int length)
    {
        var slice = new Slice(~_unescapedLength, length);
        _unescapedLength += length;
        return slice;
    }
}
