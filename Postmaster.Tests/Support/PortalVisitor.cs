using System.Net;
using System.Net.Http.Headers;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Postmaster.Tests.Support;

/// <summary>A person at a browser without script: keeps cookies, follows redirects, fills in the forms that the pages show.</summary>
internal sealed class PortalVisitor : IDisposable
{
    private readonly HttpClientHandler _handler = new() { CookieContainer = new CookieContainer(), AllowAutoRedirect = false };
    private const int MaxRedirects = 10;

    public PortalVisitor(Uri portal)
    {
        Http = new HttpClient(_handler) { BaseAddress = portal };
    }

    /// <summary>The same cookies, no redirects followed.</summary>
    public HttpClient Http { get; }

    public CookieContainer Cookies => _handler.CookieContainer;

    /// <summary>Opens a path; redirects within the portal are followed.</summary>
    public async Task<PortalPage> GetAsync(string path) => await FollowAsync(await Http.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute)));

    /// <summary>Sends a form of a page as a browser would: hidden and prefilled fields as they stand, <paramref name="fields"/> over them.</summary>
    /// <param name="form">A CSS selector; the only form in the page's main part when null.</param>
    public async Task<PortalPage> SubmitAsync(PortalPage page, string? form = null, params (string Name, string Value)[] fields) =>
        await FollowAsync(await PostAsync(page, form, fields));

    /// <summary>The same, and returns the first answer.</summary>
    public async Task<HttpResponseMessage> PostAsync(PortalPage page, string? form = null, params (string Name, string Value)[] fields)
    {
        IHtmlFormElement element = page.Form(form ?? "main form");
        List<KeyValuePair<string, string>> values = ReadForm(element);
        foreach ((string name, string value) in fields)
        {
            Assert.True(element.QuerySelector($"[name='{name}']") is not null, $"the form on {page.Address} has no field {name}: {element.OuterHtml}");
            values.RemoveAll(v => string.Equals(v.Key, name, StringComparison.Ordinal));
            values.Add(new(name, value));
        }

        var target = new Uri(page.Address, element.GetAttribute("action") ?? "");
        if (string.Equals(element.Method, "get", StringComparison.OrdinalIgnoreCase))
        {
            using var query = new FormUrlEncodedContent(values);
            return await Http.GetAsync(new UriBuilder(target) { Query = await query.ReadAsStringAsync() }.Uri);
        }

        using var content = new FormUrlEncodedContent(values);
        return await Http.PostAsync(target, content);
    }

    /// <summary>Through the sign-in page; fails the test when the portal says no.</summary>
    public async Task SignInAsync(string email, string password)
    {
        PortalPage after = await SubmitAsync(await GetAsync("/sign-in"), null, ("Input.Email", email), ("Input.Password", password));
        Assert.False(string.Equals(after.Address.AbsolutePath, "/sign-in", StringComparison.Ordinal), $"signing in as {email} failed: {after.Text}");
    }

    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }

    /// <summary>Follows the redirects of an answer and reads the page at their end.</summary>
    public async Task<PortalPage> FollowAsync(HttpResponseMessage response)
    {
        for (int hops = 0; response.StatusCode is HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.MovedPermanently; hops++)
        {
            Assert.True(hops < MaxRedirects, $"redirected for ever at {response.RequestMessage!.RequestUri}");
            var target = new Uri(response.RequestMessage!.RequestUri!, response.Headers.Location!);
            Assert.Equal(Http.BaseAddress!.Authority, target.Authority);
            response.Dispose();
            response = await Http.GetAsync(target);
        }

        string body = await response.Content.ReadAsStringAsync();
        return new PortalPage(response.StatusCode, response.RequestMessage!.RequestUri!, response.Headers, body);
    }

    private static List<KeyValuePair<string, string>> ReadForm(IHtmlFormElement form)
    {
        var values = new List<KeyValuePair<string, string>>();
        foreach (IElement field in form.QuerySelectorAll("input[name], select[name], textarea[name]"))
        {
            string name = field.GetAttribute("name")!;
            switch (field)
            {
                case IHtmlInputElement { Type: "checkbox" or "radio", IsChecked: false } or IHtmlInputElement { Type: "submit" or "file" }:
                    break;
                case IHtmlInputElement input:
                    values.Add(new(name, input.Value));
                    break;
                case IHtmlSelectElement select:
                    values.Add(new(name, select.Value ?? ""));
                    break;
                case IHtmlTextAreaElement area:
                    values.Add(new(name, area.Value));
                    break;
            }
        }

        return values;
    }
}

/// <summary>A page as it came: read with AngleSharp, no script run.</summary>
internal sealed record PortalPage(HttpStatusCode Status, Uri Address, HttpResponseHeaders Headers, string Html)
{
    public IHtmlDocument Document { get; } = new HtmlParser().ParseDocument(Html);

    /// <summary>The text of the main part with single spaces: what a reader sees.</summary>
    public string Text => string.Join(' ', (Document.QuerySelector("main") ?? Document.Body!).TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public string Heading => Document.QuerySelector("h1")?.TextContent.Trim() ?? "";

    public string? Header(string name) => Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(", ", values) : null;

    public IHtmlFormElement Form(string selector)
    {
        IHtmlFormElement[] found = [.. Document.QuerySelectorAll(selector).OfType<IHtmlFormElement>()];
        Assert.True(found.Length == 1, $"{found.Length} forms match '{selector}' on {Address} ({(int)Status}): {Text}");
        return found[0];
    }
}
