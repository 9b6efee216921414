using System.Net;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Accounts;

public sealed class BrowserSafetyTests
{
    private static readonly Dictionary<string, string?> _https = new(StringComparer.Ordinal) { ["Provider:PublicUrl"] = "https://postmaster.provider.example" };

    [Fact]
    public async Task Every_answer_carries_the_safety_headers()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = app.NewVisitor();
        foreach (string path in (string[])["/", "/sign-in", "/no/such/page", "/css/postmaster.css", "/health"])
        {
            PortalPage page = await visitor.GetAsync(path);
            string policy = page.Header("Content-Security-Policy") ?? "";
            Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("form-action 'self'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", page.Header("X-Content-Type-Options"));
            Assert.Equal("same-origin", page.Header("Referrer-Policy"));
        }
    }

    [Fact]
    public async Task No_page_carries_an_inline_script()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = await app.SignedInAsync("olivia@news.example");
        foreach (string path in (string[])["/", "/sign-in", "/sign-up", "/account", "/account/second-factor", "/help"])
        {
            PortalPage page = await visitor.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.All(page.Document.QuerySelectorAll("script"), script => Assert.NotNull(script.GetAttribute("src")));
            Assert.Empty(page.Document.QuerySelectorAll("[onclick], [onload], [onsubmit]"));
        }
    }

    [Fact]
    public async Task A_page_behind_a_token_leaks_no_referrer_and_is_not_stored()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = app.NewVisitor();
        await visitor.SubmitAsync(await visitor.GetAsync("/sign-up"), null, ("Input.Email", "olivia@news.example"));
        PortalPage page = await visitor.GetAsync((await app.NextMailAsync("olivia@news.example")).LinkPath);
        Assert.Equal("no-referrer", page.Header("Referrer-Policy"));
        Assert.Equal("no-store", page.Header("Cache-Control"));
        foreach (string path in (string[])["/join-group/nothing", "/digest/nothing", "/stop-reports/nothing"])
        {
            PortalPage link = await visitor.GetAsync(path);
            Assert.Equal(("no-referrer", "no-store"), (link.Header("Referrer-Policy"), link.Header("Cache-Control")));
        }
    }

    [Fact]
    public async Task Pages_of_an_account_are_not_stored()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = await app.SignedInAsync("olivia@news.example");
        foreach (string path in (string[])["/account", "/", "/help"])
            Assert.Equal("no-store", (await visitor.GetAsync(path)).Header("Cache-Control"));
    }

    [Theory]
    [InlineData("/sign-in", "sign-in")]
    [InlineData("/sign-up", "sign-up")]
    [InlineData("/account/password", "change-password")]
    [InlineData("/sign-out", null)]
    public async Task A_form_without_its_token_is_refused(string path, string? handler)
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = await app.SignedInAsync("olivia@news.example");
        using var form = new FormUrlEncodedContent([new("_handler", handler ?? ""), new("Input.Email", "a@b.example"), new("Input.Password", "x"), new("from", "x")]);
        using HttpResponseMessage answer = await visitor.Http.PostAsync(new Uri(path, UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("/account", (await visitor.GetAsync("/account")).Address.AbsolutePath); // still signed in
    }

    [Fact]
    public async Task A_form_with_the_token_of_another_visitor_is_refused()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor victim = await app.SignedInAsync("olivia@news.example");
        using PortalVisitor attacker = await app.SignedInAsync("mallory@news.example");
        PortalPage theirs = await attacker.GetAsync("/account");
        using HttpResponseMessage answer = await victim.PostAsync(theirs, "form[action='/sign-out']");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Cookies_are_bound_to_the_host_where_the_portal_is_reached_by_https()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(_https);
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false });
        using HttpResponseMessage answer = await http.GetAsync(new Uri(app.Listened, "/sign-in"));
        string cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("__Host-postmaster-form=", cookie, StringComparison.Ordinal);
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("max-age=", answer.Headers.GetValues("Strict-Transport-Security").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_in_mails_name_the_configured_address_whatever_the_host_header_says()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Provider:PublicUrl"] = "http://postmaster.provider.example" });
        using var visitor = new PortalVisitor(app.Listened);
        visitor.Http.DefaultRequestHeaders.Host = "evil.example";
        PortalPage form = await visitor.GetAsync("/sign-up");
        using HttpResponseMessage answer = await visitor.PostAsync(form, null, ("Input.Email", "olivia@news.example"));
        Assert.Equal("http://postmaster.provider.example/check-mail?for=account", answer.Headers.Location?.ToString());
        PortalMail mail = await app.NextMailAsync("olivia@news.example");
        Assert.Contains("http://postmaster.provider.example/password/", mail.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("evil.example", mail.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "127.0.0.1")] // nobody's header is believed
    [InlineData("127.0.0.1", "192.0.2.77")]
    [InlineData("127.0.0.0/8", "192.0.2.77")]
    [InlineData("198.51.100.1", "127.0.0.1")] // another proxy is known, not this caller
    public async Task Forwarded_headers_count_only_from_configured_proxies(string? known, string seen)
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Proxy:KnownProxies:0"] = known });
        using PortalVisitor visitor = app.NewVisitor();
        visitor.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.77");
        await visitor.SubmitAsync(await visitor.GetAsync("/sign-up"), null, ("Input.Email", "olivia@news.example"));
        Assert.Contains($"somebody at {seen} asked", (await app.NextMailAsync("olivia@news.example")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_page_is_403_for_others_and_a_sign_in_for_strangers()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor stranger = app.NewVisitor();
        using PortalVisitor owner = await app.SignedInAsync("olivia@news.example");
        using PortalVisitor staff = await app.SignedInAsync("ops@provider.example", isOperator: true);
        Assert.Null((await owner.GetAsync("/account")).Document.QuerySelector("nav a[href='/operator']"));
        Assert.NotNull((await staff.GetAsync("/account")).Document.QuerySelector("nav a[href='/operator']"));
        Assert.Null((await stranger.GetAsync("/")).Document.QuerySelector("nav a[href='/operator']"));
    }
}
