namespace Postmaster.Web.Model;

public enum LinkPurpose
{
    OperatorSetup,

    /// <summary>A new account, or a forgotten password: whoever reads the mail chooses the password.</summary>
    ChoosePassword,
    ConfirmFeedbackAddress,
    AcceptInvitation,
    ConfirmDigest,
    JoinGroup,
}

/// <summary>A link that works once. Only a hash of its token is stored.</summary>
public sealed class OneTimeLink
{
    /// <summary>SHA-256 of the token, which holds 160 random bits: no salt is needed.</summary>
    public required byte[] TokenHash { get; init; }

    public required LinkPurpose Purpose { get; init; }

    /// <summary>The id of what the link acts on; empty for <see cref="LinkPurpose.OperatorSetup"/>.</summary>
    public required Guid Subject { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; set; }
}
