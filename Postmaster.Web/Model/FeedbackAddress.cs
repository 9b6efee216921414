namespace Postmaster.Web.Model;

/// <summary>
/// Where the reports of one claim go. It gets nothing but the confirmation mail until its link was used.
/// Naming another address or removing this one ends it at once.
/// </summary>
public sealed class FeedbackAddress
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid ClaimId { get; init; }
    public required string Address { get; init; }
    public required Guid RequestedBy { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }
    public DateTimeOffset? ConfirmedAt { get; set; }

    /// <summary>When it was replaced, removed or declined; null while it stands.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>When whoever holds the mailbox said "this was not me".</summary>
    public DateTimeOffset? DeclinedAt { get; set; }

    /// <summary>Which mailbox the confirmation mails go to; see <see cref="MailboxRate"/>.</summary>
    public required string RateKey { get; init; }

    /// <summary>Confirmation mails sent for this request, the last one at <see cref="LastMailAt"/>.</summary>
    public int MailsSent { get; set; }

    public DateTimeOffset? LastMailAt { get; set; }

    public bool TakesReports => ConfirmedAt is not null && EndedAt is null;
}
