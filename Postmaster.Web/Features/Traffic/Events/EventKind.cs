namespace Postmaster.Web.Features.Traffic.Events;

/// <summary>What happened to a message. On the wire the names stand in snake_case.</summary>
public enum EventKind : byte
{
    Delivered,
    Rejected,
    Deferred,
    Trap,

    // What a mailbox's user did later; such an event may carry only Message-ID and mailbox.
    Complaint,
    NotSpam,
    Read,
    DeletedRead,
    DeletedUnread,
    Unsubscribed,
}

/// <summary>Where a message was put.</summary>
public enum MailFolder : byte
{
    Inbox,
    Spam,
}

/// <summary>Why a message was refused.</summary>
public enum RejectReason : byte
{
    Other,
    UnknownUser,
    Spam,
    Policy,
    Dmarc,
    Rate,
    Reputation,
    Content,
    NoPtr,
}

/// <summary>A result of DKIM, SPF or DMARC in the words of RFC 8601 §2.7; <see cref="Unknown"/> when the event says nothing.</summary>
public enum AuthenticationWord : byte
{
    Unknown,
    None,
    Pass,
    Fail,
    SoftFail,
    Neutral,
    Policy,
    TempError,
    PermError,
}

/// <summary>A yes-or-no that a feeder may leave out.</summary>
public enum Answer : byte
{
    Unknown,
    No,
    Yes,
}
