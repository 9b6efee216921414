namespace Postmaster.Fbl.Dkim;

/// <summary>How a message is signed; the defaults are right for mail of our own.</summary>
public sealed record DkimSignerOptions
{
    public DkimCanonicalization HeaderCanonicalization { get; init; } = DkimCanonicalization.Relaxed;

    public DkimCanonicalization BodyCanonicalization { get; init; } = DkimCanonicalization.Relaxed;

    /// <summary>
    /// Fields that are covered and listed once more than they occur, so that none can be added (RFC 6376 §8.15); absent ones are listed, too.
    /// </summary>
    public IReadOnlyList<string> Oversigned { get; init; } =
    [
        "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted",
        "List-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID",
    ];

    /// <summary><c>x=</c> after <c>t=</c>; null for no end.</summary>
    public TimeSpan? ExpiresAfter { get; init; }

    /// <summary><c>i=</c>; null leaves it out, which means <c>@</c> and the signing domain.</summary>
    public string? Identity { get; init; }

    /// <summary>Replaces the whole of <c>h=</c>, for signatures such as others make; null for the rule of <see cref="Oversigned"/>.</summary>
    internal IReadOnlyList<string>? SignedFields { get; init; }

    /// <summary><c>l=</c>, which nobody should use (RFC 6376 §8.2); here to make signatures such as others make.</summary>
    internal long? BodyLength { get; init; }
}
