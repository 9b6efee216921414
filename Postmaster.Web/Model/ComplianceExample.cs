namespace Postmaster.Web.Model;

/// <summary>What a mailbox provider asks of senders. The numbers stand in the database: append, never renumber.</summary>
public enum Requirement : byte
{
    Spf = 0,
    Dkim = 1,
    SpfAndDkim = 2,
    DmarcPolicy = 3,
    Alignment = 4,
    Format = 5,
    ReverseDns = 6,
    Encryption = 7,
    ComplaintRate = 8,
    OneClick = 9,
    HonouredUnsubscribe = 10,
}

/// <summary>The first mail of a UTC day that did not keep to a requirement: one a domain, day and requirement, so that rows stay few.</summary>
public sealed class ComplianceExample
{
    public required int DomainId { get; init; }
    public required DateOnly Day { get; init; }
    public required Requirement Requirement { get; init; }
    public required DateTimeOffset Time { get; init; }

    /// <summary>From the mail, cut. Null: the feeder did not say.</summary>
    public string? MessageId { get; init; }

    /// <summary>Address of the client.</summary>
    public string? Ip { get; init; }

    /// <summary>What was found, such as <c>spf=softfail</c>.</summary>
    public required string Reason { get; init; }
}
