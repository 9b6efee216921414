using Microsoft.Playwright;

namespace Postmaster.Tests.Support;

/// <summary>The system's Chromium under Playwright; nothing is downloaded. Tests that use it carry <c>[NeedsFact("chromium")]</c>.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Switches =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    /// <summary>Milliseconds.</summary>
    private const float Patience = 120_000;

    private readonly IPlaywright _playwright;
    private readonly IBrowser _chromium;

    private Browser(IPlaywright playwright, IBrowser chromium)
    {
        _playwright = playwright;
        _chromium = chromium;
    }

    public static async Task<Browser> StartAsync()
    {
        string path = RequiredPrograms.Find("chromium") ?? throw new InvalidOperationException("chromium is not installed (deploy/test.sh installs it)");
        Assertions.SetDefaultExpectTimeout(Patience);
        IPlaywright playwright = await Microsoft.Playwright.Playwright.CreateAsync();
        IBrowser chromium = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = path, Args = Switches, Timeout = Patience });
        return new Browser(playwright, chromium);
    }

    /// <summary>A fresh profile with a window of that width.</summary>
    /// <param name="script">False: a visitor who has turned script off.</param>
    public async Task<IBrowserContext> OpenAsync(Uri address, int width = 1280, ColorScheme colours = ColorScheme.Light, bool script = true)
    {
        IBrowserContext context = await _chromium.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = colours,
            JavaScriptEnabled = script,
            ReducedMotion = ReducedMotion.Reduce,
            TimezoneId = "Europe/Berlin",
            Locale = "en-GB",
        });
        context.SetDefaultTimeout(Patience);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        await _chromium.DisposeAsync();
        _playwright.Dispose();
    }
}
