using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Directory;

/// <summary>Turns a field of an event into the values of the streams that it belongs to. Pure; asked once for each different field.</summary>
internal static class StreamValues
{
    private const int IPv4Network = 24, IPv6Network = 64;
    private static readonly StreamKind[] FeedbackParts = [StreamKind.Feedback1, StreamKind.Feedback2, StreamKind.Feedback3];

    public static IReadOnlyList<(StreamKind Kind, string Value)> Of(StreamField field, ReadOnlySpan<byte> octets)
    {
        string text = Encoding.UTF8.GetString(octets);
        return field switch
        {
            StreamField.ListId => One(StreamKind.ListId, ListId(text)),
            StreamField.FeedbackId => Feedback(text),
            StreamField.MessageType => One(StreamKind.MessageType, Value(text)),
            StreamField.Selector => One(StreamKind.Selector, Value(text)),
            StreamField.EnvelopeDomain => DomainName.TryParse(text, out DomainName? name, out _) ? One(StreamKind.EnvelopeDomain, name.Ascii) : [],
            _ => Address(text),
        };
    }

    private static IReadOnlyList<(StreamKind Kind, string Value)> One(StreamKind kind, string value) => value.Length == 0 ? [] : [(kind, value)];

    /// <summary>RFC 2919 §3: the identifier stands in angle brackets, a phrase may stand before it.</summary>
    private static string ListId(string text)
    {
        int open = text.LastIndexOf('<'), close = text.LastIndexOf('>');
        return Value(open >= 0 && close > open ? text[(open + 1)..close] : text);
    }

    /// <summary>Up to three fields that the sender chose, then its own name: <c>campaign:customer:type:sender</c>.</summary>
    private static List<(StreamKind Kind, string Value)> Feedback(string text)
    {
        string[] parts = text.Split(':');
        var values = new List<(StreamKind, string)>(4);
        for (int i = 0; i < parts.Length - 1 && i < FeedbackParts.Length; i++)
            values.AddRange(One(FeedbackParts[i], Value(parts[i])));
        values.AddRange(One(StreamKind.FeedbackSender, Value(parts[^1])));
        return values;
    }

    private static IReadOnlyList<(StreamKind Kind, string Value)> Address(string text)
    {
        if (!StrictIpAddress.TryParse(text, out IPAddress? address))
            return [];
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        int length = address.AddressFamily == AddressFamily.InterNetwork ? IPv4Network : IPv6Network;
        string network = string.Create(CultureInfo.InvariantCulture, $"{IpPrefix.Create(address, length).Network}/{length}");
        return [(StreamKind.Ip, address.ToString()), (StreamKind.Network, network)];
    }

    /// <summary>Lower case, without controls or white space around, cut to the length of the column.</summary>
    private static string Value(string text)
    {
        if (text.AsSpan().ContainsAnyInRange('\0', '\u001f') || text.Contains('\u007f', StringComparison.Ordinal))
            text = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        text = text.Trim().ToLowerInvariant();
        if (text.Length <= TrafficConfiguration.ValueLength)
            return text;
        int end = TrafficConfiguration.ValueLength;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)];
    }
}
