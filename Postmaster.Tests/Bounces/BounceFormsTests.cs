using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Bounces;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Bounces;

/// <summary>
/// What mail systems and machines send back, each in a form of its own, from the LMTP door of the running product to the row of its report: what is a bounce, what
/// may pass, what is only late, what a machine says, and what a person writes. {to} is the recipient, {id} the report's Message-ID. Made up for these tests.
/// </summary>
public sealed class BounceFormsTests
{
    private const string Address = BounceSamples.Rcpt, Operator = "desk@provider.example", Person = "ann@owner.example";

    /// <summary>A delivery status with a text before it and the header of the report behind it.</summary>
    private static string Status(string from, string subject, string text, string fields, string original = "text/rfc822-headers", string more = "") =>
        $"From: {from}\r\nTo: <bounce@fbl.provider.example>\r\nSubject: {subject}\r\n{more}MIME-Version: 1.0\r\nContent-Type: multipart/report; boundary=\"==x==\"; report-type=\"delivery-status\"\r\n\r\n"
        + $"preamble\r\n--==x==\r\n{text}\r\n--==x==\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.owner.example\r\n\r\n{fields}\r\n--==x==\r\nContent-Type: {original}\r\n\r\n"
        + "From: Spam complaints <fbl@fbl.provider.example>\r\nTo: <{to}>\r\nSubject: FW: Offer\r\nMessage-ID: <{id}>\r\n\r\n--==x==--\r\n";

    private const string Words = "Content-Type: text/plain; charset=utf-8\r\n\r\nIt could not be delivered.", Original = "Return-Path: <x>\r\nFrom: fbl@fbl.provider.example\r\nMessage-ID: <{id}>\r\nSubject: FW: Offer\r\n\r\nA user complained.\r\n";

