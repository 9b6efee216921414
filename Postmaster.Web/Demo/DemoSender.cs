using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Names;
using Postmaster.Web.Model;

namespace Postmaster.Web.Demo;

/// <summary>One kind of mail that a made-up sender sends.</summary>
/// <param name="Share">How much of the sender's complaints it draws, relative to its other streams.</param>
/// <param name="Mails">How much of the sender's mail it is, relative to its other streams.</param>
/// <param name="MessageType">What its header says of itself (<c>X-Postmaster-Msgtype</c>); null: nothing.</param>
/// <param name="Type">What its owner says on the stream's page that it is.</param>
internal sealed record DemoStream(string ListLabel, int Share, int Mails, string? MessageType, IReadOnlyList<string> Subjects, MailType Type = MailType.Unknown);

/// <summary>What mail servers see of a sender on a day. Shares are of its mail.</summary>
/// <param name="Mails">Accepted or refused on a day.</param>
/// <param name="Unknown">Refused: no such user.</param>
/// <param name="Refused">Refused for what it is.</param>
/// <param name="Junked">Of the accepted: put into the spam folder.</param>
/// <param name="Read">Of the mail in the inbox: opened.</param>
/// <param name="Unread">Of the mail in the inbox: deleted unread.</param>
/// <param name="Rescued">Of the mail in the spam folder: taken out of it.</param>
/// <param name="Traps">Mails to addresses that nobody ever used.</param>
/// <param name="Forged">Mails of others in its name, relative to its own.</param>
internal sealed record DemoHabits(
    int Mails, double Unknown, double Refused, double Junked, double Read, double Unread, double Rescued, double Traps, double Forged);

/// <summary>A made-up domain owner: its signing key, its streams, and how many people complain about it a day.</summary>
/// <param name="ComplaintsOn">Complaints expected on a day, 0 being the first of the history.</param>
/// <param name="TrickleShare">Share of the complaints that keep coming, relative to the other senders.</param>
/// <param name="HabitsOn">Its traffic on a day, counted in the same way.</param>
/// <param name="Address">Where most of its mail comes from; the rest comes from the next address.</param>
/// <param name="IsTidy">TLS, format, one-click unsubscription and reverse names are as they should be, and who complained gets no more mail.</param>
internal sealed record DemoSender(
    string Company, DomainName Domain, string Address, IReadOnlyList<DemoStream> Streams, Func<int, double> ComplaintsOn, int TrickleShare,
    Func<int, DemoHabits> HabitsOn, bool IsTidy = true, bool InvitesReports = false)
{
    /// <summary>The day from which the second sender gets worse: it has bought addresses.</summary>
    private const int Slip = 14;

    public const string Selector = "s1";

    /// <summary>Each start makes new keys: nothing of the demo is worth keeping.</summary>
    public DkimPrivateKey Key { get; } = DkimPrivateKey.CreateRsa();

    public DkimSigner Signer => new(Domain, Selector, Key);

    /// <summary>The last field of Feedback-ID: 5 to 15 characters.</summary>
    public string FeedbackSenderId => string.Concat(Company.Where(char.IsAsciiLetter)).ToLowerInvariant();

    public string FeedbackAddress => $"complaints@{Domain.Ascii}";

    /// <summary>What its mail asks for by itself (RFC 9477), one field a line; nothing where it does not.</summary>
    public string Invitation(string id) => InvitesReports ? $"CFBL-Address: fbl@{Domain.Ascii}; report=arf\nCFBL-Feedback-ID: mail:{id}\n" : "";

    /// <summary>A good, a slipping and a bad sender.</summary>
    public static IReadOnlyList<DemoSender> All() =>
    [
        new("Harbour Books", DomainName.Parse("news.harbour-books.example"), "192.0.2.10",
            [
                new("new-books", 3, 5, "promo", ["New on our shelves this week", "Five novels for long evenings", "An author visits us on Friday"]),
                new("orders", 1, 2, "order", ["Your order is on its way", "Your book is ready to be fetched"]),
            ],
            _ => 0.4, TrickleShare: 1,
            day => new(900 + (150 * (day % 7 < 5 ? 1 : -1)), Unknown: 0.003, Refused: 0.001, Junked: 0.01, Read: 0.42, Unread: 0.06, Rescued: 0.2, Traps: 0, Forged: 0.01), InvitesReports: true),
        new("Fern & Fable", DomainName.Parse("fern-and-fable.example"), "198.51.100.20",
            [
                new("spring-sale", 6, 5, "promo", ["Spring sale: 40 % off everything", "Last hours of the spring sale", "You forgot something in your basket"]),
                new("newsletter", 2, 2, null, ["What grows in April", "Our garden letter"]),
                new("receipts", 1, 1, "receipt", ["Your receipt", "Your parcel has left us"]),
                new("garden-club", 1, 1, "invite", ["Join our garden club", "Your invitation is still waiting"], MailType.Invitation),
            ],
            day => day < Slip ? 0.5 : 0.5 + ((day - Slip) * 0.45), TrickleShare: 4,
            day => day < Slip
                ? new(700, Unknown: 0.005, Refused: 0.002, Junked: 0.02, Read: 0.33, Unread: 0.12, Rescued: 0.15, Traps: 0, Forged: 0.02)
                : new(700 + ((day - Slip) * 25), Unknown: 0.005 + ((day - Slip) * 0.006), Refused: 0.01, Junked: 0.02 + ((day - Slip) * 0.012),
                    Read: 0.22, Unread: 0.30, Rescued: 0.03, Traps: 0.4, Forged: 0.02)),
        new("Lucky Prizes", DomainName.Parse("lucky-prizes.example"), "203.0.113.30",
            [
                new("winners", 1, 1, null, ["You have been chosen", "Your prize is waiting", "Final notice about your reward", "RE: your account"]),
            ],
            day => 6 + (3 * Math.Sin(day / 3.0)), TrickleShare: 7,
            day => new(500 + (int)(200 * Math.Sin(day / 3.0)), Unknown: 0.13, Refused: 0.2, Junked: 0.55, Read: 0.04, Unread: 0.55, Rescued: 0.002, Traps: 2.5, Forged: 0), IsTidy: false),
    ];

    /// <summary>The stream that somebody complains about.</summary>
    public DemoStream Pick(Random random) => Pick(random, s => s.Share);

    /// <summary>The stream that a mail belongs to.</summary>
    public DemoStream PickMail(Random random) => Pick(random, s => s.Mails);

    private DemoStream Pick(Random random, Func<DemoStream, int> share)
    {
        int at = random.Next(Streams.Sum(share));
        return Streams.First(s => (at -= share(s)) < 0);
    }
}
