namespace Postmaster.Web.Model;

/// <summary>What DNS said of a claimed domain when it was last looked at, so that its pages need not wait for DNS.</summary>
public sealed class DomainCheck
{
    /// <summary>A-labels.</summary>
    public required string Domain { get; init; }

    public required DateTimeOffset CheckedAt { get; set; }

    /// <summary>JSON that Features/Traffic/Compliance writes and reads.</summary>
    public required string Findings { get; set; }
}
