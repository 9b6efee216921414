using System.Diagnostics.CodeAnalysis;

namespace Postmaster.Fbl.Dns;

/// <summary>A query or a response (RFC 1035 §4.1), the OPT record of RFC 6891 taken out of the additional section.</summary>
internal sealed record DnsMessage
{
    /// <summary>RFC 1035 §4.1.1.</summary>
    public const int HeaderOctets = 12;

    /// <summary>A length in two octets bounds every message (RFC 1035 §4.2.2).</summary>
    public const int MaxOctets = ushort.MaxValue;

    public ushort Id { get; init; }

    public bool IsResponse { get; init; }

    /// <summary>0 for a standard query, the only kind that is asked here.</summary>
    public int Opcode { get; init; }

    public bool IsAuthoritative { get; init; }

    public bool IsTruncated { get; init; }

    public bool RecursionDesired { get; init; }

    public bool RecursionAvailable { get; init; }

    public DnsResponseCode ResponseCode { get; init; }

    public IReadOnlyList<DnsQuestion> Questions { get; init; } = [];

    /// <summary>Here and below only class IN; records of other classes are left out.</summary>
    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    public IReadOnlyList<DnsRecord> Authorities { get; init; } = [];

    public IReadOnlyList<DnsRecord> Additionals { get; init; } = [];

    /// <summary>How large a datagram the sender takes, in octets; null without an OPT record.</summary>
    public ushort? EdnsPayloadSize { get; init; }

    public static DnsMessage Query(ushort id, DnsQuestion question, ushort? ednsPayloadSize) => new()
    {
        Id = id,
        RecursionDesired = true,
        Questions = [question],
        EdnsPayloadSize = ednsPayloadSize,
    };

    /// <summary>
    /// The whole message must be as its counts and lengths say; octets behind it are ignored. Of a truncated message
    /// (<see cref="IsTruncated"/>) whatever was cut off is missing.
    /// </summary>
    /// <param name="problem"><c>message-too-short</c>, <c>bad-name</c>, <c>bad-question</c>, <c>bad-record</c>, <c>two-opt-records</c>.</param>
    public static bool TryRead(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out DnsMessage? message, out ParseProblem problem)
    {
        var reader = new DnsMessageReader(octets);
        return reader.TryRead(out message, out problem);
    }

    /// <summary>When more than <paramref name="maxOctets"/> come out, the records are left away and the message is marked truncated (RFC 2181 §9).</summary>
    /// <exception cref="FormatException">A record holds text that is no name.</exception>
    public byte[] Write(int maxOctets = MaxOctets)
    {
        if (DnsMessageWriter.TryWrite(this, maxOctets, out var octets))
            return octets;
        DnsMessageWriter.TryWrite(this with { IsTruncated = true, Answers = [], Authorities = [], Additionals = [] }, MaxOctets, out octets);
        return octets;
    }
}

/// <param name="Class">1 is IN (RFC 1035 §3.2.4).</param>
internal sealed record DnsQuestion(DnsName Name, DnsRecordType Type, ushort Class = 1);
