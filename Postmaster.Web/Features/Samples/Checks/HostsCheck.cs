using System.Net;
using System.Net.Sockets;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Features.Samples.Checks;

/// <summary>The names of the host that handed the mail in, and whether answers and bounces can be delivered.</summary>
/// <param name="envelopeAdvice">How the envelope can be told.</param>
internal sealed class HostsCheck(IDnsResolver dns, string envelopeAdvice) : ISampleCheck
{
    public async ValueTask<SampleTopic?> CheckAsync(SampleEvidence evidence, CancellationToken ct)
    {
        var topic = new SampleTopicWriter(SampleTopics.Hosts, "Hosts and addresses");
        if (evidence.Envelope?.Ip is { } ip)
            await CheckReverseNameAsync(topic, ip, ct);
        else
            topic.Add(SampleSeverity.Info, "client_unknown", $"The sample does not tell which host handed it in, so its reverse name and HELO were not looked at. {envelopeAdvice}");
        if (evidence.Envelope?.Helo is { Length: > 0 } helo)
            await CheckHeloAsync(topic, helo, evidence.Envelope.Ip, ct);

        DomainName? author = evidence.AuthorDomain;
        DomainName? returnPath = evidence.Envelope?.MailFrom?.Domain
            ?? (evidence.Headers.First("Return-Path") is { } field ? SampleEvidence.DomainOf(field.Unfolded.Trim('<', '>', ' ')) : null);
        if (author is not null)
            await CheckMxAsync(topic, author, "author", "answers", [.. evidence.RangesOf("From")], ct);
        if (returnPath is not null && returnPath != author)
            await CheckMxAsync(topic, returnPath, "return_path", "bounces", [.. evidence.RangesOf("Return-Path")], ct);
        return topic.ToTopic();
    }

    private async Task CheckReverseNameAsync(SampleTopicWriter topic, IPAddress ip, CancellationToken ct)
    {
        ReverseNameCheck check = await ReverseNameCheck.RunAsync(dns, ip, ct);
        if (check.Pointers.IsSilent)
            topic.Add(SampleSeverity.Unknown, "reverse_unknown", $"The reverse name of {ip} could not be asked: {check.Pointers.Describe()}.", "RFC 1912 §2.1");
        else if (check.Name is not { } name)
            topic.Add(SampleSeverity.Critical, "no_reverse_name", $"{ip} has no reverse name ({check.Pointers.Describe()}). Ask the owner of the network for a PTR record to the host's name; many providers refuse mail without one.", "RFC 1912 §2.1");
        else if (check.LeadsBack == true)
            topic.Add(SampleSeverity.Ok, "reverse_name", $"{ip} is {name}, and {name} leads back to it.", "RFC 8601 §2.7.3");
        else if (check.LeadsBack is null)
            topic.Add(SampleSeverity.Unknown, "reverse_unknown", $"{ip} has the reverse name {name}; whether that name leads back could not be asked: DNS gave no answer.", "RFC 8601 §2.7.3");
        else
            topic.Add(SampleSeverity.Critical, "reverse_not_confirmed", $"{ip} has the reverse name {name}, but that name does not lead back. Add {(ip.AddressFamily == AddressFamily.InterNetworkV6 ? "an AAAA" : "an A")} record for {ip} to {name}.", "RFC 8601 §2.7.3");
    }

    private async Task CheckHeloAsync(SampleTopicWriter topic, string helo, IPAddress? ip, CancellationToken ct)
    {
        if (helo.StartsWith('['))
        {
            topic.Add(SampleSeverity.Warning, "helo_literal", $"The host says {helo} in HELO. Set it to the host's full name.", "RFC 5321 §4.1.4");
            return;
        }

        if (!DomainName.TryParse(helo, out DomainName? name, out _) || name.LabelCount < 2)
        {
            topic.Add(SampleSeverity.Warning, "helo_no_name", $"The host says {helo} in HELO, which is no full host name. Set it to the host's reverse name.", "RFC 5321 §4.1.1.1");
            return;
        }

        if (ip is null)
            return;
        if (await ReverseNameCheck.LeadsToAsync(dns, name.Ascii, ip, ct) == true)
            topic.Add(SampleSeverity.Ok, "helo", $"The HELO name {name.Ascii} leads to {ip}.", "RFC 5321 §4.1.4");
        else
            topic.Add(SampleSeverity.Warning, "helo_elsewhere", $"The HELO name {name.Ascii} does not lead to {ip}. Let the host say its reverse name.", "RFC 5321 §4.1.4");
    }

    private async Task CheckMxAsync(SampleTopicWriter topic, DomainName domain, string code, string what, ByteRange[] evidence, CancellationToken ct)
    {
        MailExchanges mx = await MailExchanges.FindAsync(dns, domain, ct);
        if (mx.Answer.IsSilent)
            topic.Add(SampleSeverity.Unknown, code + "_mx_unknown", $"The MX of {domain.Ascii} could not be asked: {mx.Answer.Describe()}.", "RFC 5321 §5.1", evidence);
        else if (mx.IsNull)
            topic.Add(SampleSeverity.Critical, code + "_null_mx", $"{domain.Ascii} takes no mail (null MX), so {what} are lost. Send from a domain that receives.", "RFC 7505 §4.2", evidence);
        else if (mx.Records.Count > 0)
            topic.Add(SampleSeverity.Ok, code + "_mx", $"{domain.Ascii} takes {what} at {mx.Records[0].Exchange}.", "RFC 5321 §5.1", evidence, mx.Records.Select(r => $"{r.Preference} {r.Exchange}"));
        else if (await HasAddressAsync(domain, ct))
            topic.Add(SampleSeverity.Warning, code + "_no_mx", $"{domain.Ascii} has no MX record; {what} go to its address. Publish an MX.", "RFC 5321 §5.1", evidence);
        else
            topic.Add(SampleSeverity.Critical, code + "_unreachable", $"{domain.Ascii} has neither MX nor address ({mx.Answer.Describe()}), so {what} are lost, and many providers refuse the mail. Publish an MX.", "RFC 5321 §5.1", evidence);
    }

    private async Task<bool> HasAddressAsync(DomainName domain, CancellationToken ct) =>
        (await dns.QueryAsync(domain.Ascii, DnsRecordType.A, ct)).Status == DnsStatus.Found || (await dns.QueryAsync(domain.Ascii, DnsRecordType.AAAA, ct)).Status == DnsStatus.Found;
}
