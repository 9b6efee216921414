using System.Text;
using Microsoft.Playwright;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Samples;

/// <summary>The sample pages in a real browser: what appears by itself, what is dropped, and what three mails look like.</summary>
public sealed class PagesBrowserTests
{
    private const string Trace = "Received: from mta3.esp.example (mta3.esp.example [192.0.2.7])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384)\r\n"
        + "\tby mx.provider.example (Postfix) with ESMTPS id 4ABC; Fri, 2 Jan 2026 10:00:01 +0000\r\n";

    /// <summary>Octets of HTML.</summary>
    private const int PageBudget = 60 * 1024;

    [NeedsFact("chromium")]
    public async Task The_result_of_a_mail_to_the_address_appears_by_itself()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        await using Browser browser = await Browser.StartAsync();
        (IBrowserContext context, IPage page) = await SignedInAsync(app, browser);
        await using IBrowserContext _ = context;
        app.Zone.AddTxt("news.example", "v=spf1 ip4:192.0.2.7 -all");
        app.Zone.AddTxt("_dmarc.news.example", "v=DMARC1; p=reject; rua=mailto:d@news.example");

        string address = await AddressAsync(page);
        Assert.StartsWith("250", await PagesKit.DeliverAsync(app, address, [.. Encoding.ASCII.GetBytes(Trace), .. PagesKit.Mail(app)]), StringComparison.Ordinal);

        await page.Locator("details#dkim").WaitForAsync();
        foreach (string topic in (string[])["dkim", "spf", "dmarc"])
            Assert.Equal("Good", await page.Locator($"details#{topic} summary .badge").TextContentAsync());
        Assert.False(await page.Locator("details#dkim .finding").First.IsVisibleAsync());
        await page.Locator("details#dkim summary").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.True(await page.Locator("details#dkim .finding").First.IsVisibleAsync());
        await PictureAsync(page, "good");
    }

    [NeedsFact("chromium")]
    public async Task A_dropped_mail_with_a_broken_body_hash_opens_with_its_octets_marked()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        await using Browser browser = await Browser.StartAsync();
        (IBrowserContext context, IPage page) = await SignedInAsync(app, browser);
        await using IBrowserContext _ = context;
        await page.GotoAsync("/samples");
        string mail = PagesKit.Text(PagesKit.Mail(app)) + "-- \r\nscanned by a gateway\r\n";

        IJSHandle dropped = await page.EvaluateHandleAsync("text => { const t = new DataTransfer(); t.items.add(new File([text], 'mail.eml')); return t; }", mail);
        await page.Locator("form[data-drop]").DispatchEventAsync("drop", new { dataTransfer = dropped });

        await page.Locator("details#dkim[open]").WaitForAsync();
        Assert.Equal("Fix it", await page.Locator("details#dkim summary .badge").TextContentAsync());
        Assert.True(await page.Locator("details#dkim mark").First.IsVisibleAsync());
        await PictureAsync(page, "broken");
    }

    [NeedsFact("chromium")]
    public async Task An_SPF_record_over_its_limits_comes_with_the_section_and_the_terms()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        await using Browser browser = await Browser.StartAsync();
        (IBrowserContext context, IPage page) = await SignedInAsync(app, browser);
        await using IBrowserContext _ = context;
        app.Zone.AddTxt("news.example", "v=spf1 " + string.Join(' ', Enumerable.Range(1, 12).Select(i => $"include:_spf{i}.esp.example")) + " -all");
        for (int i = 1; i <= 12; i++)
            app.Zone.AddTxt($"_spf{i}.esp.example", $"v=spf1 ip4:198.51.100.{i} -all");

        string address = await AddressAsync(page);
        await PagesKit.DeliverAsync(app, address, [.. Encoding.ASCII.GetBytes(Trace), .. PagesKit.Mail(app)]);

        await page.Locator("details#spf[open]").WaitForAsync();
        Assert.Equal("Fix it", await page.Locator("details#spf summary .badge").TextContentAsync());
        Assert.Contains("RFC 7208 §4.6.4", await page.Locator("details#spf").InnerTextAsync(), StringComparison.Ordinal);
        await PictureAsync(page, "spf");
        await page.SetViewportSizeAsync(360, 900);
        Assert.Equal(360, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.True((await page.ReloadAsync().ContinueWith(r => r.Result!.BodyAsync(), TaskScheduler.Default).Unwrap()).Length < PageBudget);
        await PictureAsync(page, "spf-narrow");
    }

    private static async Task<(IBrowserContext Context, IPage Page)> SignedInAsync(PostmasterApp app, Browser browser)
    {
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        IBrowserContext context = await browser.OpenAsync(app.Address);
        await context.AddCookiesAsync(owner.Cookies.GetAllCookies().Select(c => new Cookie { Name = c.Name, Value = c.Value, Url = app.Address.ToString() }));
        return (context, await context.NewPageAsync());
    }

    private static async Task<string> AddressAsync(IPage page)
    {
        await page.GotoAsync("/samples");
        await page.GetByRole(AriaRole.Button, new() { Name = "Give me an address" }).ClickAsync();
        return (await page.Locator(".copy-value").TextContentAsync())!;
    }

    /// <summary>Where POSTMASTER_PICTURES names a folder, what the test saw.</summary>
    private static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("POSTMASTER_PICTURES") is { } folder)
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"sample-{name}.png"), FullPage = true });
    }
}
