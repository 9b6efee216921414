using Microsoft.Extensions.Options;
using Postmaster.Fbl.Smtp;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Bounces;

/// <summary>
/// <c>fbl-bounce+token@</c>, the envelope sender of all that leaves, and <c>fbl@</c>, the reports' From. Nothing that comes to the first is ever
/// refused for good: that would be a bounce of a bounce (RFC 5321 §6.1).
/// </summary>
internal sealed class BounceMailbox(BounceStore store, IOptions<ProviderOptions> provider) : ILmtpMailbox
{
    private static readonly SmtpReply Nobody = new(550, "5.1.1", "Nobody reads this address; the report says how to reach the portal");

    private bool HasOperator => provider.Value.OperatorAddress.Length > 0;

    public bool Owns(string localPart) =>
        localPart.Equals(ReportComposer.Sender, StringComparison.OrdinalIgnoreCase) || localPart.Equals(OutboxContent.BounceAddress, StringComparison.OrdinalIgnoreCase)
        || localPart.StartsWith(OutboxContent.BounceAddress + "+", StringComparison.OrdinalIgnoreCase);

    public Task<SmtpReply> RecipientAsync(string localPart, CancellationToken ct) => Task.FromResult(
        HasOperator || IsBounceAddress(localPart) ? new SmtpReply(250, "2.1.5", "Recipient ok") : Nobody);

    public async Task<SmtpReply> DeliverAsync(LmtpEnvelope envelope, string localPart, ReadOnlyMemory<byte> mail, CancellationToken ct) =>
        await store.ReceiveAsync(IsBounceAddress(localPart) ? TokenOf(localPart) : null, envelope.ReversePathText, mail, ct) switch
        {
            BounceReceipt.Kept => new SmtpReply(250, "2.0.0", "Kept"),
            BounceReceipt.Dropped => new SmtpReply(250, "2.0.0", "Taken"),
            _ => new SmtpReply(452, "4.3.1", "No room on the disk, try again later"),
        };

    private static bool IsBounceAddress(string localPart) => localPart.StartsWith(OutboxContent.BounceAddress, StringComparison.OrdinalIgnoreCase);

    /// <summary>Empty when there is none. Local-parts are folded on the way.</summary>
    private static string TokenOf(string localPart)
    {
        int plus = localPart.IndexOf('+', StringComparison.Ordinal);
        return plus < 0 ? "" : localPart[(plus + 1)..].ToLowerInvariant();
    }
}
