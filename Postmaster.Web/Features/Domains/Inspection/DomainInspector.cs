using System.Net;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains.Inspection;

/// <summary>
/// Asks DNS what a mail administrator wants to know of a domain: MX, SPF, DMARC, DKIM selectors, MTA-STS with its policy, ownership record, reverse names.
/// Reads records; evaluating SPF for a client or DMARC for a message is another matter.
/// </summary>
/// <param name="challengeLabel">The label of the ownership record, such as <c>_postmaster-challenge</c>.</param>
/// <param name="mtaSts">Null: MTA-STS is looked at by its record alone.</param>
public sealed class DomainInspector(IDnsResolver dns, string challengeLabel, MtaStsInspector? mtaSts = null)
{
    private readonly MtaStsInspector _mtaSts = mtaSts ?? new MtaStsInspector(dns, https: null);
    private readonly SpfEvaluator _spf = new(dns, SpfLimits);
    private readonly DmarcEvaluator _dmarc = new(dns);

    /// <summary>Selectors cannot be listed, so these names, in wide use, are tried beside those asked for.</summary>
    public static readonly IReadOnlyList<string> UsualSelectors =
    [
        "default", "dkim", "mail", "key1", "s1", "s2", "selector1", "selector2", "google", "k1", "k2", "k3", "mx", "smtp", "fm1", "fm2", "fm3", "mandrill", "ed25519", "rsa",
    ];

    /// <summary>Hosts whose addresses are looked at, and addresses a host.</summary>
    private const int MaxHosts = 10, MaxAddresses = 4;

    /// <summary>Stops slow name servers of a stranger's from holding a page or a worker.</summary>
    private static readonly SpfEvaluatorOptions SpfLimits = new() { MaxTime = TimeSpan.FromSeconds(5) };

    public async Task<DomainInspection> InspectAsync(DomainName domain, IReadOnlyCollection<string> selectors, CancellationToken ct)
    {
        List<DomainFinding> onMx = [], onSpf = [], onDmarc = [], onDkim = [];
        Task<MailExchanges> mx = MxAsync(domain, onMx, ct);
        Task<IReadOnlyList<string>> spf = SpfAsync(domain, onSpf, ct);
        Task<(string? Name, IReadOnlyList<string> Records)> dmarc = DmarcAsync(domain, onDmarc, ct);
        Task<IReadOnlyList<DkimSelectorView>> dkim = DkimAsync(domain, selectors, onDkim, ct);
        Task<MtaStsView> sts = _mtaSts.InspectAsync(domain, ct);
        string ownershipName = $"{challengeLabel}.{domain.Ascii}";
        Task<DnsAnswer> ownership = dns.QueryAsync(ownershipName, DnsRecordType.TXT, ct).AsTask();
        MailExchanges exchanges = await mx;
        IReadOnlyList<ReverseNameView> reverse = await ReverseNamesAsync(exchanges, onMx, ct);
        await Task.WhenAll(spf, dmarc, dkim, ownership, sts);
        return new DomainInspection
        {
            Domain = domain,
            Mx = exchanges.Records,
            Spf = await spf,
            Dmarc = (await dmarc).Records,
            DmarcName = (await dmarc).Name,
            Dkim = await dkim,
            MtaSts = await sts with { Records = [.. (await sts).Records.Select(Printable)] },
            OwnershipName = ownershipName,
            Ownership = Texts(await ownership, text => text.StartsWith("postmaster-verification="u8)),
            ReverseNames = reverse,
            Findings = [.. onMx, .. onSpf, .. onDmarc, .. onDkim, .. Told(await sts)],
        };
    }

    private async Task<MailExchanges> MxAsync(DomainName domain, List<DomainFinding> findings, CancellationToken ct)
    {
        MailExchanges mx = await MailExchanges.FindAsync(dns, domain, ct);
        DnsAnswer answer = mx.Answer;
        if (answer.Status == DnsStatus.NxDomain)
            Add(findings, "no-such-domain", FindingSeverity.Critical, $"The domain does not exist: {answer.Describe()}.");
        else if (answer.IsSilent)
            Add(findings, "mx-unknown", FindingSeverity.Unknown, $"MX could not be looked up: {answer.Describe()}.");
        else if (answer.Status == DnsStatus.NoData)
            Add(findings, "no-mx", FindingSeverity.Warning, "There is no MX record: bounces and replies reach the domain only if its address record takes mail.");
        if (mx.IsNull)
            Add(findings, "null-mx", FindingSeverity.Warning, "The MX says that the domain takes no mail, so nobody can reply to what it sends (RFC 7505).");
        return mx;
    }

