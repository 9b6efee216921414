using System.Net;

namespace Postmaster.Fbl.Dns;

/// <summary>Whom to ask, and how patiently.</summary>
public sealed record StubResolverOptions
{
    /// <summary>What fits unfragmented into every common path (the recommendation of DNS flag day 2020, within RFC 6891 §6.2.5).</summary>
    public const ushort DefaultUdpPayloadSize = 1232;

    /// <summary>In the order of preference; the one that answered last is asked first.</summary>
    public required IReadOnlyList<IPEndPoint> Servers { get; init; }

    /// <summary>How long one server may take in the first round; every further round doubles it.</summary>
    public TimeSpan ServerTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How many times the list of servers is gone through.</summary>
    public int Rounds { get; init; } = 2;

    /// <summary>The end of all patience with a question, CNAMEs and TCP included.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Offered by EDNS, in octets.</summary>
    public ushort UdpPayloadSize { get; init; } = DefaultUdpPayloadSize;

    /// <summary>Each open question holds a socket; further ones wait. Stops a mail with thousands of signatures from taking every port.</summary>
    public int MaxConcurrentQuestions { get; init; } = 256;
}
