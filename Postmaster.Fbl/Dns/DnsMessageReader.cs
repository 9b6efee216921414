using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Dns;

/// <summary>Walks over the octets of a message. Every step is checked against what is left, so counts and lengths may lie.</summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct DnsMessageReader(ReadOnlySpan<byte> octets)
{
    private const ushort ClassIn = 1;
    private const ushort TypeOpt = 41; // RFC 6891 §6.1.1

    private readonly ReadOnlySpan<byte> _octets = octets;
    private int _offset;
    private string _problem = "";
    private (ushort PayloadSize, uint Flags)? _opt;

    public bool TryRead([NotNullWhen(true)] out DnsMessage? message, out ParseProblem problem)
    {
        message = null;
        problem = default;
        if (_octets.Length < DnsMessage.HeaderOctets)
        {
            problem = new ParseProblem("message-too-short", _octets.Length);
            return false;
        }
        var header = ReadHeader();
        _offset = DnsMessage.HeaderOctets;
        if (!TryReadQuestions(Word(4), out var questions))
        {
            problem = new ParseProblem(_problem, _offset);
            return false;
        }
        List<DnsRecord> answers = [], authorities = [], additionals = [];
        if (!(TryReadRecords(Word(6), answers) && TryReadRecords(Word(8), authorities) && TryReadRecords(Word(10), additionals)) && !header.IsTruncated)
        {
            problem = new ParseProblem(_problem, _offset);
            return false;
        }
        message = header with
        {
            // RFC 6891 §6.1.3: eight more bits of the code stand in the TTL of the OPT record.
            ResponseCode = (DnsResponseCode)((ushort)header.ResponseCode | ((_opt?.Flags >> 24 << 4) ?? 0)),
            EdnsPayloadSize = _opt?.PayloadSize,
            Questions = questions,
            Answers = answers,
            Authorities = authorities,
            Additionals = additionals,
        };
        return true;
    }

    private readonly ushort Word(int offset) => BinaryPrimitives.ReadUInt16BigEndian(_octets[offset..]);

    private readonly DnsMessage ReadHeader()
    {
        int flags = Word(2);
        return new DnsMessage
        {
            Id = Word(0),
            IsResponse = (flags & 0x8000) != 0,
            Opcode = (flags >> 11) & 0xF,
            IsAuthoritative = (flags & 0x0400) != 0,
            IsTruncated = (flags & 0x0200) != 0,
            RecursionDesired = (flags & 0x0100) != 0,
            RecursionAvailable = (flags & 0x0080) != 0,
            ResponseCode = (DnsResponseCode)(flags & 0xF),
        };
    }

    private bool TryReadQuestions(int count, out List<DnsQuestion> questions)
    {
        questions = [];
        for (; count > 0; count--)
        {
            if (!DnsName.TryRead(_octets, ref _offset, out var name))
                return Fail("bad-name");
            if (_octets.Length - _offset < 4)
                return Fail("bad-question");
            questions.Add(new DnsQuestion(name, (DnsRecordType)Word(_offset), Word(_offset + 2)));
            _offset += 4;
        }
        return true;
    }

    private bool TryReadRecords(int count, List<DnsRecord> records)
    {
        for (; count > 0; count--)
        {
            if (!DnsName.TryRead(_octets, ref _offset, out var owner))
                return Fail("bad-name");
            if (_octets.Length - _offset < 10)
                return Fail("bad-record");
            var (type, recordClass, ttl) = (Word(_offset), Word(_offset + 2), BinaryPrimitives.ReadUInt32BigEndian(_octets[(_offset + 4)..]));
            var end = _offset + 10 + Word(_offset + 8);
            if (end > _octets.Length)
                return Fail("bad-record");
            _offset += 10;
            if (type == TypeOpt)
            {
                if (_opt is not null)
                    return Fail("two-opt-records"); // RFC 6891 §6.1.1
                _opt = (recordClass, ttl);
            }
            else if (recordClass == ClassIn)
            {
                // RFC 2181 §8: a TTL with the highest bit set counts as zero.
                if (ReadRecord(owner, (DnsRecordType)type, TimeSpan.FromSeconds(ttl > int.MaxValue ? 0 : ttl), end) is not { } record)
                    return Fail("bad-record");
                records.Add(record);
            }
            _offset = end;
        }
        return true;
    }

    private DnsRecord? ReadRecord(DnsName owner, DnsRecordType type, TimeSpan ttl, int end)
    {
        var data = _octets[_offset..end];
        return type switch
        {
            DnsRecordType.A => data.Length == 4 ? new ARecord(owner.Text, ttl, new IPAddress(data)) : null,
            DnsRecordType.AAAA => data.Length == 16 ? new ARecord(owner.Text, ttl, new IPAddress(data)) : null,
            DnsRecordType.MX => ReadMx(owner, ttl, end),
            DnsRecordType.TXT => ReadStrings(data) is { } strings ? new TxtRecord(owner.Text, ttl, strings) : null,
            DnsRecordType.PTR => TryReadLastName(end, out var target) ? new PtrRecord(owner.Text, ttl, target) : null,
            DnsRecordType.CNAME => TryReadLastName(end, out var target) ? new CnameRecord(owner.Text, ttl, target) : null,
            DnsRecordType.NS => TryReadLastName(end, out var target) ? new NsRecord(owner.Text, ttl, target) : null,
            DnsRecordType.SOA => ReadSoa(owner, ttl, end),
            _ => new UnknownRecord(owner.Text, ttl, type, data.ToArray()),
        };
    }

    private MxRecord? ReadMx(DnsName owner, TimeSpan ttl, int end)
    {
        if (end - _offset < 2)
            return null;
        var preference = Word(_offset);
        _offset += 2;
        return TryReadLastName(end, out var exchange) ? new MxRecord(owner.Text, ttl, preference, exchange) : null;
    }

    private SoaRecord? ReadSoa(DnsName owner, TimeSpan ttl, int end)
    {
        if (!DnsName.TryRead(_octets[..end], ref _offset, out var server) || !DnsName.TryRead(_octets[..end], ref _offset, out var mailbox) || end - _offset != 20)
            return null;
        return new SoaRecord(owner.Text, ttl, server.Text, mailbox.Text, BinaryPrimitives.ReadUInt32BigEndian(_octets[_offset..]),
            Seconds(_offset + 4), Seconds(_offset + 8), Seconds(_offset + 12), Seconds(_offset + 16));
    }

    private readonly TimeSpan Seconds(int offset) => TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(_octets[offset..]));

    /// <summary>A name that ends exactly where the record's data ends.</summary>
    private bool TryReadLastName(int end, out string text)
    {
        var found = DnsName.TryRead(_octets[..end], ref _offset, out var name) && _offset == end;
        text = name?.Text ?? "";
        return found;
    }

    /// <summary>RFC 1035 §3.3.14: character-strings that fill the data; null when the last one is cut.</summary>
    private static List<byte[]>? ReadStrings(ReadOnlySpan<byte> data)
    {
        var strings = new List<byte[]>();
        while (data.Length > 0)
        {
            var length = data[0];
            if (data.Length < 1 + length)
                return null;
            strings.Add(data.Slice(1, length).ToArray());
            data = data[(1 + length)..];
        }
        return strings;
    }

    private bool Fail(string problem)
    {
        _problem = problem;
        return false;
    }
}
