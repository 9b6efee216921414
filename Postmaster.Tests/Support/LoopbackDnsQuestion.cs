using Postmaster.Fbl.Dns;

namespace Postmaster.Tests.Support;

/// <summary>A query that reached a <see cref="LoopbackDnsServer"/>, the honest answer to it, and the ways to spoil that.</summary>
internal sealed record LoopbackDnsQuestion(DnsMessage Query, int SourcePort, bool IsTcp, ZoneResolver Zone)
{
    /// <summary>RFC 1035 §4.2.1: what a client without EDNS takes by UDP.</summary>
    private const int PlainUdpOctets = 512;

    public string Name => Query.Questions[0].Name.Text;

    public DnsRecordType Type => Query.Questions[0].Type;

    public bool HasEdns => Query.EdnsPayloadSize is not null;

    /// <summary>What the zone says, cut to what the client takes; null when the zone tells the name to time out.</summary>
    public byte[]? Answer() => Response() is not { } response ? null
        : response.Write(IsTcp ? DnsMessage.MaxOctets : Math.Max(PlainUdpOctets, (int)(Query.EdnsPayloadSize ?? 0)));

    /// <summary>The same before it becomes octets.</summary>
    public DnsMessage? Response()
    {
        var lookup = Zone.Lookup(Query.Questions[0].Name, Type);
        return lookup.Status == DnsStatus.Timeout ? null : Empty() with
        {
            ResponseCode = lookup.Status switch
            {
                DnsStatus.NxDomain => DnsResponseCode.NxDomain,
                DnsStatus.ServFail => DnsResponseCode.ServFail,
                _ => DnsResponseCode.NoError,
            },
            Answers = [.. lookup.Aliases, .. lookup.Records],
            Authorities = lookup.Authority is null ? [] : [lookup.Authority],
        };
    }

    /// <summary>A response without records: to be given a code, or other contents.</summary>
    public DnsMessage Empty(DnsResponseCode code = DnsResponseCode.NoError) => new()
    {
        Id = Query.Id,
        IsResponse = true,
        RecursionDesired = Query.RecursionDesired,
        RecursionAvailable = true,
        ResponseCode = code,
        Questions = Query.Questions,
        EdnsPayloadSize = HasEdns ? (ushort)4096 : null,
    };

    public byte[] Truncated() => (Empty() with { IsTruncated = true }).Write();

    public byte[] WithWrongId() => (Response()! with { Id = (ushort)(Query.Id ^ 0x5555) }).Write();

    public byte[] WithWrongName(string name) => DnsName.TryParse(name, out var other)
        ? (Response()! with { Questions = [new DnsQuestion(other, Type)] }).Write()
        : throw new FormatException(name);

    /// <summary>The header and question of an answer whose record's owner points at itself.</summary>
    public byte[] WithPointerLoop()
    {
        var octets = (Empty() with { EdnsPayloadSize = null }).Write();
        octets[7] = 1; // ANCOUNT
        return [.. octets, (byte)(0xC0 | (octets.Length >> 8)), (byte)octets.Length, 0, (byte)Type, 0, 1, 0, 0, 0, 60, 0, 0];
    }

    /// <summary>As many octets as asked for, always the same for the same id.</summary>
    public byte[] Garbage(int count)
    {
        var octets = new byte[count];
        new Random(Query.Id).NextBytes(octets);
        return octets;
    }
}
