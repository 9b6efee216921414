using System.Globalization;
using System.Net;
using Postmaster.Tests.Pages;
using Postmaster.Tests.Support;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Reputation;

/// <summary>The page that works the verdict out with the domain's own numbers.</summary>
public sealed class ReputationPageTests : IAsyncLifetime
{
    private const string Owner = "owner@news.example";
    private PostmasterApp _app = default!;
    private PortalSeed _seed = default!;

    public async Task InitializeAsync()
    {
        _app = await PortalSeed.StartAsync();
        _seed = new PortalSeed(_app);
        await _seed.ClaimAsync(Owner, "news.example");
    }

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task The_verdict_its_cause_the_next_step_and_every_line_of_the_formula_are_there()
    {
        // One day of mail, so that each number is its own weight: (41 + 0.5) / (18,230 + 1,000) and so on, as in the manual.
        await _seed.TrafficAsync("news.example", StreamKind.Whole, "", 1, (counts, _) =>
        {
            counts[TrafficCounter.DeliveredInbox] = 18_230;
            counts[TrafficCounter.DeliveredSpam] = 70;
            counts[TrafficCounter.RejectedUnknownUser] = 700;
            counts[TrafficCounter.Complaint] = 41;
            counts[TrafficCounter.DeletedUnread] = 6_927;
        });
        PortalPage page = await ReadAsync("/domains/news.example/reputation");
        Assert.Contains("Medium 73 of 100", page.Text, StringComparison.Ordinal);
        Assert.Contains("Complaints cost 23.2 points: 41 of 18,230 messages put into the inbox in 30 days. Recent days weigh more: 0.22 % (0.17–0.30).", page.Text, StringComparison.Ordinal);
        Assert.Contains("With complaints below 0.18 % it would be High, after 3 days in a row.", page.Text, StringComparison.Ordinal);
        Assert.Contains("(41 + 0.5) ÷ (18,230 + 1,000) = 0.2158 %", page.Text, StringComparison.Ordinal);
        Assert.Contains("(0.2158 % − 0.1 %) ÷ (0.3 % − 0.1 %) × 40 = 23.16", page.Text, StringComparison.Ordinal);
        Assert.Contains("100 − 4.18 − 23.16 = 72.66", page.Text, StringComparison.Ordinal);
        Assert.Contains("no data", page.Text, StringComparison.Ordinal); // authentication: no result is known, which is not 0 %
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("99999999999999")]
    [InlineData("0")]
    public async Task What_is_no_stream_of_the_domain_is_not_found(string stream)
    {
        using PortalVisitor visitor = await _app.SignedInAsync(Owner);
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.GetAsync($"/domains/news.example/reputation?stream={stream}")).Status);
    }

    [Fact]
    public async Task Below_the_privacy_floor_it_says_how_far_off_it_is()
    {
        await _seed.TrafficAsync("news.example", StreamKind.Whole, "", 1, (counts, _) =>
        {
            counts[TrafficCounter.DeliveredInbox] = 12;
            counts[TrafficCounter.Complaint] = 7;
        });
        PortalPage page = await ReadAsync("/domains/news.example/reputation");
        Assert.Contains("in 30 days it went to only 12 recipients, and it takes 20", page.Text, StringComparison.Ordinal);
        Assert.Contains("hidden: only 12 recipients, shown from 20 on", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("7 of 12", page.Text, StringComparison.Ordinal);
        Assert.Contains("that is few", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_mail_it_says_so_and_shows_no_zeros()
    {
        PortalPage page = await ReadAsync("/domains/news.example/reputation");
        Assert.Contains("There was no mail in the last 30 days, so there is nothing to say.", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("of 100", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_has_the_same_page_and_only_its_own_domain_s()
    {
        await _seed.TrafficAsync("news.example", StreamKind.Whole, "", 5, (counts, _) => counts[TrafficCounter.DeliveredInbox] = 1000);
        int spring = await _seed.TrafficAsync("news.example", StreamKind.ListId, "<b>spring</b>", 5, (counts, _) => (counts[TrafficCounter.DeliveredInbox], counts[TrafficCounter.Complaint]) = (500, 5), MailType.Marketing);
        int foreign = await _seed.TrafficAsync("other.example", StreamKind.ListId, "foreign", 5, (counts, _) => counts[TrafficCounter.DeliveredInbox] = 500);
        PortalPage page = await ReadAsync($"/domains/news.example/reputation?stream={spring}");
        Assert.Contains("Only the mail with List-Id <b>spring</b>", page.Text, StringComparison.Ordinal);
        Assert.Contains("100 % marketing", page.Text, StringComparison.Ordinal);
        Assert.Contains("of 2,500", page.Text, StringComparison.Ordinal);
        using PortalVisitor owner = await _app.SignedInAsync(Owner);
        foreach (string wrong in (string[])[foreign.ToString(CultureInfo.InvariantCulture), "999999"])
            Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync($"/domains/news.example/reputation?stream={wrong}")).Status);
    }

    private async Task<PortalPage> ReadAsync(string path)
    {
        using PortalVisitor owner = await _app.SignedInAsync(Owner);
        PortalPage page = await owner.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        return page;
    }
}
