using System.Collections.Concurrent;
using Microsoft.Playwright;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Journeys;

/// <summary>
/// A person at a browser of their own. Remembers what the browser complained about: console errors, refusals of the content security policy, failed requests.
/// </summary>
internal sealed class Visit : IAsyncDisposable
{
    /// <summary>Set to a folder to get pictures of the pages, wide and narrow, light and dark.</summary>
    private static readonly string? Screenshots = Environment.GetEnvironmentVariable("POSTMASTER_SCREENSHOTS");

    private const float Patience = 60_000;
    private const int MostTabs = 60;
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);

    private Visit(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
    }

    public IPage Page { get; }

    public string Path => new Uri(Page.Url).AbsolutePath;

    public static async Task<Visit> StartAsync(Browser browser, Uri portal, bool script = true)
    {
        IBrowserContext context = await browser.OpenAsync(portal, script: script);
        var visit = new Visit(context, await context.NewPageAsync());
        context.Console += (_, message) => visit.Hear(message);
        context.WebError += (_, error) => visit._complaints.Enqueue(error.Error);
        context.Response += (_, response) => visit.Hear(response);
        return visit;
    }

    public async Task OpenAsync(string path) => await Page.GotoAsync(path);

    /// <summary>Opens a page that this person may not see.</summary>
    public async Task RefusedAsync(string path, int status)
    {
        _refused.Add(new Uri(new Uri(Page.Url), path).ToString());
        IResponse? response = await Page.GotoAsync(path);
        Assert.True(response!.Status == status, $"{path} answered {response.Status}: {await TextAsync()}");
    }

    /// <summary>Waits until a press of a button or a link has led to an address, and its page is complete.</summary>
    /// <param name="address">With <c>**</c> for any text.</param>
    public async Task ArrivesAtAsync(string address)
    {
        // The load event can come before anybody listens for it; the document itself always knows.
        await Page.WaitForURLAsync(address, new() { WaitUntil = WaitUntilState.Commit });
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(Patience));
        while (!string.Equals(await Page.EvaluateAsync<string>("document.readyState"), "complete", StringComparison.Ordinal))
            await Task.Delay(20, patience.Token);
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    /// <summary>The text of the main part with single spaces.</summary>
    public async Task<string> TextAsync() => string.Join(' ', (await Page.Locator("main").InnerTextAsync()).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Waits until all words are on the page: a press of a button may just be leading to it.</summary>
    public async Task SeesAsync(params string[] words)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(Patience));
        while (true)
        {
            string text = await TextWhileMovingAsync();
            string? missing = Array.Find(words, w => !text.Contains(w, StringComparison.Ordinal));
            if (missing is null)
                return;
            Assert.False(patience.IsCancellationRequested, $"'{missing}' is not on {Page.Url}: {text}");
            await Task.Delay(30, CancellationToken.None);
        }
    }

    /// <summary>The text, or nothing while one page gives way to the next.</summary>
    private async Task<string> TextWhileMovingAsync()
    {
        try
        {
            return await TextAsync();
        }
        catch (PlaywrightException)
        {
            return "";
        }
    }

    /// <summary>Reloads until the words are there: for what a worker does meanwhile.</summary>
    public async Task SeesSoonAsync(string words)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(2 * Patience));
        while (!(await TextWhileMovingAsync()).Contains(words, StringComparison.Ordinal))
        {
            Assert.False(patience.IsCancellationRequested, $"'{words}' did not come to {Page.Url}: {await TextWhileMovingAsync()}");
            await Task.Delay(250, CancellationToken.None);
            await Page.ReloadAsync();
        }
    }

    /// <summary>Presses Tab until the element has the focus, which must be visible, as someone without a mouse does.</summary>
    public async Task TabToAsync(ILocator wanted)
    {
        for (int tabs = 0; tabs < MostTabs; tabs++)
        {
            await Page.Keyboard.PressAsync("Tab");
            if (!await wanted.EvaluateAsync<bool>("e => e === document.activeElement"))
                continue;
            Assert.True(await wanted.EvaluateAsync<bool>("e => e.matches(':focus-visible') && getComputedStyle(e).outlineStyle !== 'none'"), $"{wanted} does not show that it has the focus");
            return;
        }

        Assert.Fail($"{wanted} on {Page.Url} cannot be reached with the Tab key");
    }

    /// <summary>Does nothing unless pictures are wanted. Leaves the window as it was.</summary>
    public async Task PictureAsync(string name)
    {
        if (Screenshots is null)
            return;
        Directory.CreateDirectory(Screenshots);
        foreach (ColorScheme colours in (ColorScheme[])[ColorScheme.Dark, ColorScheme.Light])
        {
            foreach (int width in (int[])[360, 1280])
            {
                await Page.SetViewportSizeAsync(width, 900);
                await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = colours });
                await Page.ScreenshotAsync(new PageScreenshotOptions { Path = System.IO.Path.Combine(Screenshots, $"{name}-{width}-{colours}.png"), FullPage = true });
            }
        }
    }

    /// <summary>Fails when the browser had anything to complain about so far.</summary>
    public void AssertNoComplaints() => Assert.True(_complaints.IsEmpty, string.Join('\n', _complaints));

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void Hear(IConsoleMessage message)
    {
        // A page that was refused on purpose is an error to the console too.
        bool asked = message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal) && _refused.Contains(WithoutPosition(message.Location));
        if (message.Type is "error" or "warning" && !asked)
            _complaints.Enqueue($"{Page.Url}: {message.Type}: {message.Text} ({message.Location})");
    }

    /// <summary>The console names a place as <c>URL:LINE:COLUMN</c>.</summary>
    private static string WithoutPosition(string location)
    {
        int column = location.LastIndexOf(':'), line = column < 0 ? -1 : location.LastIndexOf(':', column - 1);
        return line < 0 ? location : location[..line].Split('#')[0];
    }

    private void Hear(IResponse response)
    {
        if (response.Status >= 400 && !_refused.Contains(response.Url))
            _complaints.Enqueue($"{response.Url} answered {response.Status}");
    }
}
