namespace Postmaster.Web.Model;

/// <summary>What is known of an account's right to speak for a domain.</summary>
public enum ClaimState
{
    /// <summary>The TXT record was never seen.</summary>
    Pending,

    /// <summary>The TXT record was there at the last conclusive look.</summary>
    Proved,

    /// <summary>The TXT record has gone; the owner is told, nothing else changes until the grace period ends.</summary>
    Warned,

    /// <summary>The TXT record stayed away for longer than the grace period: no data, no reports.</summary>
    Suspended,
}

/// <summary>What one look at DNS said about a claim.</summary>
/// <param name="Outcome">Whether the record was found, is absent, or DNS gave no usable answer.</param>
/// <param name="Answer">One sentence for the page, such as "NXDOMAIN from 192.0.2.53".</param>
/// <param name="CoveredBy">The proved parent domain of the same account that stands in for a record of its own; null otherwise.</param>
public sealed record ClaimObservation(ClaimOutcome Outcome, string Answer, string? CoveredBy = null);

public enum ClaimOutcome
{
    Found,
    Absent,

    /// <summary>SERVFAIL, time-out: says nothing about the record, so nothing is held against the owner.</summary>
    Inconclusive,
}

/// <summary>
/// One account's claim to one domain, proved by a TXT record that has to stay.
/// A removed claim keeps its row, because addresses and deliveries refer to it, but no query finds it: its members are deleted,
/// its invitations and its feedback address ended. Adding the domain again makes a new claim with a new token.
/// </summary>
public sealed class DomainClaim
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>The account that made the claim, or that it was handed to; always a member with the role of an owner.</summary>
    public required Guid OwnerId { get; set; }

    /// <summary>A-labels, lower case, no trailing dot.</summary>
    public required string Domain { get; init; }

    /// <summary>160 random bits in lower-case base32; published in DNS by the owner, so not a secret.</summary>
    public required string Token { get; init; }

    public ClaimState State { get; private set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ProvedAt { get; private set; }
    public DateTimeOffset? LastCheckAt { get; private set; }

    /// <summary>When the record was last seen.</summary>
    public DateTimeOffset? LastSeenAt { get; private set; }

    /// <summary>When the record was first found missing after it had been there; null while it is there.</summary>
    public DateTimeOffset? LostAt { get; private set; }

    /// <summary>When the schedule looks at DNS again; null: never, because the record did not come for a month.</summary>
    public required DateTimeOffset? NextCheckAt { get; set; }

    /// <summary>When somebody last pressed "check now".</summary>
    public DateTimeOffset? CheckRequestedAt { get; set; }

    public string? LastAnswer { get; private set; }

    /// <summary>The proved parent domain of the same account that stands in for a record of its own; null when it has its own.</summary>
    public string? CoveredBy { get; private set; }

    public DateTimeOffset? RemovedAt { get; private set; }

    /// <summary>Grows with every look and change: of two processes that saw the same state, one can write.</summary>
    public int Revision { get; private set; }

    /// <summary>Whether the account may see the domain's data and get its reports now.</summary>
    public bool IsInForce => State is ClaimState.Proved or ClaimState.Warned;

    /// <summary>Ends the claim for good.</summary>
    public void Remove(DateTimeOffset now)
    {
        RemovedAt = now;
        NextCheckAt = null;
        Revision++;
    }

    /// <summary>Takes in what DNS said; returns the state before, so that the caller can tell the owner of a change.</summary>
    public ClaimState Observe(ClaimObservation seen, DateTimeOffset now, TimeSpan grace)
    {
        ClaimState before = State;
        Revision++;
        LastCheckAt = now;
        LastAnswer = seen.Answer;
        switch (seen.Outcome)
        {
            case ClaimOutcome.Found:
                State = ClaimState.Proved;
                CoveredBy = seen.CoveredBy;
                ProvedAt ??= now;
                LastSeenAt = now;
                LostAt = null;
                break;
            case ClaimOutcome.Absent when State is ClaimState.Proved or ClaimState.Warned:
                LostAt ??= now;
                // A parent domain had its own grace before it stopped covering this name.
                State = CoveredBy is not null || now - LostAt >= grace ? ClaimState.Suspended : ClaimState.Warned;
                break;
            case ClaimOutcome.Inconclusive when State is ClaimState.Warned && now - LostAt >= grace:
                // The record was missing before DNS stopped answering: the grace period goes on.
                State = ClaimState.Suspended;
                break;
        }

        return before;
    }
}
