using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Pages;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Features.Traffic.Compliance;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

public sealed class ComplianceTests
{
    private const string Owner = "owner@shop.example", Domain = "shop.example";

    [Fact]
    public async Task The_first_mail_of_a_day_that_breaks_a_requirement_is_kept_and_no_other()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await new PortalSeed(app).ClaimAsync(Owner, Domain);
        for (int batch = 0; batch < 3; batch++)
        {
            await app.IngestAsync(string.Join('\n', Enumerable.Range(1, 20).Select(i =>
                $$"""{"kind":"delivered","time":"{{app.Time()}}","ip":"192.0.2.7","from_domain":"{{Domain}}","mail_from":"b@{{Domain}}","spf":"pass","dkim":[],"tls":"none","reverse":"fail","message_id":"<bad-{{batch}}-{{i}}@{{Domain}}>","rcpt":"u{{i}}@provider.example"}""")));
        }

        await app.IngestAsync(app.Delivered("unclaimed.example", ""","tls":"none" """));
        await using PostmasterDb db = await app.OpenDbAsync();
        List<ComplianceExample> kept = await db.ComplianceExamples.AsNoTracking().OrderBy(e => e.Requirement).ToListAsync();
        Assert.Equal([Requirement.Dkim, Requirement.SpfAndDkim, Requirement.ReverseDns, Requirement.Encryption], kept.Select(e => e.Requirement));
        Assert.All(kept, e => Assert.Equal($"<bad-0-1@{Domain}>", e.MessageId));
        Assert.Equal("dkim=none", kept[0].Reason);

        using PortalVisitor owner = await app.SignedInAsync(Owner);
        PortalPage page = await owner.GetAsync($"/domains/{Domain}/compliance");
        string dkim = page.Document.QuerySelector("#dkim")!.TextContent;
        Assert.Contains("100 % fails: 60 of 60 messages", dkim, StringComparison.Ordinal);
        Assert.Contains("For example: dkim=none", dkim, StringComparison.Ordinal);
        Assert.Contains("bad-0-1", dkim, StringComparison.Ordinal);
        Assert.Contains("Kept", page.Document.QuerySelector("#spf")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(11, page.Document.QuerySelectorAll(".topic").Length);
    }

    [Fact]
    public async Task A_missing_SPF_record_is_reminded_of_until_a_new_look_finds_it()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await new PortalSeed(app).ClaimAsync(Owner, Domain, feedback: "fbl@shop.example");
        app.Zone.AddTxt("_dmarc.shop.example", "v=DMARC1; p=none");
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage first = await owner.SubmitAsync(await owner.GetAsync($"/domains/{Domain}/compliance"), "form:has(button.small)");
        Assert.Contains("Not kept", first.Document.QuerySelector("#spf summary")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("Kept", first.Document.QuerySelector("#dmarc-policy summary")!.TextContent, StringComparison.Ordinal);
        Assert.Contains($"SPF has no record for {Domain}", (await owner.GetAsync($"/domains/{Domain}")).Text, StringComparison.Ordinal);

        app.Zone.AddTxt(Domain, "v=spf1 -all");
        app.Time.Advance(TimeSpan.FromSeconds(11));
        PortalPage second = await owner.SubmitAsync(await owner.GetAsync($"/domains/{Domain}/compliance"), "form:has(button.small)");
        Assert.Contains("DNS was asked again", second.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Not kept", second.Document.QuerySelector("#spf summary")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("v=spf1 -all", second.Document.QuerySelector("#spf")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("SPF has no record", (await owner.GetAsync($"/domains/{Domain}")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, Kept.Yes)]
    [InlineData(9, Kept.Yes)]
    [InlineData(10, Kept.Yes)] // exactly 0.1 %
    [InlineData(11, Kept.Nearly)]
    [InlineData(29, Kept.Nearly)]
    [InlineData(30, Kept.No)]
    public void Complaints_are_held_against_the_published_boundaries(long complaints, Kept kept)
    {
        var counts = new TrafficCounts { Recipients = new RecipientSketch(ulong.MaxValue) };
        counts[TrafficCounter.DeliveredInbox] = 10_000;
        counts[TrafficCounter.Complaint] = complaints;

        RequirementState state = State(VisibleTraffic.Of(counts, 20), Requirement.ComplaintRate);

        Assert.Equal(kept, state.Kept);
    }

    [Fact]
    public void What_people_did_is_not_judged_below_the_floor_and_what_nobody_told_is_not_known()
    {
        var counts = new TrafficCounts { Recipients = new RecipientSketch(0b111) };
        counts[TrafficCounter.DeliveredInbox] = 10;
        counts[TrafficCounter.Complaint] = 5;
        VisibleTraffic few = VisibleTraffic.Of(counts, 20);

        Assert.Equal((Kept.Unknown, "3 of 20 recipients"), (State(few, Requirement.ComplaintRate).Kept, State(few, Requirement.ComplaintRate).Hidden?.Cell));
        Assert.Equal(Kept.Unknown, State(few, Requirement.Encryption).Kept);
        Assert.All(ComplianceRules.Judge(null, null, new Dictionary<Requirement, FailedMail>()), s => Assert.Equal(Kept.Unknown, s.Kept));
    }

    private static RequirementState State(VisibleTraffic traffic, Requirement requirement) =>
        ComplianceRules.Judge(traffic, null, new Dictionary<Requirement, FailedMail>()).Single(s => s.Requirement == requirement);
}
