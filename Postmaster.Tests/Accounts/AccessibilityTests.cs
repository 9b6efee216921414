using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Accounts;

/// <summary>What no route alone leads to, and help, in Chromium: axe finds nothing serious, nothing sticks out at 360 px, nothing is blocked by our own rules.</summary>
public sealed class AccessibilityTests
{
    private const string Email = "olivia@news.example";
    private static readonly string[] _open = ["/check-mail?for=account", "/help", "/help/owners", "/help/operators", "/not/there"];

    [NeedsFact("chromium")]
    public async Task The_second_factor_and_help_are_clean_light_and_dark_wide_and_narrow()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        await app.EnsureUserAsync(Email);
        await using Browser browser = await Browser.StartAsync();
        foreach ((int width, ColorScheme colours) in ((int, ColorScheme)[])[(1280, ColorScheme.Light), (360, ColorScheme.Dark)])
        {
            await using IBrowserContext context = await browser.OpenAsync(app.Address, width, colours);
            IPage page = await context.NewPageAsync();
            var refusals = new List<string>();
            page.Console += (_, message) =>
            {
                if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
                    refusals.Add(message.Text);
            };
            foreach (string path in _open)
                await CheckAsync(page, path);
            await page.GotoAsync("/sign-in");
            await page.GetByLabel("E-mail address").FillAsync(Email);
            await page.GetByLabel("Password").FillAsync(PostmasterApp.Password);
            await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
            await page.WaitForURLAsync("**/domains"); // who goes on before has not signed in
            await CheckAsync(page, "/account/second-factor");
            await page.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).Or(page.GetByLabel("Code")).First.WaitForAsync();
            if (await page.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).CountAsync() > 0)
                await page.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).ClickAsync();
            await page.GetByLabel("Code").First.WaitForAsync();
            await CheckAsync(page, "/account/second-factor");
            Assert.Empty(refusals);
        }
    }

    private static async Task CheckAsync(IPage page, string path)
    {
        await page.GotoAsync(path);
        AxeResult result = await page.RunAxe();
        string[] bad = [.. result.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{path}: {v.Id} {string.Join(", ", v.Nodes.Select(n => n.Html))}")];
        Assert.Empty(bad);
        int beyond = await page.EvaluateAsync<int>("document.documentElement.scrollWidth - window.innerWidth");
        Assert.True(beyond <= 0, $"{path} sticks out by {beyond} px");
    }
}
