using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Cfbl;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Cfbl;

/// <summary>What authentication found out about a message, as far as invitations rest on it.</summary>
/// <param name="Dkim">Null when the border's word was taken.</param>
/// <param name="DmarcPassed">What the border said; null when it said nothing, or was not asked.</param>
internal sealed record CfblEvidence(IReadOnlyList<CfblSignature> Signatures, IReadOnlyList<DkimResult>? Dkim, bool? DmarcPassed)
{
    public static CfblEvidence None { get; } = new([], null, null);
}

/// <summary>
/// Judges a message's invitations when its complaint is read: DNS and all that takes time is asked here, before anything is counted. The verdicts are
/// kept whatever the operator's switch says, so that owners see why a field does not count.
/// </summary>
internal sealed class CfblExamination(
    IDnsResolver dns, ProviderKeys keys, ReputationQueries reputation, IOptions<CfblOptions> options, IOptions<DnsOptions> dnsOptions)
{
    private const string KeyName = "cfbl-address";

    /// <summary>The code of a record that wants no bodies (<c>c=n</c>).</summary>
    public const string HeaderAlone = "RecordHeaderAlone";

    /// <summary>Attack: a message signed by everybody, each with a record to ask for.</summary>
    private const int MaxRecords = 3;

    private readonly Func<DomainName, DomainName>? _publicSuffixOf = PublicSuffixes.Load(dnsOptions.Value.PublicSuffixList);
    private readonly DmarcEvaluator _dmarc = new(dns);

    public async Task<IReadOnlyList<CfblInvitation>> ExamineAsync(Guid keptId, HeaderBlock headers, CfblEvidence evidence, CancellationToken ct)
    {
        bool named = headers.First(CfblAddress.FieldName) is not null;
        if (!named && !options.Value.DkimFbl)
            return [];
        CfblResult result = CfblEvaluator.Evaluate(headers, evidence.Signatures, _publicSuffixOf);
        var found = new List<CfblInvitation>();
        if (named)
        {
            bool fails = options.Value.Mode == CfblMode.Dmarc && result.Fields.Any(f => f.Qualifies) && !await PassesDmarcAsync(headers, evidence, ct);
            foreach (CfblVerdict verdict in result.Fields)
                found.Add(await OfFieldAsync(keptId, found.Count, verdict, result, fails && verdict.Qualifies, ct));
        }

        if (options.Value.DkimFbl)
            await AddRecordsAsync(found, keptId, result.AuthorDomain, evidence, ct);
        return found;
    }

    /// <summary>What a limit for a whole domain counts by.</summary>
    public string LimitDomain(string domain)
    {
        var name = DomainName.Parse(domain);
        if (_publicSuffixOf?.Invoke(name) is { } suffix)
        {
            while (name.Parent is { } parent && parent.LabelCount > suffix.LabelCount)
                name = parent;
        }

        return name.Ascii;
    }

    private async Task<CfblInvitation> OfFieldAsync(Guid keptId, int number, CfblVerdict verdict, CfblResult result, bool failsDmarc, CancellationToken ct)
    {
        CfblProblem problem = failsDmarc ? CfblProblem.DmarcNotPassed : verdict.Problem;
        MailAddress? address = verdict.Address?.Address;
        bool qualifies = problem == CfblProblem.None;
        return new CfblInvitation
        {
            KeptId = keptId,
            Number = number,
            Source = CfblSource.Field,
            Address = address?.ToString(),
            AddressKey = address is null ? null : await KeyAsync(address, ct),
            AddressDomain = address?.Domain.Ascii ?? "",
            Format = verdict.Address?.Format ?? CfblReportFormat.Arf,
            Qualifies = qualifies,
            By = qualifies ? Names(verdict.By) : "",
            Code = qualifies ? verdict.Case.ToString() : problem.ToString(),
            Reason = Cut(failsDmarc ? CfblProblemText.Of(problem, address?.Domain, result.AuthorDomain, "") : verdict.Reason),
            Section = failsDmarc ? CfblProblemText.Section(problem, inside: true) : verdict.Section,
            Reputation = qualifies ? await WorstAsync(verdict.By, result.AuthorDomain, ct) : null,
        };
    }

    /// <summary>A record speaks for the signature beside which it stands; an address elsewhere needs a signature of its own domain.</summary>
    private async Task AddRecordsAsync(List<CfblInvitation> found, Guid keptId, DomainName? author, CfblEvidence evidence, CancellationToken ct)
    {
        List<CfblSignature> valid = [.. evidence.Signatures.Where(s => s.State == CfblSignatureState.Valid && s.Domain.LabelCount > 1)];
        foreach (CfblSignature signature in valid.DistinctBy(s => (s.Domain, s.Selector)).Take(MaxRecords))
        {
            if (await DkimFblRecord.FindAsync(dns, signature.Domain, signature.Selector, ct) is not { } record)
                continue;
            foreach (MailAddress address in record.Addresses)
            {
                byte[] key = await KeyAsync(address, ct);
                if (found.Exists(i => i.AddressKey is { } other && other.AsSpan().SequenceEqual(key)))
                    continue;
                bool inside = valid.Exists(s => address.Domain.IsEqualOrSubdomainOf(s.Domain));
                found.Add(new CfblInvitation
                {
                    KeptId = keptId,
                    Number = found.Count,
                    Source = CfblSource.Record,
                    Address = address.ToString(),
                    AddressKey = key,
                    AddressDomain = address.Domain.Ascii,
                    Qualifies = inside,
                    By = inside ? signature.Domain.Ascii : "",
                    Code = inside ? record.WantsContent ? "Record" : HeaderAlone : nameof(CfblProblem.RecordOutside),
                    Reason = Cut(inside ? $"The record beside the key of {signature.Domain.Unicode} names it." : CfblProblemText.Of(CfblProblem.RecordOutside, address.Domain, author, signature.Domain.Unicode)),
                    Section = CfblProblemText.Section(CfblProblem.RecordOutside, inside: false),
                    Reputation = inside ? await WorstAsync([signature.Domain], author, ct) : null,
                });
            }
        }
    }

    private async Task<bool> PassesDmarcAsync(HeaderBlock headers, CfblEvidence evidence, CancellationToken ct)
    {
        if (evidence.DmarcPassed is { } said)
            return said;
        return evidence.Dkim is { } dkim && (await _dmarc.EvaluateAsync(DmarcAuthors.Of(headers), dkim, spf: null, ct)).Status == DmarcStatus.Pass;
    }

    /// <summary>The lowest level of all who speak for the message; null when nothing is known of any.</summary>
    private async Task<ReputationLevel?> WorstAsync(IReadOnlyList<DomainName> by, DomainName? author, CancellationToken ct)
    {
        List<string> names = [.. by.Append(author).OfType<DomainName>().Select(d => d.Ascii).Distinct(StringComparer.Ordinal)];
        var lines = await reputation.LinesAsync(names, 1, ct);
        return lines.Values.Select(l => l.Latest?.Level).Max();
    }

    /// <summary>By which a mailbox is known once its address may not be kept.</summary>
    public async Task<byte[]> KeyAsync(MailAddress address, CancellationToken ct) => HMACSHA256.HashData(
        await keys.GetOrCreateAsync(KeyName, () => RandomNumberGenerator.GetBytes(32), ct), Encoding.UTF8.GetBytes(MailboxRate.KeyOf(address)));

    private static string Names(IReadOnlyList<DomainName> by) => string.Join(' ', by.Select(d => d.Ascii));

    private static string Cut(string text) => text.Length > ComplaintConfiguration.TextLength ? text[..ComplaintConfiguration.TextLength] : text;
}
