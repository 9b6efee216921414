using System.Net;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

public sealed class ComplaintPagesTests
{
    private const string Owner = "owner@news.example", Path = "/domains/news.example/complaints";

    [Fact]
    public async Task The_list_says_of_each_complaint_what_it_was_and_where_its_report_went()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync(Owner, "news.example", feedback: "fbl@news.example");
        await seed.ComplaintAsync(claim, "Sent one", seed.Now.AddHours(-1), change: d => d.FeedbackId = "spring:cust7:news:esp");
        await seed.ComplaintAsync(claim, "Failed one", seed.Now.AddHours(-2), OutboxState.Failed, d => d.ListId = "<weekly.news.example>");
        await seed.ComplaintAsync(claim, "Waiting one", seed.Now.AddHours(-3), OutboxState.Queued, d => d.Attempts = 0);
        await seed.ComplaintAsync(claim, null, seed.Now.AddHours(-4), OutboxState.Cancelled, d => d.Evidence = Evidence.VerifiedNow);
        await seed.ComplaintAsync(claim, "Untold one", seed.Now.AddHours(-5), report: null, d => d.Evidence = Evidence.VerifiedAtDelivery);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync(Path);

        Assert.Contains("5 complaints in the last 30 days", page.Text, StringComparison.Ordinal);
        string[] rows = [.. page.Document.QuerySelectorAll(".complaint-table tbody tr").Select(r => string.Join(' ', r.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Equal(5, rows.Length);
        AssertWords(rows[0], "Sent one", "news.example", "spring:cust7:news:esp", "Border's results", "Sent");
        AssertWords(rows[1], "Failed one", "<weekly.news.example>", "Failed");
        AssertWords(rows[2], "Waiting one", "Queued");
        AssertWords(rows[3], "(no subject)", "Verified now", "Cancelled");
        AssertWords(rows[4], "Untold one", "Verified at delivery", "Not sent");
    }

    [Fact]
    public async Task Filters_and_pages_stand_in_the_url_and_keep_each_other()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync(Owner, "news.example", feedback: "fbl@news.example");
        for (int i = 0; i < 30; i++)
            await seed.ComplaintAsync(claim, $"50% off_{i:00}", seed.Now.AddHours(-i));
        await seed.ComplaintAsync(claim, "500 offers", seed.Now.AddHours(-2), OutboxState.Failed, d => d.MessageId = "needle@news.example");
        await seed.ComplaintAsync(claim, "Old", seed.Now.AddDays(-50));
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage percent = await owner.SubmitAsync(await owner.GetAsync(Path), "form[role=search]", ("q", "50% off_"));
        Assert.Contains("30 complaints in the last 30 days match the filter", percent.Text, StringComparison.Ordinal);
        Assert.Equal(25, Rows(percent));
        PortalPage second = await owner.GetAsync(percent.Document.QuerySelector("a[rel=next]")!.GetAttribute("href")!);
        Assert.Equal(5, Rows(second));
        Assert.Contains("q=50%25%20off_", second.Address.Query, StringComparison.Ordinal);
        Assert.Null(second.Document.QuerySelector("a[rel=next]"));

        Assert.Equal(1, Rows(await owner.GetAsync($"{Path}?q=needle")));
        Assert.Equal(1, Rows(await owner.GetAsync($"{Path}?state=failed")));
        Assert.Equal(1, Rows(await owner.GetAsync($"{Path}?range=90d&q=old")));
        Assert.Equal(0, Rows(await owner.GetAsync($"{Path}?range=7d&q=old")));

        PortalPage wider = await owner.GetAsync(percent.Document.QuerySelectorAll(".segments a")[^1].GetAttribute("href")!);
        Assert.Equal("50% off_", wider.Document.QuerySelector("#q")!.GetAttribute("value"));

        PortalPage nothing = await owner.GetAsync($"{Path}?q=nowhere");
        Assert.Contains("No complaint matches the filter", nothing.Text, StringComparison.Ordinal);
        Assert.Contains("There is no such page", (await owner.GetAsync($"{Path}?page=99")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?page=-1")]
    [InlineData("?page=99999999999999999999")]
    [InlineData("?state=7&page=x")]
    [InlineData("?q=%00%27%22--%5C%25")]
    [InlineData("?q=%ff%fe&state=%3Cscript%3E")]
    public async Task Nonsense_in_the_url_is_harmless(string query)
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync(Owner, "news.example", feedback: "fbl@news.example");
        await seed.ComplaintAsync(claim, "Subject", seed.Now.AddHours(-1));
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        Assert.Equal(HttpStatusCode.OK, (await owner.GetAsync(Path + query)).Status);
    }

    [Fact]
    public async Task A_hostile_subject_is_text_and_nothing_else()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync(Owner, "news.example", feedback: "fbl@news.example");
        string[] subjects =
        [
            "<script>alert(1)</script>", "\" onmouseover=\"alert(1)", "</title><img src=x onerror=alert(1)>", "abc\u202egpj.exe", "line\r\nbreak\0nul\u001b[31m",
            new string('W', 5000), string.Concat(Enumerable.Repeat("😀", 900)), "e" + new string('\u0301', 900), "\ud800broken", "&lt;b&gt;",
        ];
        List<Complaint> complaints = [];
        for (int i = 0; i < 25; i++)
            complaints.Add(await seed.ComplaintAsync(claim, subjects[i % subjects.Length], seed.Now.AddMinutes(-i), change: d => d.FeedbackId = subjects[6]));
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage list = await owner.GetAsync(Path);
        Assert.Equal(25, Rows(list));
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(list.Html), 1, 100 * 1024);
        AssertNothingHostile(list);
        foreach (Complaint complaint in complaints.Take(subjects.Length))
            AssertNothingHostile(await owner.GetAsync($"{Path}/{complaint.Id}"));
    }

    [Fact]
    public async Task One_complaint_has_its_evidence_and_the_life_of_its_report_but_not_who_complained()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync(Owner, "news.example", feedback: "fbl@news.example");
        Complaint complaint = await seed.ComplaintAsync(claim, "Spring offer", seed.Now.AddHours(-1), OutboxState.Failed, d => d.Answer = "550 5.1.1 <no such user>");
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync($"{Path}/{complaint.Id}");

        AssertWords(page.Text, "Spring offer", complaint.MessageId!, "192.0.2.7", "d=news.example", "dkim=pass header.d=news.example", "fbl@news.example", "550 5.1.1 <no such user>", "It will not be tried again");
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync($"{Path}/{Guid.NewGuid()}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync($"{Path}/nonsense")).Status);
    }

    [Fact]
    public async Task Two_accounts_of_one_domain_see_the_same_complaints_and_only_their_own_addresses()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim first = await seed.ClaimAsync(Owner, "news.example", feedback: "fbl@news.example");
        await seed.ClaimAsync("esp@esp.example", "news.example", feedback: "secret-address@esp.example");
        DomainClaim other = await seed.ClaimAsync("esp@esp.example", "esp.example", feedback: "secret-address@esp.example");
        Complaint shared = await seed.ComplaintAsync(first, "Shared", seed.Now.AddHours(-1));
        Complaint foreign = await seed.ComplaintAsync(other, "Foreign", seed.Now.AddHours(-1));
        using PortalVisitor esp = await app.SignedInAsync("esp@esp.example");
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await esp.GetAsync($"{Path}/{shared.Id}");
        Assert.Contains("Shared", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("fbl@news.example", page.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync($"{Path}/{foreign.Id}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync($"/domains/esp.example/complaints/{foreign.Id}")).Status);
    }

    [Fact]
    public async Task A_reader_and_an_operator_see_the_data_a_stranger_and_an_anonymous_visitor_do_not()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync(Owner, "news.example", feedback: "fbl@news.example");
        Complaint complaint = await seed.ComplaintAsync(claim, "Spring offer", seed.Now.AddHours(-1));
        await seed.MemberAsync(claim, "reader@news.example", MemberRole.Reader);
        using PortalVisitor reader = await app.SignedInAsync("reader@news.example");
        using PortalVisitor staff = await app.SignedInAsync("op@provider.example", isOperator: true);
        using PortalVisitor stranger = await app.SignedInAsync("stranger@other.example");
        using PortalVisitor anonymous = app.NewVisitor();

        foreach (string path in (string[])["/domains/news.example", Path, $"{Path}/{complaint.Id}"])
        {
            Assert.Contains("Spring offer", (await reader.GetAsync(path)).Text, StringComparison.Ordinal);
            Assert.Contains("Spring offer", (await staff.GetAsync(path)).Text, StringComparison.Ordinal);
            PortalPage refused = await stranger.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, refused.Status);
            Assert.DoesNotContain("Spring offer", refused.Html, StringComparison.Ordinal);
            PortalPage signIn = await anonymous.GetAsync(path);
            Assert.Equal("/sign-in", signIn.Address.AbsolutePath);
        }
    }

    [Fact]
    public async Task Nothing_of_a_suspended_domain_is_shown()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync(Owner, "news.example", ClaimState.Suspended, feedback: "fbl@news.example");
        Complaint complaint = await seed.ComplaintAsync(claim, "Spring offer", seed.Now.AddHours(-1));
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        foreach (string path in (string[])["/domains/news.example", Path, $"{Path}/{complaint.Id}"])
            Assert.DoesNotContain("Spring offer", (await owner.GetAsync(path)).Html, StringComparison.Ordinal);
    }

    private static int Rows(PortalPage page) => page.Document.QuerySelectorAll(".complaint-table tbody tr").Length;

    private static void AssertWords(string text, params string[] words) => Assert.All(words, w => Assert.Contains(w, text, StringComparison.Ordinal));

    private static void AssertNothingHostile(PortalPage page)
    {
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Empty(page.Document.QuerySelectorAll("main script, main img, main [onmouseover], main [onerror]"));
        string main = page.Html[page.Html.IndexOf("<main", StringComparison.Ordinal)..];
        Assert.All(main, c => Assert.False(char.IsControl(c) && c is not '\n' and not '\t' and not '\r', $"control U+{(int)c:X4}"));
        Assert.DoesNotContain('\u202e', page.Document.Body!.TextContent);
        Assert.DoesNotContain('\u202e', page.Document.QuerySelectorAll("[title]").Aggregate("", (all, e) => all + e.GetAttribute("title")));
    }
}
