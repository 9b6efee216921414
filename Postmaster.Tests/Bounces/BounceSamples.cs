namespace Postmaster.Tests.Bounces;

/// <summary>Bounces as programs write them, made up for these tests. CRLF; <see cref="Id"/> is the message that comes back, <see cref="Rcpt"/> its recipient.</summary>
internal static class BounceSamples
{
    public const string Id = "0190abcd@fbl.provider.example";
    public const string Rcpt = "fbl@owner.example";

    private const string Original = "From: Spam complaints <fbl@fbl.provider.example>\r\nTo: <fbl@owner.example>\r\nSubject: FW: Offer\r\nMessage-ID:\r\n <0190abcd@fbl.provider.example>\r\n";

    public const string Qmail = "From: MAILER-DAEMON@mx.owner.example\r\nTo: fbl-bounce+x@fbl.provider.example\r\nSubject: failure notice\r\n\r\n"
        + "Hi. This is the qmail-send program at mx.owner.example.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
        + "<fbl@owner.example>:\r\n192.0.2.25 does not like recipient.\r\nRemote host said: 550 5.1.1 unknown here\r\nGiving up on 192.0.2.25.\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n"
        + "Return-Path: <fbl-bounce+x@fbl.provider.example>\r\n" + Original + "\r\nbody\r\n";

    public const string QmailTooLong = "From: MAILER-DAEMON@mx.owner.example\r\nSubject: failure notice\r\n\r\nHi. This is the qmail-send program at mx.owner.example.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\n"
        + "This is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n<fbl@owner.example>:\r\nSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\r\n"
        + "I'm not going to try again; this message has been in the queue too long.\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n" + Original + "\r\nbody\r\n";

    public const string Exim = "From: Mail Delivery System <Mailer-Daemon@mx.owner.example>\r\nAuto-Submitted: auto-replied\r\nX-Failed-Recipients: fbl@owner.example\r\nSubject: Mail delivery failed: returning message to sender\r\n\r\n"
        + "This message was created automatically by mail delivery software.\r\n\r\nA message that you sent could not be delivered to one or more of its\r\nrecipients. This is a permanent error. The following address(es) failed:\r\n\r\n"
        + "  fbl@owner.example\r\n    host mx.owner.example [192.0.2.25]\r\n    SMTP error from remote mail server after RCPT TO:<fbl@owner.example>:\r\n    550 5.1.1 <fbl@owner.example>: no such person\r\n\r\n"
        + "------ This is a copy of the message, including all the headers. ------\r\n\r\n" + Original + "\r\nbody\r\n";

    public const string EximDelay = "From: Mail Delivery System <Mailer-Daemon@mx.owner.example>\r\nAuto-Submitted: auto-replied\r\nSubject: Warning: message delayed 24 hours\r\n\r\n"
        + "This message was created automatically by mail delivery software.\r\nA message that you sent has not yet been delivered to one or more of its\r\nrecipients after more than 24 hours on the queue on mx.owner.example.\r\n\r\n"
        + "The address to which the message has not yet been delivered is:\r\n\r\n  fbl@owner.example\r\n    Delay reason: host mx.owner.example [192.0.2.25]: 451 4.7.1 later\r\n\r\nNo action is required on your part.\r\n";

    public const string Postfix = "From: MAILER-DAEMON@mx.owner.example (Mail Delivery System)\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n\r\n"
        + "This is the mail system at host mx.owner.example.\r\n\r\nI'm sorry to have to inform you that your message could not\r\nbe delivered to one or more recipients. It's attached below.\r\n\r\nFor further assistance, please send mail to postmaster.\r\n\r\n"
        + "                   The mail system\r\n\r\n<fbl@owner.example>: host store.owner.example[192.0.2.26] said: 550 5.1.1\r\n    <fbl@owner.example>: Recipient address rejected: User unknown (in reply to\r\n    RCPT TO command)\r\n";