    /// <summary>Bounces that end the report.</summary>
    public static TheoryData<string, string> Hard => new()
    {
        { "Gmail", Status("Mail Delivery Subsystem <mailer-daemon@googlemail.example>", "Delivery Status Notification (Failure)",
            "Content-Type: multipart/related; boundary=\"in\"\r\n\r\n--in\r\nContent-Type: multipart/alternative; boundary=\"alt\"\r\n\r\n--alt\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\n\r\n** Address not found **\r\n\r\nYour message wasn't delivered to {to}.\r\n--alt\r\nContent-Type: text/html\r\n\r\n<p>Address not found</p>\r\n--alt--\r\n--in--",
            "Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.owner.example. (192.0.2.1, the server for the domain.)\r\nDiagnostic-Code: smtp; 550-5.1.1 The account that you tried to reach does not exist.\r\n 550 5.1.1 Try another\r\nLast-Attempt-Date: Fri, 02 Jan 2026 10:00:00 -0800 (PST)", "message/rfc822", "X-Failed-Recipients: {to}\r\nAuto-Submitted: auto-replied\r\n") },
        { "Exchange Online", Status("postmaster@owner.example", "Undeliverable: FW: Offer", "Content-Type: text/html; charset=us-ascii\r\n\r\n<html><body>Your message couldn't be delivered</body></html>",
            "Original-Recipient: rfc822;{to}\r\nFinal-Recipient: rfc822;{to}\r\nAction: failed\r\nStatus: 5.1.10\r\nDiagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP lookup\r\nX-Display-Name: Feedback", "message/rfc822") },
        { "Postfix", Status("MAILER-DAEMON@mx.owner.example (Mail Delivery System)", "Undelivered Mail Returned to Sender", Words,
            "X-Postfix-Queue-ID: 4A0B\r\nX-Postfix-Sender: rfc822; x@fbl.provider.example\r\n\r\nFinal-Recipient: rfc822; {to}\r\nOriginal-Recipient: rfc822;{to}\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: X-Postfix; unknown user: \"fbl\"", "message/rfc822") },
        { "sendmail", Status("Mail Delivery Subsystem <MAILER-DAEMON>", "Returned mail: see transcript for details", Words, "Final-Recipient: RFC822; <{to}>\r\nAction: failed (permanent)\r\nStatus: 5.1.1 (bad destination)\r\nDiagnostic-Code: SMTP; 550 5.1.1 User unknown", "message/rfc822") },
        { "Courier", Status("\"Courier mail server at owner.example\" <@>", "NOTICE: mail delivery status.", Words, "Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.0.0\r\nDiagnostic-Code: unknown; This account is disabled.") },
        { "a status in UTF-8", Status("MAILER-DAEMON@mx.owner.example", "Undelivered", Words, "Final-Recipient: utf-8; {to}\r\nAction: failed\r\nStatus: 5.1.1").Replace("message/delivery-status", "message/global-delivery-status", StringComparison.Ordinal) },
        { "a forwarded recipient", Status("MAILER-DAEMON@mx.far.example", "Undelivered", Words, "Final-Recipient: rfc822; somebody@far.example\r\nAction: failed\r\nStatus: 5.1.1") },
        { "qmail", "From: MAILER-DAEMON@owner.example\r\nSubject: failure notice\r\n\r\nHi. This is the qmail-send program at owner.example.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n<{to}>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n" + Original },
        { "Exim", "From: Mail Delivery System <Mailer-Daemon@mx.owner.example>\r\nX-Failed-Recipients: {to}\r\nAuto-Submitted: auto-replied\r\nSubject: Mail delivery failed: returning message to sender\r\n\r\nThis message was created automatically by mail delivery software.\r\n\r\nA message that you sent could not be delivered to one or more of its\r\nrecipients. This is a permanent error. The following address(es) failed:\r\n\r\n  {to}\r\n    Unrouteable address\r\n\r\n------ This is a copy of the message, including all the headers. ------\r\n\r\n" + Original },
        { "Exchange of old", "From: System Administrator\r\nSubject: Undeliverable: FW: Offer\r\nContent-Type: multipart/mixed; boundary=\"m\"\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\nYour message\r\n\r\n  To:      {to}\r\n  Subject: FW: Offer\r\n\r\ndid not reach the following recipient(s):\r\n\r\n{to} on Fri, 2 Jan 2026 10:00:00 +0000\r\n    The recipient name is not recognized\r\n    The MTS-ID of the original message is: c=US;a= ;p=X;l=Y\r\n    MSEXCH:IMS:X:Y:Z 0 (000C05A6) Unknown Recipient\r\n--m--\r\n" },
        { "Yahoo", "From: MAILER-DAEMON@yahoo.example\r\nSubject: Failure Notice\r\n\r\nSorry, we were unable to deliver your message to the following address.\r\n\r\n<{to}>:\r\nRemote host said:\r\n554 delivery error: dd This user doesn't have an account ({to}) [-5]\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n" + Original },
        { "Domino", "From: Mail Router <postmaster@owner.example>\r\nSubject: DELIVERY FAILURE: User fbl (fbl@owner.example) not listed in Domino Directory\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"d\"\r\n\r\n--d\r\nContent-Type: text/plain\r\n\r\nYour message\r\n\r\n  Subject: FW: Offer\r\n\r\nwas not delivered to:\r\n\r\n  {to}\r\n\r\nbecause:\r\n\r\n  User fbl not listed in Domino Directory\r\n--d\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;mx.owner.example\r\n\r\nFinal-Recipient: rfc822;{to}\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: X-Notes; User fbl not listed in Domino Directory\r\n--d--\r\n" },
    };

    /// <summary>Bounces after which the report is sent again.</summary>
    public static TheoryData<string, string> Soft => new()
    {
        { "a full mailbox", Status("MAILER-DAEMON@mx.owner.example", "Undelivered Mail", Words, "Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 5.2.2 Over quota") },
        { "given up after days", Status("MAILER-DAEMON@mx.owner.example", "Undelivered Mail", Words, "Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: 4.4.1\r\nDiagnostic-Code: X-Postfix; connect to mx.owner.example[192.0.2.1]:25: Connection timed out") },
        { "qmail too long", "From: MAILER-DAEMON@owner.example\r\nSubject: failure notice\r\n\r\nHi. This is the qmail-send program at owner.example.\r\nI'm afraid I wasn't able to deliver your message to the following addresses.\r\n\r\n<{to}>:\r\nCNAME lookup failed temporarily. (#4.4.3)\r\nI'm not going to try again; this message has been in the queue too long.\r\n\r\n--- Below this line is a copy of the message.\r\n\r\n" + Original },
    };

