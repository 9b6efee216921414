using System.Text;
using Microsoft.Playwright;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Accounts;

namespace Postmaster.Tests.Journeys;

/// <summary>
/// The main job in a real browser against the real product: from the first start to the report on the page. Nothing is in the database but what people did.
/// </summary>
public sealed class BrowserJourneyTests
{
    private const string Operator = "op@provider.example", Owner = "olivia@news.example", Reader = "rita@news.example", Feedback = "reports@inbox.example";
    private const string UnicodeDomain = "bücher.example", UnicodeInDns = "xn--bcher-kva.example";
    private const int TotpStep = 30;

    [NeedsFact("chromium")]
    public async Task From_the_first_start_to_the_report_on_the_page()
    {
        await using FreshPortal portal = await FreshPortal.StartAsync();
        await using Browser browser = await Browser.StartAsync();
        await using Visit staff = await Visit.StartAsync(browser, portal.Address);
        await using Visit owner = await Visit.StartAsync(browser, portal.Address);
        await using Visit stranger = await Visit.StartAsync(browser, portal.Address);
        await using Visit reader = await Visit.StartAsync(browser, portal.Address);

        await BecomeOperatorAsync(portal, staff);
        await SignUpAsync(portal, owner, Owner);
        string secret = await TurnOnSecondFactorAsync(owner);
        await SignInByKeyboardAsync(owner, secret);
        await AddDomainByKeyboardAsync(portal, owner);
        await AddUnicodeDomainAsync(owner);
        await ProveAsync(portal, owner);
        await NameFeedbackAddressAsync(portal, owner, stranger);
        await ComplainAsync(portal, owner);
        await ReadComplaintAsync(portal, owner);
        await InviteReaderAsync(portal, owner, reader);
        await OperateAsync(staff);
        await SwitchThemeAsync(owner);
        await SignOutAsync(owner);

        foreach (Visit visit in (Visit[])[staff, owner, stranger, reader])
            visit.AssertNoComplaints();
        Assert.Empty(portal.Relay.Failures);
    }

    [NeedsFact("chromium")]
    public async Task The_same_way_without_script()
    {
        await using FreshPortal portal = await FreshPortal.StartAsync();
        await using Browser browser = await Browser.StartAsync();
        await using Visit owner = await Visit.StartAsync(browser, portal.Address, script: false);
        await using Visit stranger = await Visit.StartAsync(browser, portal.Address, script: false);

        await SignUpAsync(portal, owner, Owner);
        await owner.Page.GetByLabel("Add a domain").FillAsync(FreshPortal.Sender);
        await owner.Button("Add domain").ClickAsync();
        await owner.ArrivesAtAsync($"**/domains/{FreshPortal.Sender}/ownership**");
        await ProveAsync(portal, owner);
        await NameFeedbackAddressAsync(portal, owner, stranger);
        await ComplainAsync(portal, owner);
        await ReadComplaintAsync(portal, owner);
        await SwitchThemeAsync(owner);
        await SignOutAsync(owner);

        owner.AssertNoComplaints();
        stranger.AssertNoComplaints();
    }

    private static async Task BecomeOperatorAsync(FreshPortal portal, Visit staff)
    {
        await staff.OpenAsync(portal.SetupLink.PathAndQuery);
        await staff.PictureAsync("01-setup");
        await staff.Page.GetByLabel("E-mail address").FillAsync(Operator);
        await staff.Page.GetByLabel("Password").FillAsync(FreshPortal.Password);
        await staff.Button("Make the account").ClickAsync();
        await staff.ArrivesAtAsync("**/operator");
        await staff.PictureAsync("02-operator-first-day");
        await staff.RefusedAsync(portal.SetupLink.PathAndQuery, 410);
        await staff.SeesAsync("It was used already");
    }

    private static async Task SignUpAsync(FreshPortal portal, Visit visitor, string email)
    {
        await visitor.OpenAsync("/");
        await visitor.PictureAsync("03-home");
        await visitor.Link("Make an account").First.ClickAsync();
        await visitor.ArrivesAtAsync("**/sign-up**");
        await SendSignUpFormAsync(portal, visitor, email);
        await visitor.ArrivesAtAsync("**/domains");
        await visitor.SeesAsync("No domain here yet.");
        await visitor.PictureAsync("05-no-domain");
    }