    public const string Exchange = "From: Microsoft Outlook <MicrosoftExchange329e71ec@owner.example>\r\nSubject: Undeliverable: FW: Offer\r\n\r\nDelivery has failed to these recipients or groups:\r\n\r\nFeedback loop (fbl@owner.example)<mailto:fbl@owner.example>\r\n"
        + "The e-mail address you entered couldn't be found. Please check the address.\r\n\r\nDiagnostic information for administrators:\r\n\r\nGenerating server: owner.example\r\n\r\nfbl@owner.example\r\n"
        + "Remote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'\r\n\r\nOriginal message headers:\r\n\r\nReceived: from mx.provider.example\r\n" + Original;

    public const string ExchangeOld = "From: System Administrator <postmaster@owner.example>\r\nSubject: Undeliverable: FW: Offer\r\n\r\nYour message did not reach some or all of the intended recipients.\r\n\r\n      Subject:  FW: Offer\r\n      Sent:     1/2/2026 10:00 AM\r\n\r\n"
        + "The following recipient(s) could not be reached:\r\n\r\n      fbl@owner.example on 1/2/2026 10:00 AM\r\n            The e-mail account does not exist at the organization this message was sent to.\r\n            <mx.owner.example #5.1.1 smtp;550 5.1.1 unknown>\r\n";

    public const string Sendmail = "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.owner.example>\r\nSubject: Returned mail: see transcript for details\r\n\r\nThe original message was received at Fri, 2 Jan 2026 10:00:00 GMT\r\nfrom mx.provider.example [198.51.100.9]\r\n\r\n"
        + "   ----- The following addresses had permanent fatal errors -----\r\n<fbl@owner.example>\r\n    (reason: 550 5.1.1 <fbl@owner.example>... User unknown)\r\n\r\n   ----- Transcript of session follows -----\r\n"
        + "... while talking to mx2.owner.example.:\r\n>>> RCPT To:<fbl@owner.example>\r\n<<< 550 5.1.1 <fbl@owner.example>... User unknown\r\n550 5.1.1 <fbl@owner.example>... User unknown\r\n";

    public const string Vacation = "From: Ann <fbl@owner.example>\r\nTo: fbl-bounce+x@fbl.provider.example\r\nSubject: Automatic reply: FW: Offer\r\nAuto-Submitted: auto-replied\r\n\r\nI am away. Your message could wait until 2 February.\r\n";

    public const string Person = "From: Ann <ann@owner.example>\r\nTo: fbl@fbl.provider.example\r\nSubject: Re: FW: Offer\r\nIn-Reply-To: <0190abcd@fbl.provider.example>\r\nAuto-Submitted: no\r\n\r\nWho are you, please?\r\n> This message was created automatically by mail delivery software.\r\n";

    /// <summary>A delivery status of the usual shape.</summary>
    public static string Dsn(string action = "failed", string status = "5.1.1", string? diagnostic = "smtp; 550 5.1.1 <fbl@owner.example>: no such user", string rcpt = Rcpt, string? id = Id) =>
        "From: MAILER-DAEMON@mx.owner.example\r\nSubject: Delivery report\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n"
        + "--b\r\nContent-Type: text/plain\r\n\r\nIt went wrong.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.owner.example\r\nArrival-Date: Fri, 2 Jan 2026 10:00:00 +0000\r\n\r\n"
        + $"Original-Recipient: rfc822;{rcpt}\r\nFinal-Recipient: RFC822; {rcpt}\r\nAction: {action}\r\nStatus: {status}\r\nRemote-MTA: dns; store.owner.example\r\n"
        + (diagnostic is null ? "" : $"Diagnostic-Code: {diagnostic}\r\n") + "\r\n"
        + (id is null ? "" : $"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: <fbl@fbl.provider.example>\r\nMessage-ID: <{id}>\r\n\r\n") + "--b--\r\n";

    public static IReadOnlyList<string> All => [Dsn(), Qmail, QmailTooLong, Exim, EximDelay, Postfix, Exchange, ExchangeOld, Sendmail, Vacation, Person];
}
