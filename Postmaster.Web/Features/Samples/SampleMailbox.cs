using Microsoft.Extensions.Options;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Intake;

namespace Postmaster.Web.Features.Samples;

/// <summary><c>check+token@</c>: takes one mail for each address that a page gave out.</summary>
internal sealed class SampleMailbox(SampleStore store, SampleQueries queries, ComplaintReader reader, IOptions<SamplesOptions> options) : ILmtpMailbox
{
    public const string Prefix = "check+";

    /// <summary>Characters of an envelope text that are kept.</summary>
    private const int MaxText = 320;

    private static readonly SmtpReply NoSuchAddress = new(550, "5.1.1", "No such address, or its one mail has come already; the page gives out another");

    public bool Owns(string localPart) => localPart.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    public async Task<SmtpReply> RecipientAsync(string localPart, CancellationToken ct) =>
        await queries.IsOpenAsync(TokenOf(localPart), ct) ? new SmtpReply(250, "2.1.5", "Recipient ok") : NoSuchAddress;

    public async Task<SmtpReply> DeliverAsync(LmtpEnvelope envelope, string localPart, ReadOnlyMemory<byte> mail, CancellationToken ct)
    {
        if (mail.Length > options.Value.MaxBytes)
            return new SmtpReply(552, "5.3.4", "Larger than the mails that are checked here");
        return await store.ReceiveAsync(TokenOf(localPart), mail, EnvelopeOf(envelope, mail), ct) switch
        {
            KeepSampleResult.Kept kept => new SmtpReply(250, "2.0.0", $"Kept as {kept.Id:N}"),
            KeepSampleResult.NoSuchAddress => NoSuchAddress,
            _ => new SmtpReply(452, "4.3.1", "No room on the disk, try again later"),
        };
    }

    /// <summary>The sender from the session, the client from the field that our border wrote: below it stand the sender's own words.</summary>
    private KeptEnvelope EnvelopeOf(LmtpEnvelope envelope, ReadOnlyMemory<byte> mail)
    {
        TraceFacts trace = TraceFacts.Read(MessageReader.Read(mail, new MessageLimits { MaxMessageBytes = 0 }).Headers, reader.IsOurs);
        string sender = envelope.ReversePathText;
        return new KeptEnvelope(trace.SourceIp?.ToString(), trace.BorderHop?.Helo, sender.Length <= MaxText ? sender : null, trace.BorderHop?.Tls);
    }

    private static string TokenOf(string localPart) => localPart[Prefix.Length..].ToLowerInvariant();
}