    /// <summary>Told to be late.</summary>
    public static TheoryData<string, string> Late => new()
    {
        { "Gmail delayed", Status("Mail Delivery Subsystem <mailer-daemon@googlemail.example>", "Delivery Status Notification (Delay)", Words, "Final-Recipient: rfc822; {to}\r\nAction: delayed\r\nStatus: 4.4.1\r\nWill-Retry-Until: Sun, 04 Jan 2026 10:00:00 -0800 (PST)", "message/rfc822", "Auto-Submitted: auto-replied\r\n") },
        { "sendmail warning", "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.owner.example>\r\nSubject: Warning: could not send message for past 4 hours\r\nAuto-Submitted: auto-generated (warning-timeout)\r\n\r\n    **********************************************\r\n    **      THIS IS A WARNING MESSAGE ONLY      **\r\n    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\r\n    **********************************************\r\n\r\nThe original message was received at Fri, 2 Jan 2026 10:00:00 GMT\r\nfrom mx [192.0.2.2]\r\n\r\n   ----- Transcript of session follows -----\r\n451 {to}: mx.owner.example: Name server timeout\r\nWarning: message still undelivered after 4 hours\r\nWill keep trying until message is 5 days old\r\n" },
        { "relayed onwards", Status("MAILER-DAEMON@mx.owner.example", "Successful Mail Delivery Report", Words, "Final-Recipient: rfc822; {to}\r\nAction: relayed\r\nStatus: 2.0.0") },
    };

    /// <summary>Neither a bounce nor a person. The second is the envelope sender.</summary>
    public static TheoryData<string, string, string> Machines => new()
    {
        { "Outlook away", "", "From: Ann <fbl@owner.example>\r\nSubject: Automatic reply: FW: Offer\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n\r\nI am away. Your message wasn't delivered to my team.\r\n" },
        { "an answer with its own envelope", Person, "From: Ann <ann@owner.example>\r\nSubject: Re: FW: Offer\r\nAuto-Submitted: auto-replied (vacation)\r\n\r\nI am away until Monday.\r\n" },
        { "an old vacation program", Person, "From: Ann <ann@owner.example>\r\nSubject: away from my mail\r\nPrecedence: junk\r\n\r\nI will not be reading my mail for a while.\r\n" },
        { "an answer known by its subject", Person, "From: Ann <ann@owner.example>\r\nSubject: Out of Office: FW: Offer\r\n\r\nBack on Monday.\r\n" },
        { "an answer that says who suppresses answers", Person, "From: Ann <ann@owner.example>\r\nSubject: Re: FW: Offer\r\nX-Auto-Response-Suppress: All\r\nX-MS-Exchange-Inbox-Rules-Loop: ann@owner.example\r\n\r\nBack on Monday.\r\n" },
        { "a challenge", Person, "From: Ann <ann@owner.example>\r\nSubject: Please confirm your message\r\nAuto-Submitted: auto-replied\r\nReply-To: ann-confirm-1@owner.example\r\n\r\nThis message was created automatically by mail delivery software (TMDA).\r\nYour message has been quarantined. Reply to confirm.\r\n" },
        { "a challenge without marks", "", "From: Ann <ann@owner.example>\r\nSubject: Your email requires verification verify#x1\r\n\r\nThe message you sent requires that you verify that you are a real live human being.\r\n" },
        { "a receipt", Person, "From: Ann <ann@owner.example>\r\nSubject: Read: FW: Offer\r\nContent-Type: multipart/report; report-type=disposition-notification; boundary=\"r\"\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\nIt was displayed.\r\n--r\r\nContent-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822;{to}\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n--r--\r\n" },
        { "a ticket system", Person, "From: Support <help@owner.example>\r\nSubject: [#4711] FW: Offer\r\nPrecedence: bulk\r\nX-Autoreply: yes\r\n\r\nWe have received your request.\r\n" },
    };

    [Theory]
    [MemberData(nameof(Hard))]
    public Task A_bounce_ends_the_report(string form, string mail) => TryAsync(form, mail, "", BounceKind.Permanent, OutboxState.Failed);

