using System.Net;
using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Domains;

/// <summary>The way of an owner through the pages, without script.</summary>
public sealed class PagesTests : IAsyncLifetime
{
    private PostmasterApp _app = default!;

    public async Task InitializeAsync() => _app = await PostmasterApp.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task From_an_empty_list_to_a_confirmed_address()
    {
        using PortalVisitor ann = await _app.SignedInAsync("ann@owner.example");
        PortalPage list = await ann.GetAsync("/domains");
        Assert.Contains("No domain here yet", list.Text, StringComparison.Ordinal);
        PortalPage ownership = await ann.SubmitAsync(list, null, ("Name", "Bücher.example"));
        Assert.Equal("/domains/xn--bcher-kva.example/ownership", ownership.Address.AbsolutePath);
        Assert.Equal("bücher.example", ownership.Heading);
        Assert.Contains("NXDOMAIN from the zone in memory", ownership.Text, StringComparison.Ordinal);
        string[] shown = [.. ownership.Document.QuerySelectorAll(".copy-value").Select(e => e.TextContent)];
        Assert.Equal("_postmaster-challenge.xn--bcher-kva.example", shown[0]);
        _app.Zone.AddTxt(shown[0], shown[1]);
        _app.Time.Advance(ClaimStore.CheckPause);
        ownership = await ann.SubmitAsync(ownership, "form:has(input[value=check])");
        Assert.Contains("Proved", ownership.Text, StringComparison.Ordinal);

        PortalPage feedback = await ann.SubmitAsync(await ann.GetAsync("/domains/bücher.example/feedback"), "form:has(input[name=Address])", ("Address", "fbl@owner.example"));
        Assert.Contains("Not confirmed yet", feedback.Text, StringComparison.Ordinal);
        PortalMail mail = await _app.NextMailAsync("fbl@owner.example");
        using PortalVisitor holder = _app.NewVisitor();
        PortalPage link = await holder.GetAsync(mail.LinkPath);
        Assert.Equal("no-referrer", link.Header("Referrer-Policy"));
        Assert.Contains("Not confirmed yet", (await ann.GetAsync("/domains/bücher.example/feedback")).Text, StringComparison.Ordinal);
        PortalPage agreed = await holder.SubmitAsync(link, "form:has(input[value=agree])");
        Assert.Equal("Reports will be sent here", agreed.Heading);
        // Opened once more, and by the second press of an impatient hand.
        foreach (PortalPage ended in (PortalPage[])[await holder.GetAsync(mail.LinkPath), await holder.SubmitAsync(link, "form:has(input[value=agree])")])
            Assert.Equal((HttpStatusCode.Gone, "This link has ended"), (ended.Status, ended.Heading));
        Assert.Contains("Confirmed", (await ann.GetAsync("/domains/bücher.example/feedback")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_dns_holds_is_shown_as_text()
    {
        using PortalVisitor ann = await _app.SignedInAsync("ann@owner.example");
        _app.Zone.AddTxt("_postmaster-challenge.news.example", "<script>alert(1)</script>");
        PortalPage page = await ann.SubmitAsync(await ann.GetAsync("/domains"), null, ("Name", "news.example"));
        Assert.Contains("found another value: <script>alert(1)</script>", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", page.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ann@example.org", "example.org")]
    [InlineData("\"><b>x", null)]
    public async Task A_name_that_cannot_be_added_is_explained_on_the_same_page(string written, string? meant)
    {
        using PortalVisitor ann = await _app.SignedInAsync("ann@owner.example");
        PortalPage page = await ann.SubmitAsync(await ann.GetAsync("/domains"), null, ("Name", written));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.NotNull(page.Document.QuerySelector("[role=alert]"));
        Assert.Equal(meant ?? written, page.Document.QuerySelector("#name")!.GetAttribute("value"));
        Assert.DoesNotContain("<b>x", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_removed_domain_leaves_the_list_and_a_refused_address_ends_the_request()
    {
        PortalUser user = await _app.EnsureUserAsync("ann@owner.example");
        using PortalVisitor ann = await _app.SignedInAsync("ann@owner.example");
        PortalPage page = await ann.SubmitAsync(await ann.GetAsync("/domains"), null, ("Name", "news.example"));
        string[] shown = [.. page.Document.QuerySelectorAll(".copy-value").Select(e => e.TextContent)];
        _app.Zone.AddTxt(shown[0], shown[1]);
        _app.Time.Advance(ClaimStore.CheckPause);
        await ann.SubmitAsync(page, "form:has(input[value=check])");
        await ann.SubmitAsync(await ann.GetAsync("/domains/news.example/feedback"), "form:has(input[name=Address])", ("Address", "victim@other.example"));
        using PortalVisitor victim = _app.NewVisitor();
        PortalPage link = await victim.GetAsync((await _app.NextMailAsync("victim@other.example")).LinkPath);
        Assert.Equal("The request has ended", (await victim.SubmitAsync(link, "form:has(input[value=refuse])")).Heading);
        PortalPage gone = await ann.SubmitAsync(await ann.GetAsync("/domains/news.example/ownership"), "form:has(input[value=remove])");
        Assert.Contains("The domain was removed", gone.Text, StringComparison.Ordinal);
        Assert.Contains("No domain here yet", gone.Text, StringComparison.Ordinal);
        await using PostmasterDb db = await _app.OpenDbAsync();
        Assert.Equal(user.Id, (await db.Claims.IgnoreQueryFilters().SingleAsync()).OwnerId);
        Assert.Equal(HttpStatusCode.NotFound, (await ann.GetAsync("/domains/news.example/ownership")).Status);
    }
}
