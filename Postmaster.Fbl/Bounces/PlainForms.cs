namespace Postmaster.Fbl.Bounces;

/// <summary>The words by which a program's bounces are known. All are compared without regard to case, at the start of a line.</summary>
/// <param name="Openings">One of these stands in the bounce.</param>
/// <param name="Ends">From here on stands the message that comes back; empty: never in the same part.</param>
internal sealed record PlainForm(BounceForm Form, string[] Openings, string[] Ends)
{
    /// <summary>In this order: the first that fits is it.</summary>
    public static readonly PlainForm[] All =
    [
        new(BounceForm.Qmail, ["Hi. This is the", "I'm afraid I wasn't able to deliver your message"], ["--- "]),
        new(BounceForm.Exim, ["This message was created automatically by mail delivery software"], ["------ This is a copy", "------ The body of the message", "Reporting-MTA:"]),
        new(BounceForm.Postfix, ["This is the mail system at host", "This is the Postfix program at host"], ["Content-Description:", "Reporting-MTA:", "--- "]),
        new(BounceForm.Exchange,
            [
                "Delivery has failed to these recipients", "Your message did not reach some or all of the intended recipients", "Your message couldn't be delivered",
                "Your message wasn't delivered", "The following recipient(s) could not be reached", "The following recipient(s) cannot be reached", "Your message to ",
                "did not reach the following recipient(s)",
            ],
            ["Original message headers:", "Received: "]),
        new(BounceForm.Sendmail,
            [
                "----- The following addresses had permanent", "----- The following addresses had transient", "----- The following addresses had delivery problems",
                "----- Transcript of session follows", "The original message was received at",
            ],
            ["----- Original message follows", "----- Message header follows", "----- Unsent message follows"]),
        new(BounceForm.Other,
            [
                "Delivery to the following recipient", "This is an automatically generated Delivery Status Notification", "Your message could not be delivered", "Your mail could not be delivered",
                "Undeliverable", "Message could not be delivered", "The following message could not be delivered", "The following addresses failed", "Your message was not delivered",
                "Sorry, we were unable to deliver your message",
            ],
            ["----- Original message", "--- Original message", "--- Below this line", "Received: "]),
    ];

    /// <summary>The other side goes on trying.</summary>
    public static readonly string[] StillTried =
    [
        "has not yet been delivered", "this is a warning only", "you do not need to resend", "no action is required on your part", "delivery attempts will continue", "will be retried",
        "will keep trying", "could not be delivered for more than", "delivery is delayed", "has been delayed", "will continue to try",
    ];

    /// <summary>It was given up for lack of time or room, not because the address is wrong.</summary>
    public static readonly string[] GivenUpForNow =
    [
        "in the queue too long", "retry timeout exceeded", "retry time not reached", "delivery temporarily suspended", "mailbox is full", "mailbox full", "over quota", "quota exceeded",
        "exceeded the size limit", "connection timed out", "wasn't able to establish an smtp connection", "couldn't find any host", "message expired", "delivery time expired", "too many hops",
    ];

    /// <summary>What a program says when it has given up for good.</summary>
    public static readonly string[] GivenUp =
    [
        "permanent error", "permanent fatal error", "given up", "giving up", "failed permanently", "could not be delivered", "couldn't be delivered", "wasn't delivered", "was not delivered", "user unknown",
        "unknown user", "no such user", "no mailbox here", "mailbox unavailable", "does not exist", "couldn't be found", "could not be found", "delivery has failed", "did not reach", "could not be reached",
        "permanent failure", "unrouteable address", "unroutable address", "undeliverable", "not found", "the following addresses failed", "wasn't able to deliver",
    ];
}
