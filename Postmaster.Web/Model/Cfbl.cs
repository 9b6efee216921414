using Postmaster.Fbl.Cfbl;

namespace Postmaster.Web.Model;

/// <summary>Where an invitation stood.</summary>
public enum CfblSource
{
    /// <summary>A CFBL-Address field of the message (RFC 9477).</summary>
    Field,

    /// <summary>A record beside the key of one of its signatures (DKIM-FBL).</summary>
    Record,
}

/// <summary>What became of an invitation.</summary>
public enum CfblFate
{
    /// <summary>Its complaint does not count yet, or never did.</summary>
    Open,
    Queued,

    /// <summary>The message's signatures do not carry it.</summary>
    NotQualified,

    /// <summary>The operator does not take invitations.</summary>
    Off,

    /// <summary>The sender's reputation is too low.</summary>
    LowReputation,

    /// <summary>Nothing is known of the sender, and the operator wants to know something first.</summary>
    UnknownReputation,

    /// <summary>A claim names the address: its report comes by the claim's way.</summary>
    ByClaim,

    /// <summary>The provider's own domain: a report could come back as a complaint.</summary>
    Ours,

    /// <summary>The message names more addresses than get a report, or this one twice.</summary>
    OneOfMany,

    /// <summary>Whoever reads the address wants no reports.</summary>
    Refused,
    Blocked,

    /// <summary>Reports to it came back.</summary>
    Paused,

    /// <summary>It was never confirmed and has had what such an address gets.</summary>
    AllowanceUsed,

    /// <summary>The most that one address, its domain or all together get in a day.</summary>
    AddressLimit,
    DomainLimit,
    DayLimit,
}

/// <summary>A place in a message, or in DNS beside its key, that asks for reports: one row each, judged when the complaint was read.</summary>
public sealed class CfblInvitation
{
    public required Guid KeptId { get; init; }

    /// <summary>Counts from 0 in the order in which they are looked at.</summary>
    public required int Number { get; init; }

    public required CfblSource Source { get; init; }

    /// <summary>Null when it could not be read, and once its reader has refused for ever.</summary>
    public string? Address { get; set; }

    /// <summary>Keyed hash of the mailbox; null when the address could not be read.</summary>
    public byte[]? AddressKey { get; init; }

    /// <summary>A-labels; empty when it could not be read.</summary>
    public required string AddressDomain { get; init; }

    public CfblReportFormat Format { get; init; }

    public required bool Qualifies { get; init; }

    /// <summary>Domains whose signatures make it qualify, space-separated; empty when it does not.</summary>
    public string By { get; init; } = "";

    /// <summary>The problem, or the case that it meets: one word for programs.</summary>
    public required string Code { get; init; }

    /// <summary>A sentence of ours.</summary>
    public required string Reason { get; init; }

    /// <summary>Such as <c>RFC 9477 §3.1.1</c>.</summary>
    public required string Section { get; init; }

    /// <summary>What is known of the sender when it was read; null: nothing.</summary>
    public ReputationLevel? Reputation { get; init; }

    public CfblFate Fate { get; set; }

    /// <summary>The report; null when none was made.</summary>
    public Guid? OutboxId { get; set; }

    public Guid? ContactId { get; set; }
}

/// <summary>An address that mail invited us to write to, with all that keeps the portal from flooding it. Case and <c>+detail</c> make no other address.</summary>
public sealed class CfblContact
{
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Keyed hash of the mailbox: all that is kept of one that refused.</summary>
    public required byte[] AddressKey { get; init; }

    /// <summary>As it was first named; null once its reader has refused.</summary>
    public string? Address { get; set; }

    /// <summary>The organizational domain where it can be told, else the domain: what the limit of a domain counts by. A-labels.</summary>
    public required string Domain { get; init; }

    public required DateTimeOffset FirstAt { get; init; }
    public DateTimeOffset LastAt { get; set; }

    /// <summary>The UTC day that <see cref="OnDay"/> counts.</summary>
    public DateOnly Day { get; set; }

    public int OnDay { get; set; }

    /// <summary>Reports queued for it, ever.</summary>
    public int Total { get; set; }

    public DateTimeOffset? ConfirmedAt { get; set; }
    public DateTimeOffset? RefusedAt { get; set; }

    /// <summary>By an operator.</summary>
    public DateTimeOffset? BlockedAt { get; set; }

    public DateTimeOffset? PausedAt { get; set; }

    /// <summary>One line, outside text.</summary>
    public string? PauseAnswer { get; set; }

    /// <summary>Reports that failed for good since it was last confirmed or let go on.</summary>
    public int Failures { get; set; }

    /// <summary>Counts a report.</summary>
    public void Count(DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        OnDay = Day == today ? OnDay + 1 : 1;
        Day = today;
        LastAt = now;
        Total++;
    }

    public int CountOn(DateOnly day) => Day == day ? OnDay : 0;

    /// <summary>Whoever reads it wants reports, for the first time or again after a pause.</summary>
    public void Confirm(DateTimeOffset now)
    {
        ConfirmedAt ??= now;
        Resume();
    }

    public void Resume()
    {
        PausedAt = null;
        PauseAnswer = null;
        Failures = 0;
    }

    /// <summary>For ever: no link and no operator takes it back.</summary>
    public void Refuse(DateTimeOffset now)
    {
        RefusedAt ??= now;
        Address = null;
    }
}
