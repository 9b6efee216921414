using System.Net;
using System.Text;
using AngleSharp.Html.Dom;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Playwright;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Hosting.Outward;

namespace Postmaster.Tests.Samples;

/// <summary>The button that unsubscribes: pressed by the owner of the sample, for a mail whose one-click counts, and by nobody and for nothing else.</summary>
public sealed class OneClickTests
{
    private const string Host = "unsubscribe.news.example";
    private const string Ways = $"List-Unsubscribe: <https://{Host}/u/opaque?list=1>, <mailto:leave@news.example>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
    private const string Button = ".panel form[method=post]:has(button[aria-describedby=one-click-warning])";

    [Fact]
    public async Task The_owner_s_press_sends_one_post_and_its_answer_stays_on_the_page()
    {
        await using var server = new HttpsStranger(Host, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using PostmasterApp app = await StartAsync(server);
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        PortalPage page = await owner.PasteAsync(PagesKit.Text(PagesKit.Mail(app, fields: Ways)));
        Assert.Contains("will really be unsubscribed", page.Text, StringComparison.Ordinal);
        Assert.Equal(0, server.Connections);

        PortalPage after = await owner.SubmitAsync(page, Button);
        string sent = Assert.Single(server.Requests);
        Assert.StartsWith("POST /u/opaque?list=1 HTTP/1.1\r\n", sent, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nList-Unsubscribe=One-Click", sent, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/x-www-form-urlencoded\r\n", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("Cookie", sent, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("The server took it: HTTP 200", after.Text, StringComparison.Ordinal);
        Assert.Contains("HTTP 200", (await owner.GetAsync(page.Address.AbsolutePath)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "redirect (HTTP 302")]
    [InlineData("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "does not take it: HTTP 403")]
    [InlineData("", "There was no answer")]
    public async Task Other_answers_are_findings(string answer, string words)
    {
        await using var server = new HttpsStranger(Host, answer);
        await using PostmasterApp app = await StartAsync(server);
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        PortalPage after = await owner.SubmitAsync(await owner.PasteAsync(PagesKit.Text(PagesKit.Mail(app, fields: Ways))), Button);
        Assert.Contains(words, after.Text, StringComparison.Ordinal);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task A_host_inside_is_not_contacted()
    {
        await using var server = new HttpsStranger(Host, HttpsStranger.Ok(""));
        await using PostmasterApp app = await StartAsync(server, server.Options with { IsAllowed = new OutwardHttpsOptions().IsAllowed });
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        PortalPage after = await owner.SubmitAsync(await owner.PasteAsync(PagesKit.Text(PagesKit.Mail(app, fields: Ways))), Button);
        Assert.Contains("Nobody was contacted", after.Text, StringComparison.Ordinal);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task There_is_no_button_unless_one_valid_signature_covers_both_fields()
    {
        await using var server = new HttpsStranger(Host, HttpsStranger.Ok(""));
        await using PostmasterApp app = await StartAsync(server);
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        string signed = PagesKit.Text(PagesKit.Mail(app, fields: Ways));
        string[] mails =
        [
            PagesKit.Text(PagesKit.Mail(app)),
            signed.Replace("Dear", "Deer", StringComparison.Ordinal),
            Ways + PagesKit.Text(PagesKit.Mail(app)),
            "List-Unsubscribe: <https://other.example/u>\r\n" + signed,
            PagesKit.Text(PagesKit.Mail(app, fields: Ways.Replace("https:", "http:", StringComparison.Ordinal))),
            PagesKit.Text(PagesKit.Mail(app, fields: Ways.Replace("<mailto:leave@news.example>", "<https://two.example/>", StringComparison.Ordinal))),
            PagesKit.Text(PagesKit.Mail(app, fields: Ways.Replace("=One-Click", "=Two-Clicks", StringComparison.Ordinal))),
        ];
        Assert.NotNull((await owner.PasteAsync(signed)).Document.QuerySelector(Button));
        foreach (string mail in mails)
            Assert.Null((await owner.PasteAsync(mail)).Document.QuerySelector(Button));
    }

    [Fact]
    public async Task Nobody_else_can_press_it_and_no_link_shows_it()
    {
        await using var server = new HttpsStranger(Host, HttpsStranger.Ok(""));
        await using PostmasterApp app = await StartAsync(server);
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner), other = await app.SignedInAsync("other@news.example", isOperator: true);
        PortalPage page = await owner.PasteAsync(PagesKit.Text(PagesKit.Mail(app, fields: Ways)));

        // The other's own token and cookie, towards the owner's sample.
        PortalPage own = await other.PasteAsync(PagesKit.Text(PagesKit.Mail(app, fields: Ways)));
        using var stolen = new FormUrlEncodedContent(((IHtmlFormElement)own.Document.QuerySelector(Button)!).QuerySelectorAll("input[name]").OfType<IHtmlInputElement>().Select(i => KeyValuePair.Create(i.Name!, i.Value)));
        Assert.Contains((await other.Http.PostAsync(page.Address, stolen)).StatusCode, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.BadRequest]);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync(page.Address.AbsolutePath)).Status);
        using var bare = new FormUrlEncodedContent([new("_handler", "unsubscribe")]);
        Assert.Equal(HttpStatusCode.BadRequest, (await owner.Http.PostAsync(page.Address, bare)).StatusCode);

        PortalPage shared = await owner.SubmitAsync(page, "form:has(input[value=share])");
        using PortalVisitor stranger = app.NewVisitor();
        PortalPage seen = await stranger.GetAsync(new Uri(shared.Document.QuerySelector(".copy-value")!.TextContent).PathAndQuery);
        Assert.Contains("Offer one", seen.Text, StringComparison.Ordinal);
        Assert.Null(seen.Document.QuerySelector(Button));
        Assert.DoesNotContain("will really be unsubscribed", seen.Text, StringComparison.Ordinal);
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task Presses_are_limited_by_the_hour()
    {
        await using var server = new HttpsStranger(Host, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using PostmasterApp app = await StartAsync(server);
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        PortalPage page = await owner.PasteAsync(PagesKit.Text(PagesKit.Mail(app, fields: Ways)));
        for (int i = 0; i < 12; i++)
            page = await owner.SubmitAsync(page, Button);
        Assert.Contains("many unsubscriptions in a short time", page.Text, StringComparison.Ordinal);
        Assert.Equal(10, server.Connections);
    }

    [Fact]
    public async Task What_is_stored_is_sealed()
    {
        await using var server = new HttpsStranger(Host, HttpsStranger.Ok(""));
        await using PostmasterApp app = await StartAsync(server);
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        await owner.SubmitAsync(await owner.PasteAsync(PagesKit.Text(PagesKit.Mail(app, fields: Ways))), Button);
        await using PostmasterDb db = await app.OpenDbAsync();
        byte[] kept = (await db.Samples.SingleAsync()).SealedOneClick!;
        Assert.DoesNotContain("HTTP", Encoding.Latin1.GetString(kept), StringComparison.Ordinal);
        OneClickTrial trial = System.Text.Json.JsonSerializer.Deserialize<OneClickTrial>(app.Services.GetRequiredService<Sealer>().Open(kept))!;
        Assert.Equal((200, SampleSeverity.Ok), (trial.Status, trial.Severity));
    }

    /// <summary>Writes pictures where <c>POSTMASTER_PICTURES</c> names a folder.</summary>
    [NeedsFact("chromium")]
    public async Task The_warning_stands_above_the_button_at_every_width_and_in_both_colours()
    {
        await using var server = new HttpsStranger(Host, "HTTP/1.1 302 Found\r\nLocation: https://news.example/\r\nContent-Length: 0\r\n\r\n");
        await using PostmasterApp app = await StartAsync(server);
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        string path = (await owner.SubmitAsync(await owner.PasteAsync(PagesKit.Text(PagesKit.Mail(app, fields: Ways))), Button)).Address.AbsolutePath;
        await using Browser browser = await Browser.StartAsync();
        foreach ((int width, ColorScheme colours) in ((int, ColorScheme)[])[(1280, ColorScheme.Light), (1280, ColorScheme.Dark), (360, ColorScheme.Light), (360, ColorScheme.Dark)])
        {
            await using IBrowserContext context = await browser.OpenAsync(app.Address, width, colours);
            await context.AddCookiesAsync(owner.Cookies.GetAllCookies().Select(c => new Microsoft.Playwright.Cookie { Name = c.Name, Value = c.Value, Url = app.Address.ToString() }));
            IPage page = await context.NewPageAsync();
            await page.GotoAsync(path);
            LocatorBoundingBoxResult warning = (await page.Locator("#one-click-warning").BoundingBoxAsync())!, button = (await page.Locator("[aria-describedby=one-click-warning]").BoundingBoxAsync())!;
            Assert.True(warning.Y + warning.Height <= button.Y);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{width} wide: the page is wider than the window");
            if (Environment.GetEnvironmentVariable("POSTMASTER_PICTURES") is { Length: > 0 } folder)
                await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"one-click-{width}-{colours}.png"), FullPage = true });
        }
    }

    private static async Task<PostmasterApp> StartAsync(HttpsStranger server, OutwardHttpsOptions? options = null)
    {
        PostmasterApp app = await PostmasterApp.StartAsync(compose: builder => builder.Services.Replace(ServiceDescriptor.Singleton(options ?? server.Options)));
        app.Zone.AddAddress(Host, "127.0.0.1");
        return app;
    }
}
