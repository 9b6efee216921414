using System.Globalization;
using System.Net;
using System.Text;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Reports;

/// <summary>A report about a message that nobody sent: what the page of a claim shows, and what a test report carries.</summary>
internal static class MadeUpReport
{
    /// <summary>From a block that is for examples alone (RFC 5737 §3).</summary>
    private static readonly IPAddress Source = IPAddress.Parse("192.0.2.7");

    /// <param name="messageId">Of the report, without angle brackets.</param>
    /// <param name="provider">Whose user would complain.</param>
    public static ReportSubject About(DomainName domain, MailAddress to, string messageId, ProviderOptions provider, DateTimeOffset now)
    {
        string mailDomain = provider.MailDomain.Length > 0 ? provider.MailDomain : provider.Domain;
        MailAddress recipient = MailAddress.Parse($"test.recipient@{mailDomain}");
        DateTimeOffset arrived = now.AddMinutes(-20);
        string authservId = provider.AuthservIds.FirstOrDefault() ?? provider.Domain;
        return new ReportSubject
        {
            To = to,
            MessageId = messageId,
            ReportedDomains = [domain],
            Original = Encoding.ASCII.GetBytes(Message(domain, recipient, authservId, messageId.Split('@')[0], arrived)),
            Mailbox = recipient,
            PressedAt = now,
            ArrivedAt = arrived,
            SourceIp = Source,
            OriginalMailFrom = $"bounce-test.recipient={mailDomain}@{domain.Ascii}",
            AuthenticationResults = $"{authservId}; dkim=pass header.d={domain.Ascii} header.s=test",
            Evidence = Evidence.VerifiedNow,
            IsTest = true,
        };
    }

    private static string Message(DomainName domain, MailAddress recipient, string authservId, string id, DateTimeOffset arrived)
    {
        string date = MailDate.Format(arrived);
        return string.Create(CultureInfo.InvariantCulture, $"""
            Return-Path: <bounce-test.recipient={recipient.Domain.Ascii}@{domain.Ascii}>
            Delivered-To: {recipient}
            Received: from mta.{domain.Ascii} (mta.{domain.Ascii} [{Source}])
             by {authservId} with ESMTPS for <{recipient}>; {date}
            From: Newsletter <newsletter@{domain.Ascii}>
            To: {recipient}
            Subject: [Test] A message that nobody sent
            Date: {date}
            Message-ID: <test-{id}@{domain.Ascii}>
            List-Id: Test list <test.lists.{domain.Ascii}>
            Feedback-ID: test:postmaster:newsletter:{domain.Ascii}
            CFBL-Feedback-ID: test-{id}
            List-Unsubscribe: <https://{domain.Ascii}/unsubscribe?who=test.recipient%40{recipient.Domain.Ascii}>
            List-Unsubscribe-Post: List-Unsubscribe=One-Click
            MIME-Version: 1.0
            Content-Type: text/plain; charset=us-ascii

            Dear test.recipient,

            this message was made up for a test of the feedback loop. Nobody sent it and nobody
            got it. In a real report your own message stands here.

            You get this newsletter at {recipient}. To leave it, open
            https://{domain.Ascii}/unsubscribe?who=test.recipient%40{recipient.Domain.Ascii}

            """).ReplaceLineEndings("\r\n");
    }
}
