namespace Postmaster.Web.Model;

/// <summary>
/// The link in every report by which whoever reads it ends all reports to that mailbox, without signing in. It stays as long as reports may lie in the
/// mailbox; there is one a mailbox.
/// </summary>
public sealed class LeaveLink
{
    /// <summary>As <c>MailAddress.ToString()</c> writes it.</summary>
    public required string Address { get; init; }

    /// <summary>SHA-256 of the token, which holds 160 random bits: no salt is needed.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>The token itself, sealed: the next report carries it, too.</summary>
    public required byte[] SealedToken { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}
