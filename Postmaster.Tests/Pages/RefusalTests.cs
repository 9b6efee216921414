using System.Net;
using Postmaster.Tests.Support;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

/// <summary>Where a page is refused, the page says whom it is for and leads on.</summary>
public sealed class RefusalTests
{
    [Fact]
    public async Task A_reader_is_led_back_to_what_a_reader_may_see()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync("owner@news.example", "news.example", days: 3);
        await seed.MemberAsync(claim, "reader@news.example", MemberRole.Reader);
        using PortalVisitor reader = await app.SignedInAsync("reader@news.example");

        PortalPage page = await reader.GetAsync("/domains/news.example/feedback");

        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.Contains("Ask an owner of the domain", page.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync(page.Document.QuerySelector("main a")!.GetAttribute("href")!)).Status);
    }

    [Fact]
    public async Task The_operators_pages_say_whom_they_are_for()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync("owner@news.example");

        PortalPage page = await owner.GetAsync("/operator/queue");

        Assert.Equal(HttpStatusCode.Forbidden, page.Status);
        Assert.Contains("for the people who run this portal", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("an owner of the domain", page.Text, StringComparison.Ordinal);
    }
}
