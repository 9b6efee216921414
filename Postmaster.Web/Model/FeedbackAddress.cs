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

    /// <summary>When it was replaced or removed; null while it stands.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    public bool TakesReports => ConfirmedAt is not null && EndedAt is null;
}
