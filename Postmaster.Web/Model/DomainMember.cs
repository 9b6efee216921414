namespace Postmaster.Web.Model;

public enum MemberRole
{
    /// <summary>Sees the numbers and the reports.</summary>
    Reader,

    /// <summary>Also changes the feedback address, the members and the claim.</summary>
    Owner,
}

/// <summary>A person's right in one claim. Whoever made the claim is its first owner.</summary>
public sealed class DomainMember
{
    public required Guid ClaimId { get; init; }
    public required Guid UserId { get; init; }
    public required MemberRole Role { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>An invitation that waits for the person to follow the link in the mail; kept after its end, because invitations are counted.</summary>
public sealed class MemberInvitation
{
    public Guid Id { get; init; } = Guid.CreateVersion7();
    public required Guid ClaimId { get; init; }
    public required string Email { get; init; }
    public required MemberRole Role { get; init; }
    public required Guid InvitedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was accepted, revoked or replaced; null while it may be accepted.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Which mailbox the invitation mail goes to; see <see cref="MailboxRate"/>.</summary>
    public required string RateKey { get; init; }
}
