using System.Globalization;
using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;

namespace Postmaster.Web.Demo;

/// <summary>Writes the mails of the made-up senders and signs them as a mail server would.</summary>
internal sealed class DemoMail(Random random, TimeProvider time)
{
    /// <summary>RFC 9477 §3.1.4: the fields that ask for reports have to be covered.</summary>
    private static readonly DkimSignerOptions Signing = new() { Oversigned = [.. new DkimSignerOptions().Oversigned, "CFBL-Address", "CFBL-Feedback-ID"] };

    /// <summary>A mail to one of the provider's mailboxes, as it lies in the mailbox after delivery.</summary>
    public byte[] Write(DemoSender sender, string mailbox)
    {
        DateTimeOffset sent = time.GetUtcNow() - TimeSpan.FromMinutes(random.Next(2, 600));
        DemoStream stream = sender.Pick(random);
        string id = random.NextInt64().ToString("x16", CultureInfo.InvariantCulture);
        string domain = sender.Domain.Ascii;
        string text = $"""
            From: {sender.Company} <hello@{domain}>
            To: <{mailbox}>
            Subject: {stream.Subjects[random.Next(stream.Subjects.Count)]}
            Date: {MailDate.Format(sent)}
            Message-ID: <{id}@{domain}>
            List-Id: {sender.Company} <{stream.ListLabel}.{domain}>
            List-Unsubscribe: <https://{domain}/unsubscribe?list={stream.ListLabel}&to={Uri.EscapeDataString(mailbox)}&id={id}>
            List-Unsubscribe-Post: List-Unsubscribe=One-Click
            Feedback-ID: {stream.ListLabel}:{sent.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}:mail:{sender.FeedbackSenderId}
            {sender.Invitation(id)}MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8

            Hello,

            this is one of the mails that {sender.Company} sends to {mailbox}.
            The demo of Postmaster made it up, and signed it with a real key.

            Unsubscribe: https://{domain}/unsubscribe?list={stream.ListLabel}&to={Uri.EscapeDataString(mailbox)}&id={id}

            """.ReplaceLineEndings("\r\n");
        byte[] signed = sender.Signer.Sign(Encoding.UTF8.GetBytes(text), sent, Signing);
        string delivery = $"""
            Return-Path: <bounce-{id}@{domain}>
            Delivered-To: {mailbox}
            Received: from mail.{domain} (mail.{domain} [{sender.Address}]) by mx.{DemoHost.MailDomain} with ESMTPS id {id[..8]}
             for <{mailbox}>; {MailDate.Format(sent + TimeSpan.FromSeconds(2))}

            """.ReplaceLineEndings("\r\n");
        return [.. Encoding.UTF8.GetBytes(delivery), .. signed];
    }
}
