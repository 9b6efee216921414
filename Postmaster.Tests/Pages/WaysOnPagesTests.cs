using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

/// <summary>What the pages of a domain say of how complaints are told, when that is not by mail.</summary>
public sealed class WaysOnPagesTests
{
    private const string Owner = "owner@news.example";

    [Fact]
    public async Task With_a_webhook_alone_nobody_is_asked_for_an_address()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync(Owner, "news.example", days: 40);
        Complaint before = await seed.ComplaintAsync(claim, "Before", seed.Now.AddHours(-2), report: null);
        Complaint told = await seed.ComplaintAsync(claim, "Told", seed.Now.AddHours(-1), report: null);
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        Assert.Contains("nobody could be told of it", (await owner.GetAsync($"/domains/news.example/complaints/{told.Id}")).Text, StringComparison.Ordinal);
        Assert.Contains("Choose where reports go", (await owner.GetAsync("/domains")).Text, StringComparison.Ordinal);

        WebhookEndpoint hook = await seed.WebhookAsync(claim, "https://hooks.news.example/in");
        await seed.PostedAsync(hook, told, WebhookDeliveryState.Delivered);

        PortalPage overview = await owner.GetAsync("/domains/news.example");
        Assert.Contains("Complaints are told by a webhook; no address for reports by mail is named.", overview.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Name an address", overview.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Choose where", overview.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Choose where reports go", (await owner.GetAsync("/domains")).Text, StringComparison.Ordinal);
        PortalPage list = await owner.GetAsync("/domains/news.example/complaints");
        Assert.Contains("Posted by webhook", list.Text, StringComparison.Ordinal);
        PortalPage one = await owner.GetAsync($"/domains/news.example/complaints/{told.Id}");
        Assert.Contains("https://hooks.news.example/in Delivered", one.Text, StringComparison.Ordinal);
        Assert.Contains("Not sent by mail", one.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("nobody could be told", one.Text, StringComparison.Ordinal);
        Assert.Contains("get what is counted from now on", (await owner.GetAsync($"/domains/news.example/complaints/{before.Id}")).Text, StringComparison.Ordinal);
        Assert.Contains("Complaints are told by a webhook.", (await owner.GetAsync("/domains/news.example/feedback")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "Reports by mail are off")]
    [InlineData(true, "Complaints are told by the daily digest; reports by mail are switched off.")]
    public async Task Mail_that_was_switched_off_is_said_and_whether_something_is_left(bool digest, string words)
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        DomainClaim claim = await seed.ClaimAsync(Owner, "news.example", days: 40, feedback: "fbl@news.example");
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.Add(new FeedbackSettings { ClaimId = claim.Id, MailOff = true });
            await db.SaveChangesAsync();
        }

        if (digest)
            await seed.DigestAsync(claim, "team@news.example", confirmed: true);
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        PortalPage page = await owner.GetAsync("/domains/news.example");
        Assert.Contains(words, page.Text, StringComparison.Ordinal);
        Assert.Equal(!digest, page.Text.Contains("Choose where feedback reports go", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Complaints_that_count_in_part_and_rescues_stand_beside_the_numbers()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        await seed.ClaimAsync(Owner, "news.example", days: 60, feedback: "fbl@news.example");
        await seed.TrafficAsync("news.example", StreamKind.Whole, "", 40, (counts, ago) =>
        {
            counts[TrafficCounter.DeliveredInbox] = 5000;
            counts[TrafficCounter.DeliveredSpam] = 100;
            counts[TrafficCounter.Complaint] = ago < 10 ? 4 : 0;
            counts[TrafficCounter.ComplaintInPart] = ago is 3 or 4 ? 3 : 0;
            counts[TrafficCounter.NotSpam] = ago < 5 ? 1 : 0;
        });
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        Assert.Contains("40 complaints, 6 of them in part in the last 30 days", (await owner.GetAsync("/domains/news.example")).Text, StringComparison.Ordinal);
        Assert.Contains("6 of them in part", (await owner.GetAsync("/domains/news.example/compliance")).Text, StringComparison.Ordinal);
        PortalPage complaints = await owner.GetAsync("/domains/news.example/complaints");
        Assert.Contains("In the last 30 days, 6 complaints count in part", complaints.Text, StringComparison.Ordinal);
        Assert.Contains("5 messages were taken out of the spam folder in the last 30 days, of 3,000 put into it.", complaints.Text, StringComparison.Ordinal);
        Assert.Contains("5 messages were taken out of the spam folder", (await owner.GetAsync("/domains/news.example/feedback")).Text, StringComparison.Ordinal);
    }
}
