using Microsoft.Extensions.Options;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Groups;

/// <summary>
/// <c>fbl-group+token@</c>, the To of a group's reports: what people write there goes to the operator, as a reply to a report does. <c>fbl-leave+token@</c>: a
/// member leaves by writing there (RFC 2369 §3.2).
/// </summary>
internal sealed class GroupMailbox(
    BounceStore replies, GroupAnswers answers, IDnsResolver dns, IOptions<ProviderOptions> provider, TimeProvider time, ILogger<GroupMailbox> log) : ILmtpMailbox
{
    private static readonly SmtpReply Nobody = new(550, "5.1.1", "Nobody reads this address; the report says how to reach the portal");

    private readonly DkimVerifier _dkim = new(dns);

    public bool Owns(string localPart) => GroupAddress.IsGroup(localPart) || GroupAddress.IsLeaving(localPart);

    public Task<SmtpReply> RecipientAsync(string localPart, CancellationToken ct) => Task.FromResult(
        GroupAddress.IsLeaving(localPart) || provider.Value.OperatorAddress.Length > 0 ? new SmtpReply(250, "2.1.5", "Recipient ok") : Nobody);

    public async Task<SmtpReply> DeliverAsync(LmtpEnvelope envelope, string localPart, ReadOnlyMemory<byte> mail, CancellationToken ct)
    {
        if (GroupAddress.IsLeaving(localPart))
        {
            await LeaveAsync(GroupAddress.TokenOf(localPart), envelope, mail, ct);
            return new SmtpReply(250, "2.0.0", "Taken");
        }

        return await replies.ReceiveAsync(token: null, envelope.ReversePathText, mail, ct) is BounceReceipt.StorageFull
            ? new SmtpReply(452, "4.3.1", "No room on the disk, try again later")
            : new SmtpReply(250, "2.0.0", "Taken");
    }

    private async Task LeaveAsync(string token, LmtpEnvelope envelope, ReadOnlyMemory<byte> mail, CancellationToken ct)
    {
        RawMessage message = MessageReader.Read(mail);
        // A bounce asks for nothing.
        if (envelope.ReversePathText.Length == 0 || message.Headers.Count("From") != 1 || AddressListReader.Read(message.Headers, "From") is not [{ } listed]
            || !MailAddress.TryParse(listed.AddrSpec, out MailAddress? from, out _))
            return;
        bool proved = IsSentByItsDomain(message, from, envelope) || await IsSignedForUsAsync(message, from, token, ct);
        // RFC 3834 §2: nothing is answered to a machine.
        if (!proved && message.Headers.First("Auto-Submitted") is { } auto && !auto.Unfolded.Trim().Equals("no", StringComparison.OrdinalIgnoreCase))
            return;
        log.LeavingMail(from.Masked, proved);
        await answers.AskedAsync(token, from, proved, ct);
    }

    /// <summary>
    /// A signature of the author's domain over a To that names this very address: any other mail that the member ever signed could be sent here again by whoever
    /// got it.
    /// </summary>
    private async Task<bool> IsSignedForUsAsync(RawMessage message, MailAddress from, string token, CancellationToken ct)
    {
        string wanted = GroupAddress.LeavingOf(token, provider.Value.Domain);
        if (message.Headers.Count("To") != 1 || !AddressListReader.Read(message.Headers, "To").Any(t => t.AddrSpec.Equals(wanted, StringComparison.OrdinalIgnoreCase)))
            return false;
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<DkimResult> results = await _dkim.VerifyAsync(message, now, ct);
        return results.Any(r => r.Status is DkimStatus.Pass && !r.Testing && r.Domain is { } domain && from.Domain.IsEqualOrSubdomainOf(domain)
            && r.SignedFields.Contains("To", StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Our border saw it come from a host that the domain of author and envelope names (RFC 7208).</summary>
    private bool IsSentByItsDomain(RawMessage message, MailAddress from, LmtpEnvelope envelope)
    {
        ProviderOptions options = provider.Value;
        DomainName? own = DomainName.TryParse(options.MailDomain.Length > 0 ? options.MailDomain : options.Domain, out DomainName? parsed, out _) ? parsed : null;
        return envelope.ReversePath?.Domain.Equals(from.Domain) == true
            && TrustedResults.Find(message.Headers, [.. options.AuthservIds], [.. options.BorderHosts], own).Fields.SelectMany(f => f.Results)
                .Any(r => r is { Method: "spf", Result: "pass" } && DomainOf(r.Property("smtp", "mailfrom")) is { } domain && domain.Equals(from.Domain));
    }

    private static DomainName? DomainOf(string? text) =>
        text is not null && DomainName.TryParse(text[(text.LastIndexOf('@') + 1)..], out DomainName? domain, out _) ? domain : null;
}
