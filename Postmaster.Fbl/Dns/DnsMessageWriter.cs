using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Dns;

/// <summary>Puts a message into octets, names compressed (RFC 1035 §4.1.4).</summary>
internal sealed class DnsMessageWriter
{
    private const int MaxPointerTarget = 0x3FFF; // fourteen bits

    private readonly ArrayBufferWriter<byte> _output = new(512);
    private readonly Dictionary<DnsName, int> _written = [];

    private DnsMessageWriter()
    {
    }

    /// <summary>False, with what was written so far, when more than <paramref name="maxOctets"/> would come out.</summary>
    public static bool TryWrite(DnsMessage message, int maxOctets, out byte[] octets)
    {
        var writer = new DnsMessageWriter();
        writer.WriteHeader(message);
        foreach (var question in message.Questions)
        {
            writer.Name(question.Name);
            writer.Word((ushort)question.Type);
            writer.Word(question.Class);
        }
        foreach (var record in message.Answers.Concat(message.Authorities).Concat(message.Additionals))
        {
            writer.Record(record);
            if (writer._output.WrittenCount > maxOctets)
                break;
        }
        writer.WriteOpt(message);
        octets = writer._output.WrittenSpan.ToArray();
        return octets.Length <= maxOctets;
    }

    private void WriteHeader(DnsMessage message)
    {
        var flags = ((ushort)message.ResponseCode & 0xF) | (message.Opcode << 11)
            | (message.IsResponse ? 0x8000 : 0) | (message.IsAuthoritative ? 0x0400 : 0) | (message.IsTruncated ? 0x0200 : 0)
            | (message.RecursionDesired ? 0x0100 : 0) | (message.RecursionAvailable ? 0x0080 : 0);
        Word(message.Id);
        Word((ushort)flags);
        Word((ushort)message.Questions.Count);
        Word((ushort)message.Answers.Count);
        Word((ushort)message.Authorities.Count);
        Word((ushort)(message.Additionals.Count + (message.EdnsPayloadSize is null ? 0 : 1)));
    }

    private void WriteOpt(DnsMessage message)
    {
        if (message.EdnsPayloadSize is not { } size)
            return;
        _output.Write<byte>([0, 0, 41]); // RFC 6891 §6.1.2: the root, then the type
        Word(size);
        Number((uint)((ushort)message.ResponseCode >> 4) << 24);
        Word(0);
    }

    private void Record(DnsRecord record)
    {
        Name(Parse(record.Name));
        Word((ushort)record.Type);
        Word(1);
        Number((uint)record.Ttl.TotalSeconds);
        // The data is written behind a place for its length, because compressed names do not know theirs beforehand.
        var lengthAt = _output.WrittenCount;
        Word(0);
        Data(record);
        var length = (ushort)(_output.WrittenCount - lengthAt - 2);
        BinaryPrimitives.WriteUInt16BigEndian(MemoryMarshal.AsMemory(_output.WrittenMemory).Span[lengthAt..], length);
    }

    private void Data(DnsRecord record)
    {
        switch (record)
        {
            case ARecord a:
                _output.Write(a.Address.GetAddressBytes());
                break;
            case MxRecord mx:
                Word(mx.Preference);
                Name(Parse(mx.Exchange));
                break;
            case TxtRecord txt:
                foreach (var text in txt.Strings)
                {
                    _output.Write<byte>([checked((byte)text.Length)]);
                    _output.Write(text);
                }
                break;
            case PtrRecord ptr:
                Name(Parse(ptr.Target));
                break;
            case CnameRecord cname:
                Name(Parse(cname.Target));
                break;
            case NsRecord ns:
                Name(Parse(ns.Target));
                break;
            case SoaRecord soa:
                Name(Parse(soa.PrimaryServer));
                Name(Parse(soa.Mailbox));
                Number(soa.Serial);
                foreach (var time in (ReadOnlySpan<TimeSpan>)[soa.Refresh, soa.Retry, soa.Expire, soa.Minimum])
                    Number((uint)time.TotalSeconds);
                break;
            case UnknownRecord unknown:
                _output.Write(unknown.Data);
                break;
        }
    }

    private void Name(DnsName name)
    {
        for (var rest = name; !rest.IsRoot; rest = rest.Parent!)
        {
            if (_written.TryGetValue(rest, out var target))
            {
                Word((ushort)(0xC000 | target));
                return;
            }
            if (_output.WrittenCount <= MaxPointerTarget)
                _written.Add(rest, _output.WrittenCount);
            _output.Write(rest.Wire[..(1 + rest.Wire[0])]);
        }
        _output.Write<byte>([0]);
    }

    private void Word(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Next(2), value);

    private void Number(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Next(4), value);

    private Span<byte> Next(int count)
    {
        var span = _output.GetSpan(count)[..count];
        _output.Advance(count);
        return span;
    }

    private static DnsName Parse(string text) => DnsName.TryParse(text, out var name) ? name : throw new FormatException("A record holds text that is no name.");
}
