using System.Buffers.Binary;
using System.Text;

namespace Postmaster.Tests.Support;

/// <summary>The packets that an MTA sends to a milter: four octets of length, one of command, data.</summary>
internal static class MilterWire
{
    /// <summary>What Postfix offers with <c>milter_protocol = 6</c>.</summary>
    public const uint PostfixVersion = 6, PostfixActions = 0x1FF, PostfixProtocol = 0x1FFFFF;

    /// <summary>Octets of body that fit into one packet.</summary>
    private const int ChunkOctets = 65535;

    public static byte[] Packet(char command, ReadOnlySpan<byte> data = default)
    {
        var packet = new byte[5 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(packet, 1 + data.Length);
        packet[4] = (byte)command;
        data.CopyTo(packet.AsSpan(5));
        return packet;
    }

    /// <summary>Each string with a NUL behind it. Latin-1.</summary>
    public static byte[] Packet(char command, string first, params string[] others) => Packet(command, Strings([first, .. others]));

    public static byte[] Negotiate(uint version = PostfixVersion, uint actions = PostfixActions, uint protocol = PostfixProtocol)
    {
        var options = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(options, version);
        BinaryPrimitives.WriteUInt32BigEndian(options.AsSpan(4), actions);
        BinaryPrimitives.WriteUInt32BigEndian(options.AsSpan(8), protocol);
        return Packet('O', options.AsSpan());
    }

    public static byte[] Connect(string host = "mta7.example.net", string address = "192.0.2.17", char family = '4') =>
        Packet('C', [.. Strings(host), (byte)family, 0x30, 0x39, .. Strings(address)]);

    /// <param name="values">Name, value, name, value.</param>
    public static byte[] Macros(char stage, params string[] values) => Packet('D', [(byte)stage, .. Strings(values)]);

    public static byte[] Helo(string name = "mta7.example.net") => Packet('H', name);

    public static byte[] Mail(string address = "<news@owner.example>", params string[] parameters) => Packet('M', address, parameters);

    public static byte[] Recipient(string address) => Packet('R', address);

    /// <summary>As Postfix tells of a recipient that it refuses.</summary>
    public static byte[] Refused(string address, string code = "5.1.1", string text = "User unknown") =>
        [.. Macros('R', "{rcpt_mailer}", "error", "{rcpt_host}", code, "{rcpt_addr}", text), .. Recipient(address)];

    public static byte[] EndOfMessage(ReadOnlySpan<byte> rest = default) => Packet('E', rest);

    public static byte[] Abort() => Packet('A');

    public static byte[] Quit() => Packet('Q');

    /// <summary>A message in CRLF lines as Postfix sends it: header by header with the blank after the colon, folded lines with LF, the last of the body with the end.</summary>
    public static byte[] Content(ReadOnlySpan<byte> message)
    {
        using var packets = new MemoryStream();
        var end = message.IndexOf("\r\n\r\n"u8);
        var text = Encoding.Latin1.GetString(message[..end]).Replace("\r\n", "\n", StringComparison.Ordinal);
        foreach (var field in text.Replace("\n ", "\0 ", StringComparison.Ordinal).Replace("\n\t", "\0\t", StringComparison.Ordinal).Split('\n'))
        {
            var colon = field.IndexOf(':', StringComparison.Ordinal);
            packets.Write(Packet('L', field[..colon], field[(colon + 1)..].Replace('\0', '\n')));
        }

        packets.Write(Packet('N'));
        var body = message[(end + 4)..];
        for (; body.Length >= ChunkOctets; body = body[ChunkOctets..])
            packets.Write(Packet('B', body[..ChunkOctets]));
        packets.Write(EndOfMessage(body));
        return packets.ToArray();
    }

    private static byte[] Strings(params string[] strings) => Encoding.Latin1.GetBytes(string.Concat(strings.Select(s => s + "\0")));
}
