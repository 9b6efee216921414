namespace Postmaster.Fbl.Dns;

/// <summary>What a zone holds for a question.</summary>
/// <param name="Aliases">The CNAMEs on the way, first to last.</param>
/// <param name="Authority">For an absence: the SOA record of its zone, if there is one.</param>
/// <param name="Problem">A code of <see cref="DnsAnswer.Problem"/>.</param>
internal sealed record ZoneLookup(
    DnsStatus Status, IReadOnlyList<CnameRecord> Aliases, IReadOnlyList<DnsRecord> Records, SoaRecord? Authority, string? Problem)
{
    public DnsAnswer ToAnswer(DnsName asked, DnsRecordType type, string server) => new()
    {
        Status = Status,
        Name = asked.Text,
        Type = type,
        Records = Records,
        CanonicalName = Aliases.Count > 0 ? Aliases[^1].Target : null,
        Ttl = Status switch
        {
            DnsStatus.Found => Aliases.Concat(Records).Min(r => r.Ttl),
            DnsStatus.NoData or DnsStatus.NxDomain when Authority is not null => AnswerChain.NegativeTtl(Authority),
            _ => TimeSpan.Zero,
        },
        Server = server,
        Problem = Problem ?? (Status == DnsStatus.ServFail ? "servfail" : null),
    };
}
