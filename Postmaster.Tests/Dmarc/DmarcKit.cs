using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;

namespace Postmaster.Tests.Dmarc;

/// <summary>DMARC in one line: an author domain, what DKIM and SPF said, a zone.</summary>
internal static class DmarcKit
{
    public static DomainName Name(string name) => DomainName.Parse(name);

    /// <summary>A zone with policy records: domain and record in turn.</summary>
    public static ZoneResolver Zone(params string[] domainsAndRecords)
    {
        var zone = new ZoneResolver();
        foreach (var pair in domainsAndRecords.Chunk(2))
            zone.AddTxt("_dmarc." + pair[0], pair[1]);
        return zone;
    }

    public static DkimResult Signed(string domain, DkimStatus status = DkimStatus.Pass, bool testing = false)
        => new() { Status = status, Problem = DkimProblem.None, Reason = "", Index = 0, Domain = Name(domain), Testing = testing };

    public static SpfResult Sent(string domain, SpfStatus status = SpfStatus.Pass, SpfIdentity identity = SpfIdentity.MailFrom)
        => new() { Status = status, Problem = SpfProblem.None, Identity = identity, Domain = Name(domain) };

    /// <summary>SPF that says nothing of the author.</summary>
    public static SpfResult NoSpf { get; } = Sent("bounce.example.net", SpfStatus.None);

    public static async Task<DmarcResult> JudgeAsync(
        IDnsResolver dns, string author, SpfResult? spf = null, DmarcEvaluatorOptions? options = null, params DkimResult[] dkim)
    {
        var result = await new DmarcEvaluator(dns, options).EvaluateAsync(Name(author), dkim, spf ?? NoSpf, CancellationToken.None);
        Assert.NotEmpty(result.Reason);
        Assert.Equal(result.Status == DmarcStatus.Pass, result.Problem == DmarcProblem.None);
        return result;
    }

    /// <summary>What the author domain's organizational domain is, by a failing message of it.</summary>
    public static async Task<string?> OrganizationalDomainAsync(IDnsResolver dns, string author) => (await JudgeAsync(dns, author)).OrganizationalDomain?.Ascii;
}
