namespace Postmaster.Fbl.Bounces;

/// <summary>What a mail to an envelope sender is.</summary>
public enum BounceKind
{
    /// <summary>Not delivered, and it is no use to try again.</summary>
    Permanent,

    /// <summary>Not delivered, and given up for now; it may succeed another time.</summary>
    Temporary,

    /// <summary>Not delivered yet; the other side goes on trying.</summary>
    Delayed,

    /// <summary>Delivered, relayed or expanded (RFC 3464 §2.3.3): no failure at all.</summary>
    Delivered,

    /// <summary>A machine's answer, such as a vacation message (RFC 3834), a read receipt (RFC 8098) or mail of a list.</summary>
    AutoReply,

    /// <summary>Nothing says that a machine wrote it.</summary>
    Reply,

    /// <summary>A machine's mail that says nothing that can be read.</summary>
    Unclear,
}

/// <summary>How a bounce is written.</summary>
public enum BounceForm
{
    /// <summary>It is no bounce, or of no known form.</summary>
    None,

    /// <summary>RFC 3464 in a multipart/report.</summary>
    DeliveryStatus,

    Qmail,
    Exim,
    Postfix,
    Exchange,
    Sendmail,

    /// <summary>Some other program's words.</summary>
    Other,
}
