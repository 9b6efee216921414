using System.Net;
using Postmaster.Tests.Support;

namespace Postmaster.Tests.Samples;

/// <summary>Visitors without an account, where the operator lets them in.</summary>
public sealed class PagesAnonymousTests
{
    private static readonly Dictionary<string, string?> Allowed = new(StringComparer.Ordinal) { ["Samples:AllowAnonymous"] = "true", ["Samples:AnonymousPerHour"] = "3" };

    [Fact]
    public async Task A_visitor_sees_what_this_browser_checked_and_no_other_does()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(Allowed);
        using PortalVisitor visitor = app.NewVisitor(), other = app.NewVisitor(), account = await app.SignedInAsync(PagesKit.Owner);
        Assert.NotNull((await visitor.GetAsync("/")).Document.QuerySelector("main a[href='/samples']"));

        PortalPage page = await visitor.PasteAsync(PagesKit.Text(PagesKit.Mail(app)));
        string path = page.Address.AbsolutePath;

        Assert.Equal(HttpStatusCode.OK, (await visitor.GetAsync(path)).Status);
        Assert.Contains("Offer one", (await visitor.GetAsync("/samples")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync(path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await account.GetAsync(path)).Status);
        Assert.DoesNotContain("Offer one", (await other.GetAsync("/samples")).Text, StringComparison.Ordinal);
        app.Time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.NotFound, (await visitor.GetAsync(path)).Status);
    }

    [Fact]
    public async Task The_limit_counts_the_address_and_not_the_cookie()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(Allowed);
        string mail = PagesKit.Text(PagesKit.Mail(app));
        for (int i = 0; i < 3; i++)
        {
            using PortalVisitor visitor = app.NewVisitor();
            Assert.Equal(HttpStatusCode.OK, (await visitor.PasteAsync(mail)).Status);
        }

        using PortalVisitor fourth = app.NewVisitor(), account = await app.SignedInAsync(PagesKit.Owner);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await fourth.PasteAsync(mail)).Status);
        (PortalPage page, string address) = await fourth.AddressAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, page.Status);
        Assert.Equal("", address);
        Assert.Equal(HttpStatusCode.OK, (await account.PasteAsync(mail)).Status);
    }

    [Fact]
    public async Task An_account_has_a_limit_too()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Samples:PerHour"] = "2", ["Samples:MaxKept"] = "1" });
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner), other = await app.SignedInAsync("other@mail.example");
        string mail = PagesKit.Text(PagesKit.Mail(app));

        PortalPage first = await owner.PasteAsync(mail);
        Assert.Contains("as many as can be kept", (await owner.PasteAsync(mail)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await owner.PasteAsync(mail)).Status);
        Assert.Contains("many checks", (await owner.SubmitAsync(first, "form:has([value=again])")).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await other.PasteAsync(mail)).Status);
    }

    [Fact]
    public async Task Without_leave_nobody_signed_out_is_offered_or_let_in()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor visitor = app.NewVisitor();
        Assert.Null((await visitor.GetAsync("/")).Document.QuerySelector("a[href='/samples']"));
        using var content = new FormUrlEncodedContent([new("text", "Subject: x\r\n\r\nx")]);
        using HttpResponseMessage answer = await visitor.Http.PostAsync(new Uri("/samples/check", UriKind.Relative), content);
        Assert.Equal("/sign-in", answer.Headers.Location!.AbsolutePath);
    }
}
