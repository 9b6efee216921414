using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

/// <summary>Every page in a real browser, light and dark, wide and narrow: nothing that axe calls serious, nothing that a phone has to scroll sideways for.</summary>
public sealed partial class LookTests
{
    private const string Owner = "owner@news.example", Staff = "op@provider.example";

    /// <summary>Set to a folder to get a picture of every page.</summary>
    private static readonly string? Pictures = Environment.GetEnvironmentVariable("POSTMASTER_PICTURES");

    /// <summary>Octets of HTML: a page comes in one breath on a bad line.</summary>
    private const int PageBudget = 60 * 1024;

    // Narrow and light is left out: its places are those of narrow and dark, its colours those of wide and light. Every day wide and dark is left out for the like reason.
    private static readonly (int Width, ColorScheme Colours)[] Looks = RequiredPrograms.RequireAll
        ? [(1280, ColorScheme.Light), (1280, ColorScheme.Dark), (360, ColorScheme.Dark)]
        : [(1280, ColorScheme.Light), (360, ColorScheme.Dark)];

    /// <summary>Where only the colours differ from a look before, only they are looked at.</summary>
    private static readonly AxeRunOptions EveryRule = new(), ColoursOnly = new() { RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast"] } };

    [NeedsFact("chromium")]
    public async Task Every_page_is_fit_for_every_reader_and_every_screen()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        Dictionary<string, string> ids = await SeedAsync(app);
        await using Browser browser = await Browser.StartAsync();
        List<string> wrong = [];
        foreach ((string who, PortalVisitor? visitor) in (IEnumerable<(string, PortalVisitor?)>)
            [("anonymous", null), ("owner", await app.SignedInAsync(Owner)), ("operator", await app.SignedInAsync(Staff, isOperator: true))])
        {
            using (visitor)
            {
                await using IBrowserContext context = await browser.OpenAsync(app.Address);
                if (visitor is not null)
                    await context.AddCookiesAsync(CookiesOf(visitor, app.Address));
                IPage page = await context.NewPageAsync();
                foreach (string path in Paths(app, ids, who))
                {
                    IResponse? response = await page.GotoAsync(path);
                    if (response!.Status >= 500)
                        wrong.Add($"{who} {path}: status {response.Status}");
                    if ((await response.BodyAsync()).Length is var octets && octets > PageBudget)
                        wrong.Add($"{who} {path}: {octets} octets of HTML");
                    foreach ((int width, ColorScheme colours) in Looks)
                        wrong.AddRange((await FaultsAsync(page, path, width, colours, who)).Select(f => $"{who} {path} at {width} px, {colours}: {f}"));
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [NeedsFact("chromium")]
    public async Task Values_under_the_pointer_need_no_script_and_the_table_opens_by_keyboard()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await SeedAsync(app);
        await using Browser browser = await Browser.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        await using IBrowserContext context = await browser.OpenAsync(app.Address, script: false);
        await context.AddCookiesAsync(CookiesOf(owner, app.Address));
        IPage page = await context.NewPageAsync();
        await page.GotoAsync("/domains/news.example");

        Assert.Equal(30, await page.Locator("section:has(#rate) .hits title").CountAsync());
        Assert.False(await page.Locator("section:has(#rate) .numbers-table").IsVisibleAsync());
        await page.Locator("section:has(#rate) details summary").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        Assert.True(await page.Locator("section:has(#rate) .numbers-table").IsVisibleAsync());
        await page.GetByRole(AriaRole.Link, new() { Name = "7 days" }).ClickAsync();
        await page.WaitForURLAsync("**/domains/news.example?range=7d");
    }

    /// <summary>Every page that the portal has, as its routes say, with the parameters that the seeded rows give.</summary>
    private static IEnumerable<string> Paths(PostmasterApp app, Dictionary<string, string> ids, string who)
    {
        IEnumerable<string> routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
            .Select(e => "/" + e.RoutePattern.RawText!.TrimStart('/'))
            .Where(p => Guarded().IsMatch(p) == (who is not "anonymous") && p.StartsWith("/operator", StringComparison.Ordinal) == (who is "operator"))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        foreach (string route in routes)
        {
            string path = Parameter().Replace(route, m => ids.GetValueOrDefault(route) ?? ids.GetValueOrDefault($"{who}:{Folder(route)}:{m.Groups["name"].Value}") ?? ids.GetValueOrDefault(m.Groups["name"].Value) ?? "nothing");
            yield return path;
        }

        if (who is "anonymous")
        {
            foreach (string broken in (string[])["/cfbl/nothing", "/digest/nothing"])
                yield return broken;
        }

        if (who is not "owner")
            yield break;
        foreach (string more in (string[])["/domains/team.example/feedback", "/domains/team.example/feedback/group", "/domains/busy.example/feedback/digest", "/domains/xn--gh8h2b.example", "/domains/new.example", "/domains/lost.example", "/domains/quiet.example", "/domains/busy.example?range=90d", "/domains/busy.example/complaints", "/domains/busy.example/delivery?range=90d&by=hour", "/domains/busy.example/delivery?range=90d", "/domains/busy.example/authentication?range=90d", "/domains/quiet.example/streams", "/domains/busy.example/reputation", "/domains/quiet.example/reputation", "/domains/busy.example/complaints?q=nowhere", $"/samples/{ids["broken sample"]}?with={ids["owner:samples:Id"]}", $"/samples/{ids["waiting sample"]}"])
            yield return more;
    }

    private static string Folder(string route) => route.Split('/')[1];

    private static async Task<IEnumerable<string>> FaultsAsync(IPage page, string path, int width, ColorScheme colours, string who)
    {
        await page.SetViewportSizeAsync(width, 900);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = colours });
        List<string> faults = [];
        AxeResult axe = await page.RunAxe((width, colours) is (1280, ColorScheme.Dark) ? ColoursOnly : EveryRule);
        faults.AddRange(axe.Violations.Where(v => v.Impact is "serious" or "critical")
            .Select(v => $"{v.Id} ({v.Impact}): {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html.Length > 160 ? n.Html[..160] : n.Html))}"));
        int wide = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        if (wide > width)
            faults.Add($"{wide} px wide");
        if (Pictures is not null)
        {
            Directory.CreateDirectory(Pictures);
            string name = NotAWord().Replace(path, "_");
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Pictures, $"{name}-{who}-{width}-{colours}.png"), FullPage = true });
        }

        return faults;
    }

    private static async Task<Dictionary<string, string>> SeedAsync(PostmasterApp app)
    {
        var seed = new PortalSeed(app);
        await seed.ClaimAsync(Owner, "new.example", ClaimState.Pending, days: 0);
        await seed.ClaimAsync(Owner, "lost.example", ClaimState.Suspended, feedback: "fbl@lost.example");
        DomainClaim quiet = await seed.ClaimAsync(Owner, "quiet.example", days: 4, feedback: "fbl@quiet.example", confirmed: false);
        DomainClaim claim = await seed.ClaimAsync(Owner, "news.example", days: 45, feedback: "fbl@news.example");
        DomainClaim busy = await seed.ClaimAsync(Owner, "busy.example", ClaimState.Warned, days: 200, feedback: "abuse-reports-of-the-whole-group@a-rather-long-name.mail.busy.example");
        await seed.MemberAsync(claim, "reader@news.example", MemberRole.Reader);
        for (int day = 0; day < 92; day++)
        {
            await seed.CountAsync("busy.example", day, 9000 + (day * 7919 % 12_345));
            if (day % 3 == 0 && day < 45)
                await seed.CountAsync("news.example", day, day % 7);
        }

        await seed.TrafficAsync("news.example", StreamKind.Whole, "", 40, (counts, ago) =>
        {
            counts[TrafficCounter.DeliveredInbox] = 590 + (ago % 7 * 10);
            counts[TrafficCounter.DeliveredSpam] = 30;
            counts[TrafficCounter.RejectedUnknownUser] = 27;
            counts[TrafficCounter.Complaint] = ago < 12 ? 2 : 1;
            counts[TrafficCounter.ComplaintInPart] = ago is 4 or 5 ? 1 : 0;
            counts[TrafficCounter.NotSpam] = ago % 9 == 0 ? 1 : 0;
            counts[TrafficCounter.DeletedUnread] = 230;
            counts[TrafficCounter.DmarcKnown] = 620;
            counts[TrafficCounter.DmarcPass] = 619;
        });
        await seed.TrafficAsync("busy.example", StreamKind.Whole, "", 40, (counts, ago) =>
        {
            counts[TrafficCounter.DeliveredInbox] = 1_234_567;
            counts[TrafficCounter.RejectedUnknownUser] = 432_100;
            counts[TrafficCounter.Trap] = 5_000;
            counts[TrafficCounter.Complaint] = 9_876 - ago;
        }, MailType.Marketing);
        int stream = await SeedTrafficAsync(new TrafficSeed(app));
        Complaint complaint = await seed.ComplaintAsync(claim, "Spring offer: 50 % off everything until Sunday", seed.Now.AddHours(-1), change: d => d.FeedbackId = "spring:cust7:news:esp");
        await seed.ComplaintAsync(claim, "<script>alert(1)</script>", seed.Now.AddHours(-2), OutboxState.Failed, d => d.ListId = "<weekly.news.example>");
        await seed.ComplaintAsync(claim, "\u202Etxet derorrim", seed.Now.AddHours(-3), OutboxState.Queued, d => (d.Answer, d.Attempts) = ("451 4.3.0 try later", 3));
        await seed.ComplaintAsync(claim, new string('W', 900), seed.Now.AddHours(-4), report: null, d => d.Evidence = Evidence.VerifiedNow);
        Complaint rescued = await seed.ComplaintAsync(claim, "\u05E9\u05DC\u05D5\u05DD \U0001F389 \u0645\u0631\u062D\u0628\u0627 50 %", seed.Now.AddHours(-5), report: null, d => d.FeedbackId = new string('S', 200));
        for (int i = 0; i < 30; i++)
            await seed.ComplaintAsync(busy, $"Newsletter no. {i}", seed.Now.AddHours(-i), (OutboxState)(i % 4));
        await seed.ClaimAsync(Owner, "xn--gh8h2b.example", days: 3);
        DomainClaim team = await seed.ClaimAsync(Owner, "team.example", days: 20);
        var ways = new FeedbackSeed(app, seed);
        await ways.WebhooksAsync(claim, complaint, rescued);
        await ways.DigestsAsync(claim, busy);
        await ways.GroupAsync(team);
        await ways.InvitedAsync(complaint);
        await ways.LinksAsync(quiet, Owner, "fbl@news.example");
        await InPartAsync(app, rescued.Id);
        string header = "Received: from mta3.esp.example by mx.provider.example; Sat, 21 Nov 2026 14:02:00 +0000\r\nSubject: Spring offer\r\nTo: alice@provider.example\r\n\r\nText\r\n";
        KeptComplaint kept = await seed.KeptAsync(KeptState.Unvouched, "Spring offer", System.Text.Encoding.ASCII.GetBytes(header), "alice@provider.example", "No Authentication-Results field of the border says who complained.");
        await seed.KeptAsync(KeptState.Kept, null);
        await seed.KeptAsync(KeptState.Held, "Held for a while");
        await seed.MailAsync(OutboxState.Queued, "someone@news.example", "421 4.7.0 mx.news.example Service not available, closing transmission channel");
        Guid account = (await app.EnsureUserAsync(Owner)).Id;
        var viewer = new SampleViewer(account, null);
        byte[] mail = new SigningSender(app.Zone, "news.example").Newsletter("Spring offer: 50 % off everything until Sunday");
        Guid sample = await seed.SampleAsync(Owner, mail);
        Guid broken = await seed.SampleAsync(Owner, [.. mail, .. "<b>a footer</b> that nobody signed\r\n"u8]);
        var store = app.Services.GetRequiredService<SampleStore>();
        Guid waiting = (await store.GiveAddressAsync(viewer, CancellationToken.None))!.Value;
        await store.ShareAsync(viewer, broken, CancellationToken.None);
        SampleDetail? shared = await app.Services.GetRequiredService<SampleQueries>().FindAsync(viewer, broken, CancellationToken.None);
        return new Dictionary<string, string>(ways.Tokens, StringComparer.Ordinal)
        {
            ["Domain"] = "news.example",
            ["owner:samples:Id"] = sample.ToString(),
            ["broken sample"] = broken.ToString(),
            ["waiting sample"] = waiting.ToString(),
            ["anonymous:samples:Token"] = await app.Services.GetRequiredService<SampleTokens>().OfLinkAsync(broken, shared!.ShareNonce!.Value, CancellationToken.None),
            ["Id"] = complaint.Id.ToString(),
            ["operator:operator:Id"] = kept.Id.ToString(),
            ["Stream"] = stream.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Code"] = "404",
        };
    }

    private static async Task InPartAsync(PostmasterApp app, Guid id)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.Complaints.Where(c => c.Id == id)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.InPart, PartReason.BulkMove).SetProperty(c => c.RescuedAt, app.Time.GetUtcNow())));
    }

    /// <summary>Mail of two domains; of the third, a little.</summary>
    /// <returns>A stream of the first.</returns>
    private static async Task<int> SeedTrafficAsync(TrafficSeed seed)
    {
        await seed.FeederAsync("mx1", 92, silent: false, 11, 12);
        await seed.FeederAsync("mx2", 40, silent: true);
        int first = 0;
        foreach ((string domain, int days) in ((string, int)[])[("news.example", 40), ("busy.example", 92)])
        {
            int whole = await seed.StreamAsync(domain, StreamKind.Whole), strange = await seed.StreamAsync(domain, StreamKind.Unauthenticated);
            List<int> streams = [];
            foreach ((StreamKind kind, string value) in ((StreamKind, string)[])[(StreamKind.ListId, $"weekly.{domain}"), (StreamKind.ListId, "<b>" + new string('W', 120)), (StreamKind.ListId, MailStream.Other), (StreamKind.Ip, "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff"), (StreamKind.Network, "192.0.2.0/24"), (StreamKind.Selector, "s1")])
                streams.Add(await seed.StreamAsync(domain, kind, value, value.StartsWith("weekly", StringComparison.Ordinal) ? "The weekly" : null));
            first = first == 0 ? streams[0] : first;
            for (int day = 0; day < days; day++)
            {
                if (day is 11 or 12)
                    continue;
                await seed.UsualDayAsync(whole, day, 4000 + (day * 7919 % 3000), day * 13 % 17);
                await seed.UsualDayAsync(strange, day, 40, 0);
                foreach (int stream in streams)
                    await seed.UsualDayAsync(stream, day, 900, day % 4);
            }
        }

        await seed.CountAsync(await seed.StreamAsync("quiet.example", StreamKind.Whole), 1, 7, (TrafficCounter.DeliveredInbox, 9), (TrafficCounter.Complaint, 1));
        return first;
    }

    private static IEnumerable<Cookie> CookiesOf(PortalVisitor visitor, Uri address) =>
        visitor.Cookies.GetAllCookies().Select(c => new Cookie { Name = c.Name, Value = c.Value, Url = address.ToString() });

    [GeneratedRegex(@"\{\*{0,2}(?<name>\w+)[^}]*\}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();

    [GeneratedRegex("^/(domains|operator|account|samples(?!/shared))", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Guarded();

    [GeneratedRegex("[^A-Za-z0-9.]+", RegexOptions.None, 1000)]
    private static partial Regex NotAWord();
}
