using System.Globalization;
using AngleSharp.Dom;
using Postmaster.Tests.Support;
using Postmaster.Tests.Traffic;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

public sealed class MannersPageTests
{
    private const string Owner = "owner@news.example", Domain = "news.example", Manners = $"/domains/{Domain}/manners";

    [Fact]
    public async Task The_honoured_rate_stands_by_stream_with_its_counts_and_the_overview_leads_to_it()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        TrafficSeed seed = await ClaimedAsync(app);
        int good = await seed.StreamAsync(Domain, StreamKind.ListId, "tidy.news.example"), bad = await seed.StreamAsync(Domain, StreamKind.ListId, "winners.news.example");
        await seed.CountAsync(await seed.StreamAsync(Domain, StreamKind.Whole), 2, 90, (TrafficCounter.DeliveredInbox, 5000), (TrafficCounter.Followed, 5000), (TrafficCounter.Left, 50), (TrafficCounter.LeftAndMailedAgain, 8), (TrafficCounter.MailAfterLeaving, 31));
        await seed.CountAsync(good, 2, 90, (TrafficCounter.DeliveredInbox, 3000), (TrafficCounter.Followed, 3000), (TrafficCounter.Left, 34));
        await seed.CountAsync(bad, 2, 90, (TrafficCounter.DeliveredInbox, 2000), (TrafficCounter.Followed, 2000), (TrafficCounter.Left, 16), (TrafficCounter.LeftAndMailedAgain, 8), (TrafficCounter.MailAfterLeaving, 31));
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync(Manners);
        Assert.Contains("84 % honoured in the last 30 days: of 50 people who had left, 8 got mail of it again (16 %", page.Text, StringComparison.Ordinal);
        Assert.Contains("31 messages went to people who had complained or unsubscribed", page.Text, StringComparison.Ordinal);
        IElement table = page.Document.QuerySelector("section:has(#by-stream) table")!;
        Assert.Equal(["winners.news.example", "tidy.news.example"], table.QuerySelectorAll("tbody th a").Select(a => a.TextContent));
        Assert.StartsWith("50 % (", table.QuerySelector("tbody tr:first-child td")!.TextContent.Trim(), StringComparison.Ordinal);
        Assert.StartsWith("100 % (", table.QuerySelector("tbody tr:last-child td")!.TextContent.Trim(), StringComparison.Ordinal);
        Assert.Contains("Not kept", page.Document.QuerySelector("#honoured")!.TextContent, StringComparison.Ordinal);

