using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Accounts;

public sealed class SignInTests
{
    private const string Email = "olivia@news.example";

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_get_the_same_answer()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        await app.EnsureUserAsync(Email);
        PortalPage wrong = await TryAsync(app, Email, "not the password");
        PortalPage unknown = await TryAsync(app, "nobody@news.example", "not the password");
        Assert.Equal(HttpStatusCode.OK, wrong.Status);
        Assert.Equal(wrong.Text, unknown.Text);
        Assert.NotNull(wrong.Document.QuerySelector("[role=alert]"));
        Assert.DoesNotContain("not the password", wrong.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_wrong_passwords_lock_the_account_and_tell_its_owner_once()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Accounts:MaxFailedSignIns"] = "3" });
        await app.EnsureUserAsync(Email);
        PortalPage unknown = await TryAsync(app, "nobody@news.example", "not the password");
        for (int i = 0; i < 5; i++)
            await TryAsync(app, Email, "not the password");

        PortalPage locked = await TryAsync(app, Email, PostmasterApp.Password);
        Assert.Equal("/sign-in", locked.Address.AbsolutePath);
        Assert.Equal(unknown.Text, locked.Text); // no hint that there is an account to lock
        PortalMail mail = Assert.Single(await app.MailsAsync(Email));
        Assert.StartsWith("Too many tries", mail.Subject, StringComparison.Ordinal);

        await EndLockAsync(app);
        using PortalVisitor visitor = app.NewVisitor();
        await visitor.SignInAsync(Email, PostmasterApp.Password);
    }

    [Fact]
    public async Task Too_many_forms_from_one_place_get_429()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Accounts:FormsPerMinute"] = "3" });
        for (int i = 0; i < 3; i++)
            Assert.Equal(HttpStatusCode.OK, (await TryAsync(app, $"nobody{i}@news.example", "not the password")).Status);
        PortalPage refused = await TryAsync(app, "nobody@news.example", "not the password");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Equal("Too many tries", refused.Heading);
        Assert.Equal("60", refused.Header("Retry-After"));
    }

    [Fact]
    public async Task Signing_in_leads_back_to_where_it_was_asked_for()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        await app.EnsureUserAsync(Email);
        using PortalVisitor visitor = app.NewVisitor();
        PortalPage form = await visitor.GetAsync("/account/password");
        Assert.Equal("/sign-in", form.Address.AbsolutePath);
        PortalPage after = await visitor.SubmitAsync(form, null, ("Input.Email", Email), ("Input.Password", PostmasterApp.Password));
        Assert.Equal("/account/password", after.Address.AbsolutePath);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\t/evil.example")]
    public async Task Signing_in_leads_to_no_other_site(string returnUrl)
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        await app.EnsureUserAsync(Email);
        using PortalVisitor visitor = app.NewVisitor();
        PortalPage form = await visitor.GetAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl));
        using HttpResponseMessage answer = await visitor.PostAsync(form, null, ("Input.Email", Email), ("Input.Password", PostmasterApp.Password));
        Assert.Equal("/domains", new Uri(app.Address, answer.Headers.Location!).PathAndQuery);
        Assert.Equal(app.Address.Authority, new Uri(app.Address, answer.Headers.Location!).Authority);
    }

    [Fact]
    public async Task The_first_operator_is_made_by_the_newest_link_and_only_once()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        var setup = app.Services.GetRequiredService<SetupLink>();
        string older = new Uri((await setup.IssueAsync(CancellationToken.None))!).PathAndQuery;
        string newest = new Uri((await setup.IssueAsync(CancellationToken.None))!).PathAndQuery;
        using PortalVisitor visitor = app.NewVisitor();
        Assert.Equal(HttpStatusCode.Gone, (await visitor.GetAsync(older)).Status);
        Assert.Equal(HttpStatusCode.Gone, (await visitor.GetAsync("/setup/0000000000000000000000000000000000000000")).Status);

        PortalPage form = await visitor.GetAsync(newest);
        PortalPage after = await visitor.SubmitAsync(form, null, ("Input.Email", "ops@provider.example"), ("Input.Password", PostmasterApp.Password));
        Assert.Equal("/operator", after.Address.AbsolutePath);
        await using PostmasterDb db = await app.OpenDbAsync();
        PortalUser user = await db.Users.SingleAsync();
        Assert.True(user is { IsOperator: true, EmailConfirmed: true });
        Assert.Equal(HttpStatusCode.Gone, (await visitor.GetAsync(newest)).Status);
        Assert.Null(await setup.IssueAsync(CancellationToken.None));
    }

    private static async Task<PortalPage> TryAsync(PostmasterApp app, string email, string password)
    {
        using PortalVisitor visitor = app.NewVisitor();
        PortalPage page = await visitor.SubmitAsync(await visitor.GetAsync("/sign-in"), null, ("Input.Email", email), ("Input.Password", password));
        return page with { Html = page.Html.Replace(email, "", StringComparison.Ordinal) };
    }

    private static async Task EndLockAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        PortalUser user = await db.Users.SingleAsync(u => u.Email == Email);
        Assert.NotNull(user.LockoutEnd);
        user.LockoutEnd = null;
        await db.SaveChangesAsync();
    }
}
