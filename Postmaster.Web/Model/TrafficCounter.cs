namespace Postmaster.Web.Model;

/// <summary>
/// What is counted of a stream in a period. Each value is a column of the same name in <c>TrafficDays</c> and <c>TrafficHours</c>:
/// a new one needs a migration, an old one is never renumbered. A message to several recipients counts once a recipient.
/// </summary>
public enum TrafficCounter
{
    /// <summary>Put into the inbox or another folder that is not junk.</summary>
    DeliveredInbox,

    DeliveredSpam,
    RejectedUnknownUser,
    RejectedSpam,
    RejectedPolicy,
    RejectedDmarc,
    RejectedRate,
    RejectedReputation,
    RejectedContent,
    RejectedNoPtr,
    RejectedOther,

    /// <summary>Answered with a 4yz reply; the sender tries again, so a message can count here and under another counter later.</summary>
    Deferred,

    /// <summary>Sent to an address that no person ever gave to anybody.</summary>
    Trap,

    Complaint,

    /// <summary>"Not spam" presses.</summary>
    NotSpam,

    Read,
    DeletedRead,
    DeletedUnread,
    Unsubscribed,

    /// <summary>Octets of what was delivered, as far as the feeder says.</summary>
    Octets,

    /// <summary>Messages of which the DKIM results are known: the denominator of <see cref="DkimPass"/>; likewise below.</summary>
    DkimKnown,

    /// <summary>At least one signature passed.</summary>
    DkimPass,

    /// <summary>A passing signature whose domain is aligned with the author domain (RFC 9989).</summary>
    DkimAligned,

    SpfKnown,
    SpfPass,
    SpfAligned,
    DmarcKnown,
    DmarcPass,
    TlsKnown,
    Tls,

    /// <summary>Messages of which the feeder says whether their format obeys RFC 5322.</summary>
    FormatKnown,
    FormatBad,

    /// <summary>Messages of which the feeder says whether the client's reverse name leads back to it.</summary>
    ReverseKnown,
    ReverseBad,

    /// <summary>Messages of which the feeder says whether they can be unsubscribed from by one click (RFC 8058).</summary>
    OneClickKnown,
    OneClick,

    /// <summary>Invitations beyond the second to one recipient.</summary>
    InvitationOver,

    /// <summary>Reminders less than two weeks after the one before.</summary>
    ReminderClose,

    /// <summary>Reminders more than three months after the first mail of their stream.</summary>
    ReminderLate,

    /// <summary>Messages to somebody who complained or unsubscribed more than 48 hours before.</summary>
    MailAfterLeaving,

    /// <summary>People who complained or unsubscribed: the denominator of <see cref="LeftAndMailedAgain"/>.</summary>
    Left,

    /// <summary>Of them, people who got mail again more than 48 hours later; each counts once, on the day of that mail.</summary>
    LeftAndMailedAgain,

    /// <summary>Messages of which the results of both SPF and DKIM are known.</summary>
    BothKnown,

    /// <summary>Both passed.</summary>
    BothPass,

    /// <summary>
    /// Invitations and reminders to a recipient that is known: the denominator of <see cref="InvitationOver"/>, <see cref="ReminderClose"/> and
    /// <see cref="ReminderLate"/>.
    /// </summary>
    Invitation,

    /// <summary>Deliveries that are remembered with their recipient: where there are none, nothing is known of manners.</summary>
    Followed,

    /// <summary>Of <see cref="Complaint"/>, those that count in part: see <see cref="PartReason"/>.</summary>
    ComplaintInPart,
}
