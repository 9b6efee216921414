using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

/// <summary>A page asks the database as often for many domains as for one.</summary>
public sealed class QueryCountTests
{
    private const string Owner = "owner@news.example";

    [Fact]
    public async Task A_list_of_fifty_domains_asks_no_more_often_than_a_list_of_one()
    {
        var count = new QueryCount();
        await using PostmasterApp app = await PortalSeed.StartAsync(count.Attach);
        await AddAsync(app, 1);
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        await owner.GetAsync("/domains");
        int one = await count.OfAsync(() => owner.GetAsync("/domains"));
        for (int i = 2; i <= 50; i++)
            await AddAsync(app, i);
        PortalPage page = default!;
        int many = await count.OfAsync(async () => page = await owner.GetAsync("/domains"));

        Assert.Equal(50, page.Document.QuerySelectorAll("main tbody tr").Length);
        Assert.InRange(one, 5, 30);
        // A thousand stored verdicts are asked for at a time: those of 30 days of fifty domains take two questions.
        Assert.Equal(one + 1, many);
    }

    [Fact]
    public async Task Complaints_by_day_are_those_of_each_domain_and_since_when_they_are_counted()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        for (int i = 1; i <= 3; i++)
            await AddAsync(app, i);
        var today = DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime);
        var days = await app.Services.GetRequiredService<ComplaintQueries>().DailyAsync([Name(1), Name(3), "unknown.example"], today.AddDays(-2), today, CancellationToken.None);
        Assert.Equal("0, 1, 0", string.Join(", ", days[Name(1)].Select(d => d.Complaints)));
        Assert.Equal("0, 3, 0", string.Join(", ", days[Name(3)].Select(d => d.Complaints)));
        Assert.All(days["unknown.example"], d => Assert.Null(d.Complaints));
    }

    [Fact]
    public async Task The_overview_walks_over_the_verdicts_of_a_domain_once()
    {
        var count = new QueryCount();
        await using PostmasterApp app = await PortalSeed.StartAsync(count.Attach);
        await AddAsync(app, 9);
        ReputationQueries verdicts = app.Services.GetRequiredService<ReputationQueries>();
        var today = DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime);
        ReputationOverview overview = default!;
        int asked = await count.OfAsync(async () => overview = await verdicts.OverviewAsync(Name(9), today.AddDays(-29), today, [[StreamKind.ListId], [StreamKind.Selector]], CancellationToken.None));

        // The domain, its streams, the verdicts before those that are worked out, and those of the range.
        Assert.Equal(4, asked);
        Assert.NotNull(overview.Now.Verdict);
        Assert.Equal(await verdicts.SeriesAsync(Name(9), today.AddDays(-29), today, CancellationToken.None), overview.Series, (a, b) => (a.Day, a.Score, a.Level) == (b.Day, b.Score, b.Level));
        Assert.Equal((await verdicts.NowAsync(Name(9), CancellationToken.None)).Verdict!.Score, overview.Now.Verdict.Score);
        Assert.Equal("weekly", overview.Culprit!.Value);
    }

    private static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"news{number}.example");

    private static async Task AddAsync(PostmasterApp app, int number)
    {
        await new PortalSeed(app).ClaimAsync(Owner, Name(number));
        var seed = new TrafficSeed(app);
        foreach (int stream in (int[])[await seed.StreamAsync(Name(number), StreamKind.Whole), await seed.StreamAsync(Name(number), StreamKind.ListId, "weekly")])
            await seed.CountAsync(stream, 1, 200, (TrafficCounter.DeliveredInbox, 500), (TrafficCounter.Complaint, number));
    }
}
