using System.Globalization;
using System.Net;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Web.Demo;

/// <summary>
/// The mail servers of the demo: what they see of the made-up senders' mail, and what the mailboxes' users do with it, as events of the public schema.
/// Complaints are not among them: the users press a button, and that has a door of its own.
/// </summary>
internal sealed class DemoEvents(Random random, TimeProvider time, int mailboxes)
{
    private const string Forger = "203.0.113.99";

    private readonly Dictionary<string, HashSet<int>> _complained = new(StringComparer.Ordinal);
    private readonly List<TrafficEvent> _later = [];
    private long _messages = time.GetUtcNow().Ticks; // other ones at each start

    /// <summary>A tidy sender writes no more to whoever complained.</summary>
    public void Complained(DemoSender sender, int mailbox)
    {
        if (!_complained.TryGetValue(sender.Domain.Ascii, out HashSet<int>? who))
            _complained.Add(sender.Domain.Ascii, who = []);
        who.Add(mailbox);
    }

    /// <summary>A span of traffic that ends now, and the doings of users since the last one.</summary>
    /// <param name="share">How much of a day's mail.</param>
    public IReadOnlyList<TrafficEvent> Of(DemoSender sender, DemoHabits habits, TimeSpan span, double share)
    {
        List<TrafficEvent> events = [];
        for (int i = Round(habits.Mails * share); i > 0; i--)
            AddMail(events, sender, habits, span);
        for (int i = Round(habits.Traps * share); i > 0; i--)
            events.Add(Mail(sender, span) with { Kind = EventKind.Trap, Rcpt = $"trap{random.Next(5)}@{DemoHost.MailDomain}" });
        for (int i = Round(habits.Mails * habits.Forged * share); i > 0; i--)
            events.Add(Forged(sender, span));
        return events;
    }

    /// <summary>What users have done up to now.</summary>
    public IReadOnlyList<TrafficEvent> Done()
    {
        DateTimeOffset now = time.GetUtcNow();
        List<TrafficEvent> done = _later.FindAll(e => e.Time <= now);
        _later.RemoveAll(e => e.Time <= now);
        return done;
    }

    private void AddMail(List<TrafficEvent> events, DemoSender sender, DemoHabits habits, TimeSpan span)
    {
        double fate = random.NextDouble();
        if (fate < habits.Unknown)
        {
            // Refused before its header is seen, so that nobody knows of signatures.
            events.Add(Envelope(sender, span) with { Kind = EventKind.Rejected, Reason = RejectReason.UnknownUser, Rcpt = $"gone{random.Next(10_000)}@{DemoHost.MailDomain}" });
            return;
        }

        TrafficEvent mail = Mail(sender, span) with { Rcpt = Mailbox(PickMailbox(sender)) };
        if (fate < habits.Unknown + habits.Refused)
            events.Add(mail with { Kind = EventKind.Rejected, Reason = random.Next(3) == 0 ? RejectReason.Policy : RejectReason.Spam });
        else if (random.Next(150) == 0)
            events.Add(mail with { Kind = EventKind.Deferred });
        else
            Deliver(events, mail with { Folder = random.NextDouble() < habits.Junked ? MailFolder.Spam : MailFolder.Inbox }, habits);
    }

    private void Deliver(List<TrafficEvent> events, TrafficEvent mail, DemoHabits habits)
    {
        events.Add(mail);
        double what = random.NextDouble();
        if (mail.Folder == MailFolder.Spam)
        {
            if (what < habits.Rescued)
                DoLater(mail, EventKind.NotSpam);
        }
        else if (what < habits.Read)
        {
            DoLater(mail, EventKind.Read);
            if (random.Next(4) == 0)
                DoLater(mail, EventKind.DeletedRead, after: TimeSpan.FromHours(12));
            else if (random.Next(300) == 0)
                DoLater(mail, EventKind.Unsubscribed);
        }
        else if (what < habits.Read + habits.Unread)
        {
            DoLater(mail, EventKind.DeletedUnread);
        }
    }

