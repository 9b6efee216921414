namespace Postmaster.Web.Model;

/// <summary>A domain whose mail is counted: claimed or not.</summary>
public sealed class MailDomain
{
    public int Id { get; init; }

    /// <summary>A-labels, lower case. Empty: all domains beyond the limit together.</summary>
    public required string Name { get; init; }

    public required DateOnly FirstDay { get; init; }

    /// <summary>The last UTC day with an event.</summary>
    public required DateOnly LastDay { get; set; }
}

/// <summary>By what a domain's mail is told apart. The numbers stand in the database: append, never renumber.</summary>
public enum StreamKind : byte
{
    /// <summary>All mail that is authenticated as the domain; the value is empty.</summary>
    Whole = 0,

    /// <summary>Mail whose author domain it is, without any authentication for it; the value is empty. Never part of its reputation.</summary>
    Unauthenticated = 1,

    /// <summary>RFC 2919.</summary>
    ListId = 2,

    /// <summary>The last of the four fields of Feedback-ID, and the three before it from the left.</summary>
    FeedbackSender = 3,
    Feedback1 = 4,
    Feedback2 = 5,
    Feedback3 = 6,

    /// <summary><c>X-Postmaster-Msgtype</c>, else <c>X-Mailru-Msgtype</c>.</summary>
    MessageType = 7,

    /// <summary>Of the passing signature.</summary>
    Selector = 8,

    EnvelopeDomain = 9,

    /// <summary>Address of the client.</summary>
    Ip = 10,

    /// <summary>The client's /24 (IPv4) or /64 (IPv6).</summary>
    Network = 11,
}

/// <summary>What a stream is for; it decides how much each signal weighs.</summary>
public enum MailType : byte
{
    Unknown = 0,
    Marketing = 1,
    Transactional = 2,

    /// <summary>Social notifications.</summary>
    Social = 3,

    /// <summary>Invitations and reminders.</summary>
    Invitation = 4,

    /// <summary>Discussion lists and groups.</summary>
    List = 5,

    Personal = 6,
}

/// <summary>A part of a domain's mail, or the whole of it. Its counters are in cells.</summary>
public sealed class MailStream
{
    public int Id { get; init; }
    public required int DomainId { get; init; }
    public required StreamKind Kind { get; init; }

    /// <summary>The value that its messages share. Empty for the kinds without values; <see cref="Other"/> for all values beyond the limit.</summary>
    public required string Value { get; init; }

    /// <summary>What the owner says it is.</summary>
    public MailType OwnerType { get; set; }

    /// <summary>What the operator says it is: wins when it is not <see cref="MailType.Unknown"/>.</summary>
    public MailType OperatorType { get; set; }

    /// <summary>The owner's name for it; null: its value.</summary>
    public string? Title { get; set; }

    public required DateOnly FirstDay { get; init; }

    /// <summary>The last UTC day with an event.</summary>
    public required DateOnly LastDay { get; set; }

    /// <summary>The value under which streams beyond the limit are counted together. No field can have it.</summary>
    public const string Other = "\u0001other";

    public MailType Type => OperatorType != MailType.Unknown ? OperatorType : OwnerType;
}
