using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Postmaster.Web.Features.Traffic.Events;

/// <summary>Writes events as lines of the schema, version 1. Whatever text comes from outside leaves as one JSON string, cut to what the reader takes.</summary>
public sealed class TrafficEventWriter : IDisposable
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly IBufferWriter<byte> _output;
    private readonly Utf8JsonWriter _json;

    public TrafficEventWriter(IBufferWriter<byte> output)
    {
        _output = output;
        _json = new Utf8JsonWriter(output, Compact);
    }

    public static ReadOnlyMemory<byte> Lines(IEnumerable<TrafficEvent> events)
    {
        var output = new ArrayBufferWriter<byte>();
        using var writer = new TrafficEventWriter(output);
        foreach (TrafficEvent e in events)
            writer.Write(e);
        return output.WrittenMemory;
    }

    /// <summary>Appends one line with its end.</summary>
    public void Write(TrafficEvent e)
    {
        _json.WriteStartObject();
        _json.WriteString("kind"u8, EventWords.Of(e.Kind));
        _json.WriteString("time"u8, EventTime.Write(e.Time));
        Text("ip"u8, e.Ip, EventLimits.Ip);
        Text("helo"u8, e.Helo, EventLimits.Name);
        Text("mail_from"u8, e.MailFrom, EventLimits.Address);
        Text("rcpt"u8, e.Rcpt, EventLimits.Address);
        Text("from_domain"u8, e.FromDomain, EventLimits.Name);
        Signatures(e.Dkim);
        Result("spf"u8, e.Spf);
        Result("dmarc"u8, e.Dmarc);
        Text("tls"u8, e.Tls, EventLimits.Word);
        if (e.Size is { } size)
            _json.WriteNumber("size"u8, Math.Clamp(size, 0, int.MaxValue));
        if (e.Folder is { } folder)
            _json.WriteString("folder"u8, folder == MailFolder.Spam ? "spam"u8 : "inbox"u8);
        if (e.Reason is { } reason)
            _json.WriteString("reason"u8, EventWords.Of(reason));
        Text("list_id"u8, e.ListId, EventLimits.HeaderText);
        Text("feedback_id"u8, e.FeedbackId, EventLimits.HeaderText);
        Text("msgtype"u8, e.MessageType, EventLimits.HeaderText);
        Text("message_id"u8, e.MessageId, EventLimits.HeaderText);
        Text("mailbox"u8, e.Mailbox, EventLimits.Address);
        if (e.OneClick is { } oneClick)
            _json.WriteBoolean("one_click"u8, oneClick);
        Text("format"u8, e.Format, EventLimits.Word);
        if (e.ReverseLeadsBack is { } leadsBack)
            _json.WriteString("reverse"u8, leadsBack ? "pass"u8 : "fail"u8);
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _output.Write("\n"u8);
    }

    public void Dispose() => _json.Dispose();

    private void Signatures(IReadOnlyList<SignatureEvent>? signatures)
    {
        if (signatures is null)
            return;
        _json.WriteStartArray("dkim"u8);
        // Those that passed first: no cut takes a message from its signer.
        foreach (SignatureEvent signature in signatures.OrderByDescending(s => s.Result == AuthenticationWord.Pass).Take(EventLimits.Signatures))
        {
            _json.WriteStartObject();
            Text("domain"u8, signature.Domain, EventLimits.Name);
            Text("selector"u8, signature.Selector, EventLimits.Name);
            _json.WriteString("result"u8, EventWords.Of(signature.Result == AuthenticationWord.Unknown ? AuthenticationWord.None : signature.Result));
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void Result(ReadOnlySpan<byte> name, AuthenticationWord result)
    {
        if (result != AuthenticationWord.Unknown)
            _json.WriteString(name, EventWords.Of(result));
    }

    /// <param name="octets">The reader's limit; UTF-8 makes up to three octets of a UTF-16 unit.</param>
    private void Text(ReadOnlySpan<byte> name, string? value, int octets)
    {
        if (value is null)
            return;
        ReadOnlySpan<char> text = value;
        while (System.Text.Encoding.UTF8.GetByteCount(text) > octets)
            text = text[..^Math.Max(1, (text.Length - octets) / 2)];
        // A pair is not cut in half; lone halves become U+FFFD by the writer.
        if (text.Length > 0 && text.Length < value.Length && char.IsHighSurrogate(text[^1]))
            text = text[..^1];
        _json.WriteString(name, text);
    }
}
