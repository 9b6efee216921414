using System.Net;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Data;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Accounts;

public sealed class SignUpTests : IAsyncLifetime
{
    private PostmasterApp _app = default!;

    public async Task InitializeAsync() => _app = await PostmasterApp.StartAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task An_owner_signs_up_by_mail_chooses_a_password_and_is_signed_in()
    {
        using PortalVisitor visitor = await _app.SignedUpAsync("olivia@news.example");
        PortalPage account = await visitor.GetAsync("/account");
        Assert.Equal(HttpStatusCode.OK, account.Status);
        Assert.Contains("olivia@news.example", account.Text, StringComparison.Ordinal);

        PortalPage after = await visitor.SubmitAsync(account, "form[action='/sign-out']");
        Assert.Contains("You are signed out.", after.Text, StringComparison.Ordinal);
        Assert.Equal("/sign-in", (await visitor.GetAsync("/account")).Address.AbsolutePath);
        await visitor.SignInAsync("Olivia@NEWS.example", PostmasterApp.Password);
    }

    [Fact]
    public async Task The_mail_says_who_asked_and_what_to_do_if_it_was_somebody_else()
    {
        await AskAsync("/sign-up", "olivia@news.example");
        PortalMail mail = await _app.NextMailAsync("olivia@news.example");
        Assert.Contains("Example Mail", mail.Subject, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", mail.Text, StringComparison.Ordinal);
        Assert.Contains("If it was not you", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_page_answers_for_known_and_unknown_addresses()
    {
        await _app.EnsureUserAsync("known@news.example");
        foreach (string path in (string[])["/sign-up", "/forgotten-password"])
        {
            PortalPage known = await AskAsync(path, "known@news.example");
            PortalPage unknown = await AskAsync(path, "unknown@news.example");
            Assert.Equal(known.Address, unknown.Address);
            Assert.Equal(known.Text, unknown.Text);
        }
    }

    [Fact]
    public async Task Signing_up_with_a_known_address_tells_its_owner_and_changes_nothing()
    {
        await _app.EnsureUserAsync("known@news.example");
        await AskAsync("/sign-up", "known@news.example");
        PortalMail mail = await _app.NextMailAsync("known@news.example");
        Assert.StartsWith("You already have an account", mail.Subject, StringComparison.Ordinal);
        Assert.Equal("/sign-in", mail.LinkPath);
        using PortalVisitor visitor = _app.NewVisitor();
        await visitor.SignInAsync("known@news.example", PostmasterApp.Password);
    }

    [Fact]
    public async Task A_forgotten_password_of_an_unknown_address_sends_no_mail()
    {
        await AskAsync("/forgotten-password", "unknown@news.example");
        Assert.Empty(await _app.MailsAsync("unknown@news.example"));
    }

    [Fact]
    public async Task One_mailbox_gets_a_few_mails_an_hour_however_its_address_is_varied()
    {
        string[] variants = [.. Enumerable.Range(0, 9).Select(i => $"{(i % 2 == 0 ? "victim" : "VICTIM")}+{i}@news.example")];
        foreach (string variant in variants)
            await AskAsync("/sign-up", variant);
        int mails = 0;
        foreach (string variant in variants)
            mails += (await _app.MailsAsync(variant)).Count;
        Assert.Equal(new AccountsOptions().MailsPerHour, mails);
    }

    [Fact]
    public async Task A_link_works_once()
    {
        await AskAsync("/sign-up", "olivia@news.example");
        string link = (await _app.NextMailAsync("olivia@news.example")).LinkPath;
        using PortalVisitor first = _app.NewVisitor();
        using PortalVisitor second = _app.NewVisitor();
        PortalPage form = await first.GetAsync(link);
        PortalPage sameForm = await second.GetAsync(link);
        Assert.Equal("/domains", (await first.SubmitAsync(form, null, ("Input.Password", PostmasterApp.Password))).Address.AbsolutePath);

        PortalPage replayed = await second.SubmitAsync(sameForm, null, ("Input.Password", "another long password"));
        Assert.Equal(HttpStatusCode.Gone, replayed.Status);
        Assert.Equal("This link does not work any more", replayed.Heading);
        Assert.Equal(HttpStatusCode.Gone, (await second.GetAsync(link)).Status);
    }

    [Fact]
    public async Task A_link_ends_with_its_time()
    {
        await AskAsync("/sign-up", "olivia@news.example");
        string link = (await _app.NextMailAsync("olivia@news.example")).LinkPath;
        _app.Time.Advance(TimeSpan.FromHours(3));
        using PortalVisitor visitor = _app.NewVisitor();
        Assert.Equal(HttpStatusCode.Gone, (await visitor.GetAsync(link)).Status);
    }

    [Theory]
    [InlineData("too short")] // nine characters
    [InlineData("olivia2026!")] // the address and a year
    [InlineData("Password123456")]
    [InlineData("ExampleMail12")] // the provider and two digits
    [InlineData("aaaaaaaaaaaa")]
    public async Task An_obvious_password_is_refused_and_the_link_stays_good(string password)
    {
        await AskAsync("/sign-up", "olivia@news.example");
        string link = (await _app.NextMailAsync("olivia@news.example")).LinkPath;
        using PortalVisitor visitor = _app.NewVisitor();
        PortalPage refused = await visitor.SubmitAsync(await visitor.GetAsync(link), null, ("Input.Password", password));
        Assert.NotNull(refused.Document.QuerySelector(".message-bad"));
        Assert.DoesNotContain(password, refused.Html, StringComparison.Ordinal);
        Assert.Equal("/domains", (await visitor.SubmitAsync(refused, null, ("Input.Password", PostmasterApp.Password))).Address.AbsolutePath);
    }

    [Fact]
    public async Task A_new_password_signs_out_everywhere()
    {
        using PortalVisitor elsewhere = await _app.SignedInAsync("olivia@news.example");
        Assert.Equal("/account", (await elsewhere.GetAsync("/account")).Address.AbsolutePath);

        await AskAsync("/forgotten-password", "olivia@news.example");
        using PortalVisitor visitor = _app.NewVisitor();
        PortalPage form = await visitor.GetAsync((await _app.NextMailAsync("olivia@news.example")).LinkPath);
        PortalPage after = await visitor.SubmitAsync(form, null, ("Input.Password", "a quite different password"));
        Assert.Equal("/sign-in", after.Address.AbsolutePath);

        Assert.Equal("/sign-in", (await elsewhere.GetAsync("/account")).Address.AbsolutePath);
        await visitor.SignInAsync("olivia@news.example", "a quite different password");
        Assert.StartsWith("Your password was changed", (await _app.NextMailAsync("olivia@news.example")).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changing_the_password_keeps_this_session_and_ends_the_others()
    {
        using PortalVisitor elsewhere = await _app.SignedInAsync("olivia@news.example");
        using PortalVisitor here = await _app.SignedInAsync("olivia@news.example");
        PortalPage wrong = await here.SubmitAsync(
            await here.GetAsync("/account/password"), null, ("Input.Current", "not the password"), ("Input.Password", "a quite different password"));
        Assert.Contains("The current password is another one.", wrong.Text, StringComparison.Ordinal);

        PortalPage done = await here.SubmitAsync(wrong, null, ("Input.Current", PostmasterApp.Password), ("Input.Password", "a quite different password"));
        Assert.Equal("/account", done.Address.AbsolutePath);
        Assert.Equal("/account", (await here.GetAsync("/account")).Address.AbsolutePath);
        Assert.Equal("/sign-in", (await elsewhere.GetAsync("/account")).Address.AbsolutePath);
    }

    [Fact]
    public async Task Only_a_few_mails_an_hour_go_to_one_address()
    {
        for (int i = 0; i < 8; i++)
            await AskAsync("/sign-up", "flooded@news.example");
        Assert.Equal(5, (await _app.MailsAsync("flooded@news.example")).Count);
    }

    [Fact]
    public async Task Links_are_stored_hashed_and_mails_sealed()
    {
        await AskAsync("/sign-up", "olivia@news.example");
        string token = (await _app.NextMailAsync("olivia@news.example")).LinkPath.Split('/')[^1];
        Assert.False(await RawDatabase.ContainsAsync(_app, token));
        await using PostmasterDb db = await _app.OpenDbAsync();
        Assert.Equal(LinkPurpose.ChoosePassword, (await db.OneTimeLinks.SingleAsync(l => l.Purpose == LinkPurpose.ChoosePassword)).Purpose);
    }

    private async Task<PortalPage> AskAsync(string path, string email)
    {
        using PortalVisitor visitor = _app.NewVisitor();
        return await visitor.SubmitAsync(await visitor.GetAsync(path), null, ("Input.Email", email));
    }
}