        PortalPage overview = await owner.GetAsync($"/domains/{Domain}");
        Assert.Contains("8 people who complained or unsubscribed got mail again", overview.Text, StringComparison.Ordinal);
        Assert.NotNull(overview.Document.QuerySelector($".next-steps a[href='{Manners}#honoured']"));
        string[] rows = await CsvAsync(owner);
        Assert.Contains(rows, r => r.StartsWith("all,,,,yes,5000,50,8,31,0,0,0,0,0.84", StringComparison.Ordinal));
        Assert.Contains(rows, r => r.StartsWith("list-id,winners.news.example,,,yes,2000,16,8,31,0,0,0,0,0.5", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Invitations_against_good_manners_are_a_share_of_those_that_were_sent_and_stand_among_what_to_do()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        TrafficSeed seed = await ClaimedAsync(app);
        int list = await seed.StreamAsync(Domain, StreamKind.ListId, "join.news.example");
        (TrafficCounter, long)[] counts =
        [
            (TrafficCounter.DeliveredInbox, 900), (TrafficCounter.Followed, 900), (TrafficCounter.Invitation, 400),
            (TrafficCounter.InvitationOver, 60), (TrafficCounter.ReminderClose, 3), (TrafficCounter.ReminderLate, 0),
        ];
        foreach (int stream in (int[])[list, await seed.StreamAsync(Domain, StreamKind.Whole)])
            await seed.CountAsync(stream, 2, 90, counts);
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        Assert.Contains("None of this domain’s streams", (await owner.GetAsync(Manners)).Text, StringComparison.Ordinal);
        await owner.SubmitAsync(await owner.GetAsync($"/domains/{Domain}/streams/{list}"), "form:has(#title)", ("Title", ""), ("Type", nameof(MailType.Invitation)));

        PortalPage page = await owner.GetAsync(Manners);
        string[] said = [.. page.Document.QuerySelectorAll("#invitations dt, #invitations dd").Select(e => string.Join(' ', e.TextContent.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Equal(["No more than two invitations Not kept", "Two weeks between reminders Kept", "No reminders after three months Kept"], said.Where((_, i) => i % 2 == 0));
        Assert.StartsWith("15 % (12 to 19) are against it, 60 of 400.", said[1], StringComparison.Ordinal);
        Assert.StartsWith("0 % (", page.Document.QuerySelector("#invitations tbody td:last-child")!.TextContent.Trim(), StringComparison.Ordinal);
        PortalPage overview = await owner.GetAsync($"/domains/{Domain}");
        Assert.Contains("of 400, 60 were the third or later to the same person, 3 came less than 14 days after the one before.", overview.Text, StringComparison.Ordinal);
        Assert.NotNull(overview.Document.QuerySelector($".next-steps a[href='{Manners}#invitations']"));
    }

    [Fact]
    public async Task Below_the_privacy_floor_the_page_says_so_and_tells_no_number()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        TrafficSeed seed = await ClaimedAsync(app);
        foreach (int stream in (int[])[await seed.StreamAsync(Domain, StreamKind.Whole), await seed.StreamAsync(Domain, StreamKind.ListId, "weekly.news.example")])
            await seed.CountAsync(stream, 1, 12, (TrafficCounter.DeliveredInbox, 4321), (TrafficCounter.Followed, 4321), (TrafficCounter.Left, 777), (TrafficCounter.LeftAndMailedAgain, 77));
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync(Manners);
        Assert.Contains("only 12 recipients, shown from 20 on", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("77", page.Text, StringComparison.Ordinal);
        string[] rows = await CsvAsync(owner);
        Assert.All(rows[1..^1], r => Assert.Contains("yes,4321,hidden (12 of 20 recipients)", r, StringComparison.Ordinal));
        Assert.DoesNotContain(rows, r => r.Contains("77", StringComparison.Ordinal));
        Assert.DoesNotContain("got mail again", (await owner.GetAsync($"/domains/{Domain}")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_recipients_in_the_events_there_is_no_data_rather_than_a_good_rate(bool recipients)
    {
        await using PostmasterApp app = await EventKit.StartAsync(("Traffic:PrivacyFloor", "1"));
        await new PortalSeed(app).ClaimAsync(Owner, "owner.example", feedback: "fbl@owner.example");
        string mail = app.Mail(1, TimeSpan.FromHours(90), mailbox: "ann@p.example");
        await app.IngestAsync(recipients ? mail : mail.Replace("\"rcpt\":\"ann@p.example\",", "", StringComparison.Ordinal));
        await app.IngestAsync(app.Later("unsubscribed", 1, "ann@p.example", TimeSpan.FromHours(80)).Replace("}", ",\"list_id\":\"news.owner.example\",\"from_domain\":\"owner.example\",\"dmarc\":\"pass\"}", StringComparison.Ordinal));
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        string text = (await owner.GetAsync("/domains/owner.example/manners")).Text;
        Assert.Equal(recipients, text.Contains("100 % honoured", StringComparison.Ordinal));
        Assert.Equal(!recipients, text.Contains("The mail servers do not say who received this mail", StringComparison.Ordinal));
        Assert.Equal(!recipients, (await owner.Http.GetStringAsync(new Uri("/domains/owner.example/numbers/manners.csv", UriKind.Relative))).Contains("all,,,,no,,", StringComparison.Ordinal));
        string compliance = (await owner.GetAsync("/domains/owner.example/compliance")).Document.QuerySelector("#honoured-unsubscribe .topic-verdict")!.TextContent;
        Assert.Equal(recipients ? "0 of 1 people got mail again" : "no mail tells of it in these days", compliance);
    }

    private static async Task<string[]> CsvAsync(PortalVisitor owner) =>
        (await owner.Http.GetStringAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"/domains/{Domain}/numbers/manners.csv"), UriKind.Relative))).Split("\r\n");

    private static async Task<TrafficSeed> ClaimedAsync(PostmasterApp app)
    {
        await new PortalSeed(app).ClaimAsync(Owner, Domain, feedback: "fbl@news.example");
        var seed = new TrafficSeed(app);
        await seed.FeederAsync("mx1", 30);
        return seed;
    }
}