    private async Task<IReadOnlyList<string>> SpfAsync(DomainName domain, List<DomainFinding> findings, CancellationToken ct)
    {
        DnsAnswer answer = await dns.QueryAsync(domain.Ascii, DnsRecordType.TXT, ct);
        List<string> records = Texts(answer, SpfRecordParser.IsRecord);
        if (answer.IsSilent)
            Add(findings, "spf-unknown", FindingSeverity.Unknown, $"SPF could not be looked up: {answer.Describe()}.");
        else if (records.Count == 0)
            Add(findings, "no-spf", FindingSeverity.Warning, "There is no SPF record. If the domain sends mail, publish which hosts may: v=spf1 ... -all.");
        else if (records.Count > 1)
            Add(findings, "several-spf", FindingSeverity.Critical, $"There are {records.Count} SPF records, so receivers use none of them. Join them into one (RFC 7208 section 4.5).");
        else
            Judge(await _spf.MeasureAsync(domain, ct), findings);
        return records;
    }

    private static void Judge(SpfCost cost, List<DomainFinding> findings)
    {
        if (cost.Record is null)
        {
            FindingSeverity severity = cost.Problem == SpfProblem.DnsFailure ? FindingSeverity.Unknown : FindingSeverity.Critical;
            Add(findings, severity == FindingSeverity.Unknown ? "spf-unknown" : "bad-spf", severity, $"The SPF record cannot be evaluated: {SpfProblemText.Of(cost.Problem)}.");
            return;
        }

        if (cost.Record.Directives.Any(d => d is { Mechanism: SpfMechanism.All, Qualifier: SpfQualifier.Pass }))
            Add(findings, "spf-allows-all", FindingSeverity.Critical, "The SPF record ends in +all: it lets every host send in the domain's name.");
        if (cost.Lookups > SpfLimits.MaxLookups)
            Add(findings, "spf-too-many-lookups", FindingSeverity.Critical, $"The SPF record needs {cost.Lookups} DNS look-ups, and receivers stop at {SpfLimits.MaxLookups}. Take terms out of it (RFC 7208 section 4.6.4).");
    }

    private async Task<(string? Name, IReadOnlyList<string> Records)> DmarcAsync(DomainName domain, List<DomainFinding> findings, CancellationToken ct)
    {
        DmarcDiscovery found = await _dmarc.DiscoverAsync(domain, ct);
        DmarcLookup? several = found.Lookups.TakeWhile(l => l != found.Policy).FirstOrDefault(l => l.Problem == DmarcProblem.SeveralRecords);
        if (several is not null)
            Add(findings, "several-dmarc", FindingSeverity.Critical, $"There are {Records(several).Count} DMARC records at {Name(several)}, so receivers use none of them. Keep one.");
        else if (found.Policy is null && found.Lookups.FirstOrDefault(l => l.Problem == DmarcProblem.DnsFailure) is { } silent)
            Add(findings, "dmarc-unknown", FindingSeverity.Unknown, $"DMARC could not be looked up at {Name(silent)}: {silent.Answer!.Describe()}.");
        else if (found.Policy is null)
            Add(findings, "no-dmarc", FindingSeverity.Warning, $"There is no DMARC record. Start with a TXT record at _dmarc.{domain.Ascii}: v=DMARC1; p=none; rua=mailto:you@{domain.Ascii}.");
        return (found.Policy ?? several) is { } told ? (Name(told), Records(told)) : (null, []);

        static string Name(DmarcLookup lookup) => "_dmarc." + lookup.Domain.Ascii;
        static IReadOnlyList<string> Records(DmarcLookup lookup) => Texts(lookup.Answer!, DmarcRecordParser.IsRecord);
    }