    private static async Task SendSignUpFormAsync(FreshPortal portal, Visit visitor, string email)
    {
        await visitor.Page.GetByLabel("E-mail address").FillAsync(email);
        await visitor.Button("Send the link").ClickAsync();
        await visitor.SeesAsync("Look into your mailbox");
        await visitor.OpenAsync((await portal.NextMailAsync(email)).LinkPath);
        await visitor.SeesAsync("Choose your password", email);
        await visitor.PictureAsync("04-choose-password");
        await visitor.Page.GetByLabel("Password").FillAsync(FreshPortal.Password);
        await visitor.Button("Make the account").ClickAsync();
    }

    /// <returns>The secret of the authenticator app.</returns>
    private static async Task<string> TurnOnSecondFactorAsync(Visit owner)
    {
        await owner.Link("Account").ClickAsync();
        await owner.Link("Set up").ClickAsync();
        await owner.Button("Set it up").ClickAsync();
        string secret = (await owner.Page.Locator(".copy-value").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await owner.PictureAsync("06-second-factor");
        await owner.Page.GetByLabel("Code").FillAsync(CodeOf(secret, stepsAhead: 0));
        await owner.Button("Turn the second factor on").ClickAsync();
        await Assertions.Expect(owner.Page.Locator(".codes li")).ToHaveCountAsync(SecondFactorStore.RecoveryCodes);
        await owner.PictureAsync("07-recovery-codes");
        await owner.Link("I have kept them").ClickAsync();
        await owner.SeesAsync("On At sign-in we also ask for a code");
        await owner.Button("Sign out").ClickAsync();
        await owner.SeesAsync("You are signed out.");
        return secret;
    }

    private static async Task SignInByKeyboardAsync(Visit owner, string secret)
    {
        await owner.OpenAsync("/sign-in");
        await owner.PictureAsync("08-sign-in");
        await owner.TabToAsync(owner.Page.GetByLabel("E-mail address"));
        await owner.Page.Keyboard.TypeAsync(Owner);
        await owner.TabToAsync(owner.Page.GetByLabel("Password"));
        await owner.Page.Keyboard.TypeAsync(FreshPortal.Password);
        await owner.Page.Keyboard.PressAsync("Enter");
        await owner.ArrivesAtAsync("**/sign-in/code**");
        await owner.PictureAsync("09-code");
        await owner.TabToAsync(owner.Page.GetByLabel("Code from the app"));
        // Each code works once, so the one after it: a clock may be a step ahead.
        await owner.Page.Keyboard.TypeAsync(CodeOf(secret, stepsAhead: 1));
        await owner.Page.Keyboard.PressAsync("Enter");
        await owner.ArrivesAtAsync("**/domains");
    }

    private static async Task AddDomainByKeyboardAsync(FreshPortal portal, Visit owner)
    {
        await owner.TabToAsync(owner.Page.GetByLabel("Add a domain"));
        await owner.Page.Keyboard.TypeAsync(FreshPortal.Sender);
        await owner.TabToAsync(owner.Button("Add domain"));
        await owner.Page.Keyboard.PressAsync("Enter");
        await owner.ArrivesAtAsync($"**/domains/{FreshPortal.Sender}/ownership**");
        await owner.SeesAsync("Not proved yet", $"NXDOMAIN from {portal.DnsName}");
        await owner.PictureAsync("10-ownership-not-proved");
    }

    private static async Task AddUnicodeDomainAsync(Visit owner)
    {
        await owner.OpenAsync("/domains");
        await owner.Page.GetByLabel("Add a domain").FillAsync(UnicodeDomain);
        await owner.Button("Add domain").ClickAsync();
        await owner.ArrivesAtAsync($"**/domains/{UnicodeInDns}/ownership**");
        await owner.SeesAsync(UnicodeDomain, "In DNS: " + UnicodeInDns);
        await owner.OpenAsync("/domains");
        await owner.SeesAsync(UnicodeDomain, FreshPortal.Sender, "Publish the TXT record");
        await owner.PictureAsync("11-two-domains");
    }

    private static async Task ProveAsync(FreshPortal portal, Visit owner)
    {
        await owner.OpenAsync($"/domains/{FreshPortal.Sender}/ownership");
        await owner.SeesAsync($"NXDOMAIN from {portal.DnsName}");
        string[] record = [.. (await owner.Page.Locator(".copy-value").AllInnerTextsAsync()).Select(t => t.Trim())];
        Assert.Equal(2, record.Length);
        portal.Zone.AddTxt(record[0], record[1]);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        do
        {
            Assert.False(patience.IsCancellationRequested, await owner.TextAsync());
            await owner.Button("Check now").ClickAsync();
            await owner.ArrivesAtAsync("**/ownership?done=*");
            if (!owner.Page.Url.EndsWith("wait", StringComparison.Ordinal))
                break;
            await owner.SeesAsync("DNS was asked only a moment ago.");
            await Task.Delay(1000, CancellationToken.None);
        }
        while (true);
        await owner.SeesAsync("Ownership Proved", $"found, from {portal.DnsName}");
        await owner.PictureAsync("12-ownership-proved");
        await owner.Link("Overview").ClickAsync();
        await owner.SeesAsync("No feedback address", "Nobody has complained");
        await owner.PictureAsync("13-overview-empty");
    }

    private static async Task NameFeedbackAddressAsync(FreshPortal portal, Visit owner, Visit stranger)
    {
        await owner.Link("Name an address for the reports").ClickAsync();
        await owner.PictureAsync("14-feedback-none");
        await owner.Page.GetByLabel("Mail address").FillAsync(Feedback);
        await owner.Button("Send the confirmation mail").ClickAsync();
        await owner.SeesAsync($"Reports go to {Feedback} Not confirmed yet");
        await owner.PictureAsync("15-feedback-not-confirmed");

        // Whoever reads that mailbox has no account here.
        await stranger.OpenAsync((await portal.NextMailAsync(Feedback)).LinkPath);
        await stranger.SeesAsync("May we send complaint reports here?", Feedback, FreshPortal.Sender);
        await stranger.PictureAsync("16-feedback-question");
        await stranger.Button("Yes, send reports here").ClickAsync();
        await stranger.SeesAsync("Reports will be sent here");
        await stranger.PictureAsync("17-feedback-agreed");
        await owner.Page.ReloadAsync();
        await owner.SeesAsync($"Reports go to {Feedback} Confirmed");
    }

    private static async Task ComplainAsync(FreshPortal portal, Visit owner)
    {
        await portal.PressInWebmailAsync(portal.Newsletter("spring-1"));
        await portal.PressInMailProgramAsync(portal.Newsletter("spring-2"));
        List<string> reports = [Encoding.UTF8.GetString((await portal.NextMailAsync(Feedback)).Bytes.Span), Encoding.UTF8.GetString((await portal.NextMailAsync(Feedback)).Bytes.Span)];
        foreach (string id in (string[])["spring-1", "spring-2"])
            Assert.Single(reports, r => r.Contains("Feedback-Type: abuse", StringComparison.Ordinal) && r.Contains($"<{id}@{FreshPortal.Sender}>", StringComparison.Ordinal));
        Assert.DoesNotContain(reports, r => r.Contains(RealPortal.MailboxUser, StringComparison.Ordinal));

        await owner.OpenAsync($"/domains/{FreshPortal.Sender}");
        await owner.SeesSoonAsync("2 complaints in");
        // The relay's answers are written a moment after the mails have come.
        await owner.SeesSoonAsync($"Reports go to {Feedback}, last one delivered");
        await owner.SeesAsync("Offer spring-1", "Offer spring-2");
        Assert.Single(await owner.Page.Locator(".daily-chart-wide .day-columns title").AllTextContentsAsync(), bar => bar.EndsWith(": 2 complaints", StringComparison.Ordinal));
        await owner.PictureAsync("18-overview");
        await owner.OpenAsync("/domains");
        await owner.PictureAsync("19-domains");
    }

    private static async Task ReadComplaintAsync(FreshPortal portal, Visit owner)
    {
        await owner.OpenAsync($"/domains/{FreshPortal.Sender}/complaints");
        await owner.SeesAsync("2 complaints in", $"weekly.{FreshPortal.Sender}");
        await owner.PictureAsync("20-complaints");
        await owner.Page.GetByLabel("Subject, Message-ID or stream").FillAsync("spring-1");
        await owner.Button("Filter").ClickAsync();
        await owner.SeesAsync("1 complaint in", "match the filter");
        Assert.DoesNotContain("Offer spring-2", await owner.TextAsync(), StringComparison.Ordinal);
        await owner.Link("Offer spring-1").ClickAsync();
        await owner.ArrivesAtAsync("**/complaints/*");
        await owner.SeesSoonAsync("Sent");
        await owner.SeesAsync($"To {Feedback}", "Attempts 1", "Last answer 250", $"spring-1@{FreshPortal.Sender}", $"d={FreshPortal.Sender}");
        Assert.DoesNotContain(RealPortal.MailboxUser, await owner.Page.ContentAsync(), StringComparison.Ordinal);
        await owner.PictureAsync("21-complaint");
        Assert.Contains(portal.Relay.Messages, m => m.MailFrom.Contains("<fbl-bounce+", StringComparison.Ordinal));
    }

    private static async Task InviteReaderAsync(FreshPortal portal, Visit owner, Visit reader)
    {
        await owner.Link("Settings").ClickAsync();
        await owner.Link("Members").ClickAsync();
        await owner.ArrivesAtAsync("**/members**");
        await owner.Page.GetByLabel("Mail address").FillAsync(Reader);
        await owner.Button("Send the invitation").ClickAsync();
        await owner.SeesAsync("The invitation is on its way.", Reader);
        await owner.PictureAsync("22-members");

        // Without an account the invitation leads to sign-in, and after sign-up it is opened again.
        string invitation = (await portal.NextMailAsync(Reader)).LinkPath;
        await reader.OpenAsync(invitation);
        Assert.Equal("/sign-in", reader.Path);
        await reader.Link("Make an account").ClickAsync();
        await reader.ArrivesAtAsync("**/sign-up**");
        await SendSignUpFormAsync(portal, reader, Reader);
        await reader.ArrivesAtAsync("**/domains");
        await reader.OpenAsync(invitation);
        await reader.SeesAsync($"{Owner} invites you as a reader.");
        await reader.PictureAsync("23-invitation");
        await reader.Button("Accept the invitation").ClickAsync();
        await reader.ArrivesAtAsync($"**/domains/{FreshPortal.Sender}");
        await reader.SeesAsync("2 complaints in", "Offer spring-1");
        await reader.PictureAsync("24-overview-of-a-reader");
        foreach (string page in (string[])["feedback", "ownership", "members"])
        {
            await reader.RefusedAsync($"/domains/{FreshPortal.Sender}/{page}", 403);
            await reader.SeesAsync("This page is not for this account");
        }

        await reader.RefusedAsync($"/domains/{UnicodeInDns}", 404);
        await reader.RefusedAsync("/operator", 403);
        await reader.PictureAsync("25-refused");
    }

    private static async Task OperateAsync(Visit staff)
    {
        await staff.OpenAsync("/operator");
        await staff.SeesAsync("Everything moves");
        await staff.PictureAsync("26-operator");
        foreach (string tab in (string[])["Complaints", "Queue", "Domains"])
        {
            await staff.Page.GetByRole(AriaRole.Navigation, new() { Name = "Operator" }).GetByRole(AriaRole.Link, new() { Name = tab }).ClickAsync();
            await staff.PictureAsync("27-operator-" + tab);
        }

        await staff.SeesAsync(FreshPortal.Sender, Owner);
    }

    private static async Task SwitchThemeAsync(Visit owner)
    {
        await owner.OpenAsync("/help/owners");
        string light = await BackgroundAsync(owner);
        await owner.Button("Dark").ClickAsync();
        await Assertions.Expect(owner.Page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        Assert.NotEqual(light, await BackgroundAsync(owner));
        Assert.Equal("/help/owners", owner.Path);
        await owner.OpenAsync("/domains");
        Assert.NotEqual(light, await BackgroundAsync(owner)); // it stays
        await owner.Button("System").ClickAsync();
        await Assertions.Expect(owner.Button("System")).ToHaveAttributeAsync("aria-pressed", "true");
        Assert.Equal(light, await BackgroundAsync(owner));
    }

    private static Task<string> BackgroundAsync(Visit visit) => visit.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");

    private static async Task SignOutAsync(Visit owner)
    {
        await owner.Link("Account").ClickAsync();
        await owner.Button("Sign out").ClickAsync();
        await owner.SeesAsync("You are signed out.");
        await owner.OpenAsync($"/domains/{FreshPortal.Sender}");
        Assert.Equal("/sign-in", owner.Path);
    }

    private static string CodeOf(string secret, int stepsAhead) =>
        SingleUseAuthenticator.CodeAt(Base32.Decode(secret), (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / TotpStep) + stepsAhead);
}
