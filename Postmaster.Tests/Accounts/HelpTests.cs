using System.Net;
using System.Reflection;
using AngleSharp.Dom;
using Postmaster.Tests.Support;
using Postmaster.Web.Help;
using Postmaster.Web.Hosting;

namespace Postmaster.Tests.Accounts;

public sealed class HelpTests
{
    [Fact]
    public async Task Every_link_and_anchor_of_the_manual_leads_somewhere()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = app.NewVisitor();
        Assert.Equal(["Guide for domain owners", "The reputation formula", "Guide for operators", "Delivery events"], HelpPages.All.Select(p => p.Title));
        var index = await visitor.GetAsync("/help");
        foreach (HelpText help in HelpPages.All)
        {
            Assert.NotNull(index.Document.QuerySelector($"main a[href='/help/{help.Name}']"));
            PortalPage page = await visitor.GetAsync($"/help/{help.Name}");
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.NotEmpty(help.Contents);
            foreach (IElement link in page.Document.QuerySelectorAll("main a[href]"))
                await AssertLeadsSomewhereAsync(visitor, page, link.GetAttribute("href")!);
        }
    }

    [Fact]
    public async Task An_unknown_page_of_the_manual_is_404()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = app.NewVisitor();
        PortalPage page = await visitor.GetAsync("/help/no-such-page");
        Assert.Equal(HttpStatusCode.NotFound, page.Status);
        Assert.Equal("There is no such page", page.Heading);
    }

    [Fact]
    public void Raw_html_in_the_manual_is_shown_as_text()
    {
        HelpText page = HelpPages.Render("x", "# Title\n\nSummary <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n");
        Assert.DoesNotContain("<script", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_of_settings_names_every_key()
    {
        string manual = HelpPages.Find("operators")!.Html;
        string[] missing = [.. Keys().Where(key => !manual.Contains($"<code>{key}</code>", StringComparison.Ordinal))];
        Assert.Empty(missing);
    }

    [Fact]
    public async Task The_table_of_settings_names_no_key_that_does_not_exist()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = app.NewVisitor();
        PortalPage page = await visitor.GetAsync("/help/operators");
        string[] named = [.. page.Document.QuerySelectorAll("main table tbody td:first-child code").Select(c => c.TextContent)];
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(Keys(), StringComparer.Ordinal));
    }

    private static IEnumerable<string> Keys() =>
        from type in typeof(PostmasterHost).Assembly.GetTypes()
        let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)
        where section is { IsLiteral: true } && type.Name.EndsWith("Options", StringComparison.Ordinal)
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        where property.GetMethod is not null && property.DeclaringType == type
        select $"{section.GetRawConstantValue()}:{property.Name}";

    private static async Task AssertLeadsSomewhereAsync(PortalVisitor visitor, PortalPage page, string href)
    {
        var target = new Uri(page.Address, href);
        Assert.Equal(page.Address.Authority, target.Authority);
        PortalPage there = await visitor.GetAsync(target.PathAndQuery);
        Assert.Equal(HttpStatusCode.OK, there.Status);
        if (target.Fragment.Length > 1)
            Assert.True(there.Document.GetElementById(Uri.UnescapeDataString(target.Fragment[1..])) is not null, $"{href} on {page.Address} has no target");
    }
}
