using System.Net;
using AngleSharp.Dom;
using Postmaster.Tests.Support;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

public sealed class DomainOverviewTests
{
    private const string Owner = "owner@news.example";

    [Fact]
    public async Task The_page_of_a_domain_says_how_it_stands_and_counts_its_complaints()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync(Owner, "news.example", days: 90, feedback: "fbl@news.example");
        await seed.CountAsync("news.example", daysAgo: 2, count: 1300);
        await seed.CountAsync("news.example", daysAgo: 0, count: 4);
        await seed.CountAsync("news.example", daysAgo: 40, count: 7);
        await seed.ComplaintAsync(claim, "Spring offer", seed.Now.AddHours(-1));
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync("/domains/news.example");

        Assert.Equal((HttpStatusCode.OK, "news.example"), (page.Status, page.Heading));
        Assert.Contains("Reports go to fbl@news.example, last one delivered", page.Text, StringComparison.Ordinal);
        Assert.Contains("1,304 complaints in the last 30 days, 7 in the 30 days before", page.Text, StringComparison.Ordinal);
        Assert.Contains("data until", page.Text, StringComparison.Ordinal);
        Assert.Contains("Spring offer", page.Text, StringComparison.Ordinal);
        Assert.Equal(30, page.Document.QuerySelectorAll(".daily-chart-wide title").Length);
        Assert.Equal(30, page.Document.QuerySelectorAll(".day-table tbody tr").Length);
        Assert.Equal("1,300", page.Document.QuerySelectorAll(".day-table tbody td").Skip(2).First().TextContent);
        Assert.InRange(page.Html.Length, 1, 60 * 1024);
    }

    [Fact]
    public async Task The_range_of_days_stands_in_the_url()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        await seed.ClaimAsync(Owner, "news.example", days: 400);
        for (int day = 0; day < 100; day++)
            await seed.CountAsync("news.example", day, 12345);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage week = await owner.GetAsync("/domains/news.example?range=7d");
        Assert.Equal(7, Columns(week));
        Assert.Equal("7 days", week.Document.QuerySelector(".segments [aria-current]")!.TextContent);

        PortalPage longest = await owner.GetAsync("/domains/news.example?range=90d");
        Assert.Equal(90, Columns(longest));
        Assert.InRange(longest.Html.Length, 1, 60 * 1024);

        string from = DaysAgo(seed, 20), to = DaysAgo(seed, 11);
        PortalPage chosen = await owner.SubmitAsync(longest, ".range-form", ("from", from), ("to", to));
        Assert.Equal($"?from={from}&to={to}", chosen.Address.Query);
        Assert.Equal(10, Columns(chosen));
        Assert.Contains("123,450 complaints", chosen.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?range=1000y", "knows the ranges")]
    [InlineData("?from=2026-13-01&to=%3Cscript%3E", "not a date")]
    [InlineData("?from=2001-01-01&to=2001-12-31", "at most 92 days")]
    [InlineData("?range=%00", "knows the ranges")]
    public async Task A_bad_range_is_answered_with_a_sentence_and_the_usual_range(string query, string words)
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await new PortalSeed(app).ClaimAsync(Owner, "news.example");
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync($"/domains/news.example{query}");

        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains(words, page.Document.QuerySelector(".message-warn")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(30, Columns(page));
        Assert.DoesNotContain("<script>", page.Html[page.Html.IndexOf("<main", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Days_before_the_domain_was_proved_are_no_data_and_never_zero()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        await seed.ClaimAsync(Owner, "news.example", days: 3);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync("/domains/news.example?range=7d");

        string[] values = [.. page.Document.QuerySelectorAll(".day-table tbody td").Select(d => d.TextContent)];
        Assert.Equal("0, 0, 0, 0, no data, no data, no data", string.Join(", ", values));
        Assert.Equal(3, page.Document.QuerySelectorAll(".daily-chart-wide .none").Length);
        Assert.DoesNotContain("days before", page.Text, StringComparison.Ordinal);
        Assert.Contains("0 complaints in the last 7 days, counted since", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_domain_that_is_not_proved_shows_the_missing_step_instead_of_numbers()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        await seed.ClaimAsync(Owner, "new.example", ClaimState.Pending, days: 0);
        await seed.ClaimAsync(Owner, "lost.example", ClaimState.Suspended, days: 30, feedback: "fbl@lost.example");
        await seed.CountAsync("lost.example", 3, 41);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        foreach (string domain in (string[])["new.example", "lost.example"])
        {
            PortalPage page = await owner.GetAsync($"/domains/{domain}");
            Assert.Empty(page.Document.QuerySelectorAll(".daily-chart, .day-table"));
            Assert.NotEmpty(page.Document.QuerySelectorAll($".empty a[href='/domains/{domain}/ownership']"));
            Assert.DoesNotContain("41", page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_keeps_reports_from_arriving_is_said_first_with_the_way_to_mend_it()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        await seed.ClaimAsync(Owner, "silent.example");
        await seed.ClaimAsync(Owner, "open.example", feedback: "fbl@open.example", confirmed: false);
        DomainClaim warned = await seed.ClaimAsync(Owner, "warned.example", ClaimState.Warned, feedback: "fbl@warned.example");
        await seed.MemberAsync(warned, "reader@warned.example", MemberRole.Reader);
        await seed.ComplaintAsync(warned, "One", seed.Now.AddHours(-3), OutboxState.Queued);
        await seed.ComplaintAsync(warned, "Two", seed.Now.AddHours(-4), OutboxState.Failed);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        IElement silent = (await owner.GetAsync("/domains/silent.example")).Document.QuerySelector(".standing")!;
        Assert.Contains("No feedback address", silent.TextContent, StringComparison.Ordinal);
        Assert.NotNull(silent.QuerySelector("a[href='/domains/silent.example/feedback']"));

        IElement open = (await owner.GetAsync("/domains/open.example")).Document.QuerySelector(".standing")!;
        Assert.Contains("fbl@open.example gets no reports before the link", open.TextContent, StringComparison.Ordinal);

        IElement line = (await owner.GetAsync("/domains/warned.example")).Document.QuerySelector(".standing")!;
        Assert.Contains("NXDOMAIN from 192.0.2.53", line.TextContent, StringComparison.Ordinal);
        Assert.Contains("1 report in the queue", line.TextContent, StringComparison.Ordinal);
        Assert.Contains("1 report could not be delivered in the last 7 days", line.TextContent, StringComparison.Ordinal);
        Assert.NotNull(line.QuerySelector("a[href='/domains/warned.example/ownership']"));

        using PortalVisitor reader = await app.SignedInAsync("reader@warned.example");
        IElement read = (await reader.GetAsync("/domains/warned.example")).Document.QuerySelector(".standing")!;
        Assert.Null(read.QuerySelector("a[href$='/ownership']"));
    }

    private static int Columns(PortalPage page) => page.Document.QuerySelectorAll(".daily-chart-wide title").Length;

    private static string DaysAgo(PortalSeed seed, int days) => seed.Now.AddDays(-days).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
