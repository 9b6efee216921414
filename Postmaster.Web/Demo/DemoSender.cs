using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Names;

namespace Postmaster.Web.Demo;

/// <summary>One kind of mail that a made-up sender sends.</summary>
/// <param name="Share">How much of the sender's complaints it draws, relative to its other streams.</param>
internal sealed record DemoStream(string ListLabel, int Share, IReadOnlyList<string> Subjects);

/// <summary>A made-up domain owner: its signing key, its streams, and how many people complain about it a day.</summary>
/// <param name="ComplaintsOn">Complaints expected on a day, 0 being the first of the history.</param>
/// <param name="TrickleShare">Share of the complaints that keep coming, relative to the other senders.</param>
internal sealed record DemoSender(
    string Company, DomainName Domain, string Address, IReadOnlyList<DemoStream> Streams, Func<int, double> ComplaintsOn, int TrickleShare)
{
    public const string Selector = "s1";

    /// <summary>Each start makes new keys: nothing of the demo is worth keeping.</summary>
    public DkimPrivateKey Key { get; } = DkimPrivateKey.CreateRsa();

    public DkimSigner Signer => new(Domain, Selector, Key);

    /// <summary>The last field of Feedback-ID: 5 to 15 characters.</summary>
    public string FeedbackSenderId => string.Concat(Company.Where(char.IsAsciiLetter)).ToLowerInvariant();

    public string FeedbackAddress => $"complaints@{Domain.Ascii}";

    /// <summary>A good, a slipping and a bad sender.</summary>
    public static IReadOnlyList<DemoSender> All() =>
    [
        new("Harbour Books", DomainName.Parse("news.harbour-books.example"), "192.0.2.10",
            [
                new("new-books", 3, ["New on our shelves this week", "Five novels for long evenings", "An author visits us on Friday"]),
                new("orders", 1, ["Your order is on its way", "Your book is ready to be fetched"]),
            ],
            _ => 0.4, TrickleShare: 1),
        new("Fern & Fable", DomainName.Parse("fern-and-fable.example"), "198.51.100.20",
            [
                new("spring-sale", 6, ["Spring sale: 40 % off everything", "Last hours of the spring sale", "You forgot something in your basket"]),
                new("newsletter", 2, ["What grows in April", "Our garden letter"]),
                new("receipts", 1, ["Your receipt", "Your parcel has left us"]),
            ],
            day => day < 14 ? 0.8 : 0.8 + ((day - 14) * 0.45), TrickleShare: 4),
        new("Lucky Prizes", DomainName.Parse("lucky-prizes.example"), "203.0.113.30",
            [
                new("winners", 1, ["You have been chosen", "Your prize is waiting", "Final notice about your reward", "RE: your account"]),
            ],
            day => 6 + (3 * Math.Sin(day / 3.0)), TrickleShare: 7),
    ];

    public DemoStream Pick(Random random)
    {
        int at = random.Next(Streams.Sum(s => s.Share));
        return Streams.First(s => (at -= s.Share) < 0);
    }
}
