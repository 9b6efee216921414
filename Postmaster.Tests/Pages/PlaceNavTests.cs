using System.Net;
using AngleSharp.Dom;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Web.Model;
using Place = Postmaster.Web.Components.Shared.Place;
using PlaceGroup = Postmaster.Web.Components.Shared.PlaceGroup;

namespace Postmaster.Tests.Pages;

public sealed class PlaceNavTests
{
    private const string Owner = "owner@news.example", Path = "/domains/news.example";

    /// <summary>The pages that stand in no list: one of many complaints or streams, and the way out of a reader.</summary>
    private static readonly string[] WithinOthers = [Path + "/complaints/{Id:guid}", Path + "/streams/{Stream:int}", Path + "/leave"];

    private static readonly PlaceGroup[] Groups =
    [
        PlaceGroup.Of("/a", "Top"), PlaceGroup.Of("/a/one", "One"),
        new("Many", [new Place("/a/many", "First"), new Place("/a/many/second", "Second"), new Place("/a/other", "Other")]),
    ];

    [Theory]
    [InlineData("/a", "Top")]
    [InlineData("/a/one", "One")]
    [InlineData("/a/one/more/of/it", "One")]
    [InlineData("/A/Many", "First")]
    [InlineData("/a/many/second", "Second")]
    [InlineData("/a/many/second/7", "Second")]
    [InlineData("/a/oneself", null)]
    [InlineData("/a/many/third", null)]
    [InlineData("/b", null)]
    public void A_path_stands_for_its_page_or_the_closest_above_it(string here, string? words) => Assert.Equal(words, PlaceGroup.Find(Groups, here)?.Words);

    [Fact]
    public async Task Every_page_of_a_domain_leads_to_every_other_and_says_where_one_is()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await new PortalSeed(app).ClaimAsync(Owner, "news.example", days: 40);
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        string[] pages = [.. app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
            .Select(e => "/" + e.RoutePattern.RawText!.TrimStart('/')).Where(p => p.StartsWith("/domains/{Domain}", StringComparison.Ordinal))
            .Select(p => p.Replace("{Domain}", "news.example", StringComparison.Ordinal)).Except(WithinOthers, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Assert.InRange(pages.Length, 15, 40);
        foreach (string path in pages)
        {
            PortalPage page = await owner.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            IElement nav = page.Document.QuerySelector("main nav.places")!;
            Assert.Equal("news.example", nav.GetAttribute("aria-label"));
            Assert.Equal(pages, nav.QuerySelectorAll("details a").Select(a => a.GetAttribute("href")!).Order(StringComparer.Ordinal));

            // Once in the list that a phone opens, and once in the rows of a wide screen.
            Assert.Equal(new[] { path, path }, nav.QuerySelectorAll("[aria-current=page]").Select(a => a.GetAttribute("href")));
            Assert.Contains(nav.QuerySelector("details [aria-current=page]")!.TextContent, nav.QuerySelector("summary")!.TextContent, StringComparison.Ordinal);
            Assert.InRange(nav.QuerySelectorAll(".tabs [aria-current]").Length, 1, 1);
        }
    }

    [Fact]
    public async Task A_complaint_is_within_the_complaints_and_a_name_as_people_write_it_changes_nothing()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync(Owner, "xn--bcher-kva.example", days: 40);
        Complaint complaint = await seed.ComplaintAsync(claim, "Offer", seed.Now.AddHours(-1), report: null);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage one = await owner.GetAsync($"/domains/xn--bcher-kva.example/complaints/{complaint.Id}");
        Assert.Equal("/domains/xn--bcher-kva.example/complaints", one.Document.QuerySelector(".tabs [aria-current=true]")!.GetAttribute("href"));
        PortalPage unicode = await owner.GetAsync("/domains/bücher.example/feedback/webhooks");
        Assert.Equal("Feedback", unicode.Document.QuerySelector(".tabs [aria-current=true]")!.TextContent);
        Assert.Equal("Webhooks", unicode.Document.QuerySelector(".subtabs [aria-current=page]")!.TextContent);
    }

    [Fact]
    public async Task A_reader_is_led_to_no_page_that_would_refuse_him()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        await seed.MemberAsync(await seed.ClaimAsync(Owner, "news.example", days: 40), "reader@news.example", MemberRole.Reader);
        using PortalVisitor reader = await app.SignedInAsync("reader@news.example");

        PortalPage page = await reader.GetAsync(Path);
        string[] links = [.. page.Document.QuerySelectorAll("nav.places details a").Select(a => a.GetAttribute("href")!)];
        Assert.Contains(Path + "/leave", links);
        foreach (string link in links)
            Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync(link)).Status);
    }
}
