using Microsoft.Extensions.Options;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>What the report about a message looks like.</summary>
/// <param name="Report">The mail, CRLF.</param>
/// <param name="Grounds">The domains whose signature passed: only these would be told by the portal.</param>
/// <param name="Problem">Why there are none, in words; null when there are.</param>
public sealed record PreviewedReport(byte[] Report, Evidence Evidence, IReadOnlyList<DomainName> Grounds, string? Problem);

/// <summary>
/// Makes the report that would go out if somebody complained about a message now: the same reader, authenticator and composer as the pipeline,
/// with nothing kept, counted or sent.
/// </summary>
/// <param name="dns">Asked for the keys of the message's signatures.</param>
/// <param name="key">The redaction key of the owner.</param>
/// <param name="signer">Null: the report stays unsigned.</param>
public sealed class ReportPreview(ProviderOptions provider, IDnsResolver dns, RedactionKey key, DkimSigner? signer, TimeProvider time)
{
    /// <param name="mailbox">Who complains; null: whoever the message was delivered to.</param>
    public async Task<PreviewedReport> MakeAsync(
        byte[] message, DomainName domain, MailAddress to, MailAddress? mailbox, RedactionMode redaction, bool headersOnly, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        IOptions<ProviderOptions> options = Options.Create(provider);
        var press = new KeptComplaint
        {
            Id = Guid.CreateVersion7(now), Door = IntakeDoor.Http, Press = Press.Spam, ReceivedAt = now, PressedAt = now, Size = message.Length, DueAt = now,
        };
        ReadComplaint read = new ComplaintReader(options).Read(press, message, mailbox ?? to);
        AuthenticationOutcome outcome = await new ComplaintAuthenticator(new MessageAuthenticator(dns), options).AuthenticateAsync(press.Door, read, ct);
        DomainName own = DomainName.Parse(provider.Domain);
        var subject = new ReportSubject
        {
            To = to,
            MessageId = $"{press.Id:N}@{own.Ascii}",
            ReportedDomains = [domain],
            Original = message,
            Mailbox = mailbox,
            PressedAt = now,
            ArrivedAt = read.Trace.ArrivedAt,
            SourceIp = read.Trace.SourceIp,
            OriginalMailFrom = read.Trace.ReturnPath,
            AuthenticationResults = outcome.AuthenticationResults,
            Evidence = outcome.Evidence,
        };
        var style = new ReportStyle(
            provider.Name, own, new ReportLook(headersOnly ? ReportShape.HeadersOnly : ReportShape.FullMessage, ReportFormat.Arf, redaction), new ReportsOptions().MaxMessageBytes, provider.AuthservIds.FirstOrDefault() ?? own.Ascii, provider.PublicUrl is { Length: > 0 } url ? url : null);
        return new PreviewedReport(ReportComposer.Compose(subject, style, key, signer, now), outcome.Evidence, outcome.Grounds, outcome.Problem);
    }
}