    private void DoLater(TrafficEvent mail, EventKind what, TimeSpan after = default) => _later.Add(new TrafficEvent
    {
        Kind = what,
        Time = mail.Time + after + TimeSpan.FromMinutes(1 + (600 * random.NextDouble() * random.NextDouble())),
        MessageId = mail.MessageId,
        Mailbox = mail.Rcpt,
    });

    private TrafficEvent Mail(DemoSender sender, TimeSpan span)
    {
        DemoStream stream = sender.PickMail(random);
        string domain = sender.Domain.Ascii;
        // One server in fifty is not told of the new key.
        AuthenticationWord dkim = random.Next(sender.IsTidy ? 500 : 50) == 0 ? AuthenticationWord.Fail : AuthenticationWord.Pass;
        TrafficEvent mail = Envelope(sender, span);
        return mail with
        {
            FromDomain = domain,
            Dkim = [new SignatureEvent(domain, DemoSender.Selector, dkim)],
            Dmarc = AuthenticationWord.Pass,
            Size = 4_000 + random.Next(40_000),
            ListId = $"{sender.Company} <{stream.ListLabel}.{domain}>",
            FeedbackId = $"{stream.ListLabel}:{mail.Time.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}:mail:{sender.FeedbackSenderId}",
            MessageType = stream.MessageType,
            MessageId = $"<{(++_messages).ToString("x16", CultureInfo.InvariantCulture)}@{domain}>",
            OneClick = sender.IsTidy || random.Next(10) == 0,
            Format = sender.IsTidy || random.Next(5) > 0 ? "ok" : "no_date",
        };
    }

    private TrafficEvent Envelope(DemoSender sender, TimeSpan span)
    {
        bool isSecond = random.Next(4) == 0;
        string host = (isSecond ? "mail2." : "mail.") + sender.Domain.Ascii;
        return new TrafficEvent
        {
            Kind = EventKind.Delivered,
            Time = Some(span),
            Ip = isSecond ? Next(sender.Address) : sender.Address,
            Helo = host,
            MailFrom = "bounce@" + sender.Domain.Ascii,
            Spf = AuthenticationWord.Pass,
            Tls = sender.IsTidy || random.Next(3) > 0 ? "TLSv1.3" : "none",
            ReverseLeadsBack = sender.IsTidy || !isSecond,
        };
    }

    /// <summary>Somebody else's mail in the sender's name.</summary>
    private TrafficEvent Forged(DemoSender sender, TimeSpan span) => new()
    {
        Kind = EventKind.Delivered,
        Time = Some(span),
        Ip = Forger,
        Helo = "localhost",
        MailFrom = "someone@forger.example",
        Rcpt = Mailbox(random.Next(mailboxes)),
        FromDomain = sender.Domain.Ascii,
        Dkim = [],
        Spf = AuthenticationWord.None,
        Dmarc = AuthenticationWord.Fail,
        Tls = "none",
        Size = 3_000,
        Folder = MailFolder.Spam,
    };

    private int PickMailbox(DemoSender sender)
    {
        int picked = random.Next(mailboxes);
        while (sender.IsTidy && _complained.TryGetValue(sender.Domain.Ascii, out HashSet<int>? who) && who.Count < mailboxes && who.Contains(picked))
            picked = random.Next(mailboxes);
        return picked;
    }

    private static string Mailbox(int number) => string.Create(CultureInfo.InvariantCulture, $"user{number}@{DemoHost.MailDomain}");

    private static string Next(string address)
    {
        byte[] octets = IPAddress.Parse(address).GetAddressBytes();
        octets[^1]++;
        return new IPAddress(octets).ToString();
    }

    private DateTimeOffset Some(TimeSpan span) => time.GetUtcNow() - (span * random.NextDouble());

    /// <summary>Up or down, so that it is right on average.</summary>
    private int Round(double mean) => (int)(mean + random.NextDouble());
}
