using System.Net;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Accounts;

public sealed class FrameTests
{
    [Fact]
    public async Task The_start_page_names_the_provider_and_says_how_to_start()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = app.NewVisitor();
        PortalPage page = await visitor.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("Example Mail", page.Heading, StringComparison.Ordinal);
        Assert.NotNull(page.Document.QuerySelector("main a[href='/sign-up']"));
    }

    [Fact]
    public async Task An_unknown_path_is_a_404_page_with_the_frame()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = app.NewVisitor();
        PortalPage page = await visitor.GetAsync("/no/such/page");
        Assert.Equal(HttpStatusCode.NotFound, page.Status);
        Assert.Equal("There is no such page", page.Heading);
        Assert.NotNull(page.Document.QuerySelector("nav"));
    }

    [Fact]
    public async Task Dark_is_chosen_by_a_form_and_kept_in_a_cookie()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = app.NewVisitor();
        PortalPage page = await visitor.SubmitAsync(await visitor.GetAsync("/"), ".theme-switch", ("theme", "dark"));
        Assert.Equal("dark", page.Document.DocumentElement.GetAttribute("data-theme"));
        Assert.Equal("/", page.Address.AbsolutePath);
    }

    [Fact]
    public async Task The_theme_form_leads_nowhere_else()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = app.NewVisitor();
        foreach (string elsewhere in (string[])["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example"])
        {
            using var form = new FormUrlEncodedContent([new("theme", "dark"), new("returnTo", elsewhere)]);
            using HttpResponseMessage answer = await visitor.Http.PostAsync(new Uri("/theme", UriKind.Relative), form);
            Assert.Equal("/", answer.Headers.Location?.OriginalString);
        }
    }
}
