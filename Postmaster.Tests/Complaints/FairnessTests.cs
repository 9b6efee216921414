using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints.Fairness;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>Complaints that say more about who pressed than about the mail: counted and reported, and weighed down in the open.</summary>
public sealed class FairnessTests
{
    private const string Domain = "owner.example", Address = "fbl@owner.example";

    [Theory]
    [InlineData(20, 0, null)]
    [InlineData(21, 0, PartReason.BulkMove)]
    [InlineData(1, 199, null)]
    [InlineData(1, 200, PartReason.ReportsEverything)]
    [InlineData(500, 500, PartReason.BulkMove)]
    public void A_mailbox_counts_in_full_up_to_the_rule(int burst, int before, PartReason? expected) =>
        Assert.Equal(expected, FairRules.OfMailbox(burst, before, new FairnessOptions()));

    [Fact]
    public void A_rule_set_to_nothing_is_off() => Assert.Null(FairRules.OfMailbox(1_000_000, 1_000_000, new FairnessOptions { BurstPresses = 0, MonthPresses = 0 }));

    [Theory]
    [InlineData(5, 0, true)]
    [InlineData(4, 0, false)] // too few to be a group
    [InlineData(5, 5, false)] // half of the complaints come from others
    [InlineData(6, 5, true)]
    public void New_mailboxes_are_a_group_when_they_make_up_most_of_the_complaints(int fresh, int others, bool expected)
    {
        PressOfMailbox[] lately =
        [
            .. Enumerable.Range(0, fresh).Select(i => new PressOfMailbox($"new {i}", IsNew: true)),
            .. Enumerable.Range(0, others).Select(i => new PressOfMailbox($"old {i}", IsNew: false)),
        ];
        Assert.Equal(expected, FairRules.IsGroup(lately, new FairnessOptions()));
    }

    [Fact]
    public void One_new_mailbox_with_many_complaints_is_no_group() =>
        Assert.False(FairRules.IsGroup([.. Enumerable.Repeat(new PressOfMailbox("one", IsNew: true), 50)], new FairnessOptions()));

    [Theory]
    [InlineData(40, 0, 40)]
    [InlineData(40, 12, 29)]
    [InlineData(1, 1, 1)]
    [InlineData(500, 500, 25)]
    [InlineData(3, 9, 1)] // a counter that is ahead of the other
    public void In_part_weighs_a_twentieth_and_never_nothing(long all, long inPart, long expected) => Assert.Equal(expected, FairRules.Weighed(all, inPart));

    [Fact]
    public async Task Of_a_bulk_move_what_is_over_the_rule_counts_in_part_and_all_of_it_is_reported()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Fairness:BurstPresses", "3"));
        var sender = new SigningSender(app.Zone, Domain);
        await app.ClaimAsync(Domain, "owner@mail.example", Address);

        for (int i = 0; i < 5; i++)
            await app.InStateAsync(await app.PressAsync(sender.Newsletter($"{i}")), KeptState.Counted);
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("0"), "bob@provider.example"), KeptState.Counted);

        Assert.Equal((6, 2), await CountsAsync(app));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal([null, null, null, PartReason.BulkMove, PartReason.BulkMove, null], await db.Complaints.OrderBy(c => c.Id).Select(c => c.InPart).ToListAsync());
        await PressKit.EventuallyAsync(() => Task.FromResult(app.ReportsTo(Address).Count == 6), () => "not every complaint was reported");
    }

    [Fact]
    public async Task While_presses_wait_to_be_taken_back_the_whole_burst_is_seen()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Fairness:BurstPresses", "3"), ("Complaints:UndoWindow", "00:10:00"));
        var sender = new SigningSender(app.Zone, Domain);
        await app.ClaimAsync(Domain, "owner@mail.example");

        List<Guid> pressed = [];
        for (int i = 0; i < 5; i++)
            pressed.Add(await app.PressAsync(sender.Newsletter($"{i}")));
        foreach (Guid id in pressed)
            await app.InStateAsync(id, KeptState.Held);
        app.Time.Advance(TimeSpan.FromMinutes(11));
        app.Wake();
        foreach (Guid id in pressed)
            await app.InStateAsync(id, KeptState.Counted);

        Assert.Equal((5, 5), await CountsAsync(app));
    }

    [Fact]
    public async Task A_mailbox_that_reports_everything_counts_in_part_from_the_rule_on()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Fairness:MonthPresses", "2"));
        var sender = new SigningSender(app.Zone, Domain);
        await app.ClaimAsync(Domain, "owner@mail.example");
        DateTimeOffset now = app.Time.GetUtcNow();

        foreach (int day in (int[])[29, 20, 10, 1])
            await app.InStateAsync(await app.PressAsync(sender.Newsletter($"{day}"), at: now.AddDays(-day)), KeptState.Counted);

        Assert.Equal((4, 2), await CountsAsync(app));
    }

    [Fact]
    public async Task A_group_of_new_mailboxes_against_one_domain_counts_in_part_and_old_mailboxes_do_not()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Fairness:GroupMailboxes", "3"));
        var sender = new SigningSender(app.Zone, Domain);
        await app.ClaimAsync(Domain, "owner@mail.example");
        DateTimeOffset lately = app.Time.GetUtcNow().AddDays(-2), longAgo = lately.AddYears(-3);

        foreach ((string mailbox, DateTimeOffset since) in ((string, DateTimeOffset)[])[("a", lately), ("b", lately), ("c", lately), ("d", longAgo), ("e", lately)])
            await app.InStateAsync(await app.PressAsync(sender.Newsletter(mailbox), $"{mailbox}@provider.example", since: since), KeptState.Counted);

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal([null, null, PartReason.NewMailboxes, null, PartReason.NewMailboxes], await db.Complaints.OrderBy(c => c.Id).Select(c => c.InPart).ToListAsync());
        Assert.Equal((5, 2), await CountsAsync(app));
    }

    private static async Task<(long All, long InPart)> CountsAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return ((await PressKit.DaysAsync(db, Domain)).Sum(d => d.Count), (await PressKit.DaysAsync(db, Domain, TrafficCounter.ComplaintInPart)).Sum(d => d.Count));
    }
}