    private async Task<IReadOnlyList<DkimSelectorView>> DkimAsync(
        DomainName domain, IReadOnlyCollection<string> asked, List<DomainFinding> findings, CancellationToken ct)
    {
        string[] names = [.. asked, .. UsualSelectors.Except(asked, StringComparer.OrdinalIgnoreCase)];
        DnsAnswer[] answers = await Task.WhenAll(names.Select(n => dns.QueryAsync($"{n}._domainkey.{domain.Ascii}", DnsRecordType.TXT, ct).AsTask()));
        List<DkimSelectorView> views = [];
        for (int i = 0; i < names.Length; i++)
        {
            bool wanted = i < asked.Count;
            if (answers[i].Records.OfType<TxtRecord>().FirstOrDefault() is { } txt)
                views.Add(Read(names[i], txt, findings));
            else if (wanted && !answers[i].IsSilent)
                Add(findings, "no-dkim-key", FindingSeverity.Critical, $"There is no key at {names[i]}._domainkey.{domain.Ascii}: {answers[i].Describe()}.");
            else if (wanted)
                Add(findings, "dkim-unknown", FindingSeverity.Unknown, $"The key of selector {names[i]} could not be looked up: {answers[i].Describe()}.");
        }

        if (views.Count == 0 && asked.Count == 0 && answers.All(a => a.IsSilent))
            Add(findings, "dkim-unknown", FindingSeverity.Unknown, $"DKIM keys could not be looked up: {answers[0].Describe()}.");
        else if (views.Count == 0 && asked.Count == 0)
            Add(findings, "no-dkim-seen", FindingSeverity.Warning, "No DKIM key was found under the usual selectors. If mail is signed, name the selector: --selector NAME.");
        return views;
    }

    private static DkimSelectorView Read(string selector, TxtRecord txt, List<DomainFinding> findings)
    {
        if (!DkimRecordParser.TryParse(txt.Joined, out DkimRecord? key, out DkimProblem problem))
        {
            FindingSeverity severity = problem == DkimProblem.KeyRevoked ? FindingSeverity.Warning : FindingSeverity.Critical;
            Add(findings, "bad-dkim-key", severity, $"The key of selector {selector} verifies no mail: {DkimProblemText.Of(problem)}.");
            return new DkimSelectorView(selector, null, 0, Testing: false, problem);
        }

        if (key!.Testing)
            Add(findings, "dkim-testing", FindingSeverity.Warning, $"The key of selector {selector} says t=y: receivers treat its signatures as a test.");
        if (key.KeyType == DkimKeyType.Rsa && key.KeyBits < 2048)
            Add(findings, "short-dkim-key", FindingSeverity.Warning, $"The key of selector {selector} has {key.KeyBits} bits; 2048 are usual now (RFC 8301 section 3.2).");
        return new DkimSelectorView(selector, key.KeyType, key.KeyBits, key.Testing, null);
    }

    private async Task<IReadOnlyList<ReverseNameView>> ReverseNamesAsync(MailExchanges exchanges, List<DomainFinding> findings, CancellationToken ct)
    {
        List<ReverseNameView> views = [];
        foreach (string host in exchanges.Hosts.Take(MaxHosts))
        {
            DnsAnswer[] answers = await Task.WhenAll(
                dns.QueryAsync(host, DnsRecordType.A, ct).AsTask(), dns.QueryAsync(host, DnsRecordType.AAAA, ct).AsTask());
            ARecord[] addresses = [.. answers.SelectMany(a => a.Records).OfType<ARecord>().Take(MaxAddresses)];
            if (addresses.Length == 0 && !answers.Any(a => a.IsSilent))
                Add(findings, "mx-without-address", FindingSeverity.Critical, $"The MX host {Printable(host)} has no address.");
            views.AddRange(await Task.WhenAll(addresses.Select(a => ReverseAsync(host, a.Address, ct))));
        }

        return views;
    }

    private async Task<ReverseNameView> ReverseAsync(string host, IPAddress address, CancellationToken ct)
    {
        ReverseNameCheck check = await ReverseNameCheck.RunAsync(dns, address, ct);
        return new ReverseNameView(host, address, check.Name, check.LeadsBack == true);
    }

    /// <summary>What asks for something to be done; what is right is told by the topic itself.</summary>
    private static IEnumerable<DomainFinding> Told(MtaStsView view) =>
        view.Findings.Where(f => f.Severity != FindingSeverity.Ok)
            .Select(f => new DomainFinding(f.Code, f.Severity, $"MTA-STS: {Printable(f.Text)} ({f.Rfc.Replace("§", "section ", StringComparison.Ordinal)})"));

    /// <summary>The TXT records that are of a kind, printable.</summary>
    private static List<string> Texts(DnsAnswer answer, Func<ReadOnlySpan<byte>, bool> isOfKind) => [.. answer.Records.OfType<TxtRecord>().Where(t => isOfKind(t.Joined)).Select(t => Printable(t.Text))];

    /// <summary>Outside text for a terminal or a page: controls gone, length bounded.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Take(2048).Select(c => char.IsControl(c) ? ' ' : c));

    private static void Add(List<DomainFinding> findings, string code, FindingSeverity severity, string text) =>
        findings.Add(new DomainFinding(code, severity, text));
}