    [Theory]
    [MemberData(nameof(Soft))]
    public Task What_may_pass_is_sent_again(string form, string mail) => TryAsync(form, mail, "", BounceKind.Temporary, OutboxState.Queued);

    [Theory]
    [MemberData(nameof(Late))]
    public Task What_is_late_or_delivered_is_no_bounce(string form, string mail) => TryAsync(form, mail, "", null, OutboxState.Sent);

    [Theory]
    [MemberData(nameof(Machines))]
    public Task Answers_of_machines_change_nothing_and_go_on_to_nobody(string form, string reversePath, string mail) => TryAsync(form, mail, reversePath, null, OutboxState.Sent);

    [Fact]
    public async Task A_person_s_answer_goes_to_the_operator_even_when_it_quotes_a_bounce()
    {
        string mail = "From: Ann <ann@owner.example>\r\nSubject: Re: FW: Offer\r\nIn-Reply-To: <{id}>\r\n\r\nPlease stop. It says:\r\n> Undeliverable: {to}\r\n> 550 5.1.1 user unknown\r\n";
        (ScriptedSmtpPeer relay, PostmasterApp app, Bounce row) = await RunAsync("a person", mail, Person, BounceKind.Reply, OutboxState.Sent);
        await using ScriptedSmtpPeer _ = relay;
        await using PostmasterApp __ = app;
        Assert.False(row.Counts);
        await PressKit.EventuallyAsync(() => Task.FromResult(relay.Messages.Any(m => m.Recipients.Any(r => r.Contains(Operator, StringComparison.Ordinal)))), () => "the operator did not get it");
    }

    private static async Task TryAsync(string form, string mail, string reversePath, BounceKind? kind, OutboxState state)
    {
        (ScriptedSmtpPeer relay, PostmasterApp app, Bounce row) = await RunAsync(form, mail, reversePath, kind, state);
        await app.DisposeAsync();
        await relay.DisposeAsync();
        Assert.Equal(kind is BounceKind.Permanent, row.Counts);
    }

    private static async Task<(ScriptedSmtpPeer, PostmasterApp, Bounce)> RunAsync(string form, string mail, string reversePath, BounceKind? kind, OutboxState state)
    {
        ScriptedSmtpPeer relay = ScriptedSmtpPeer.Accepting();
        PostmasterApp app = await PostmasterApp.StartAsync(PressKit.Settings(
            ("Relay:Kind", "smtp"), ("Relay:Host", ScriptedSmtpPeer.Host), ("Relay:Port", relay.Port.ToString(CultureInfo.InvariantCulture)), ("Relay:Tls", "None"), ("Relay:Connections", "1"),
            ("Provider:OperatorAddress", Operator)));
        await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        await app.InStateAsync(await app.PressAsync(new SigningSender(app.Zone, "owner.example").Newsletter("one")), KeptState.Counted);
        OutboxMessage sent = await app.MailInStateAsync(Address, OutboxState.Sent);
        string sender = Assert.Single(relay.Messages).MailFrom.Split('<', '>')[1];
        string filled = mail.Replace("{to}", Address, StringComparison.Ordinal).Replace("{id}", sent.MessageId, StringComparison.Ordinal);
        Assert.StartsWith("250", await app.DeliverAsync(sender, filled, reversePath), StringComparison.Ordinal);

        await using PostmasterDb db = await app.OpenDbAsync();
        Bounce row = await db.Bounces.AsNoTracking().SingleAsync();
        OutboxMessage after = await db.Outbox.AsNoTracking().SingleAsync(m => m.Id == sent.Id);
        Assert.True(after.State == state, $"{form}: {row.Kind}, {row.Outcome} {after.State}");
        if (kind is { } wanted)
            Assert.Equal(wanted, row.Kind);
        else
            Assert.True(row.Kind is BounceKind.Delayed or BounceKind.Delivered or BounceKind.AutoReply or BounceKind.Unclear, $"{form}: {row.Kind}");
        if (kind is not BounceKind.Reply)
            Assert.DoesNotContain(relay.Messages, m => m.Recipients.Any(r => r.Contains(Operator, StringComparison.Ordinal)));
        return (relay, app, row);
    }
}
