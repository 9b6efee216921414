using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Bounces;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Groups;

/// <summary>Whose address fails when one message went to many: where the bounce does not say, the portal says that it does not know, and finds out.</summary>
public sealed class GroupBounceTests
{
    private const string Ann = "ann@one.example", Bob = "bob@two.example", Elsewhere = "box@elsewhere.example";

    [Fact]
    public async Task A_bounce_that_names_no_member_blames_nobody_and_copies_to_each_find_out_who_it_is()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.ComeBackAsync("one", Elsewhere);

        Assert.Equal(2, (await kit.DeliveriesAsync((await kit.ReportRowAsync(OutboxState.Sent)).Id)).Count(d => d.Value.State is GroupDeliveryState.Accepted));
        using PortalVisitor owner = await kit.App.SignedInAsync(GroupKit.Owner);
        PortalPage page = await owner.GetAsync("/domains/owner.example/feedback/group");
        Assert.Contains("which one is not known", page.Text, StringComparison.Ordinal);
        Assert.Contains(Elsewhere, page.Text, StringComparison.Ordinal);
        Assert.Contains("The next 5 reports go out as a copy for each member", page.Text, StringComparison.Ordinal);

        foreach (string name in (string[])["two", "three"])
            await kit.ComeBackAsync(name, Elsewhere, copy: c => c.Recipients[0].Contains(Bob, StringComparison.Ordinal));
        Assert.Equal(5, kit.Reports().Count);
        Assert.NotNull((await kit.MemberAsync(Bob)).PausedAt);
        Assert.Null((await kit.MemberAsync(Ann)).PausedAt);
        Assert.Equal(0, (await kit.GroupAsync()).CopiesLeft);
        Assert.DoesNotContain("which one is not known", (await owner.GetAsync("/domains/owner.example/feedback/group")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_end_after_some_reports_when_nothing_comes_back()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.ComeBackAsync("one", Elsewhere);
        for (int n = 0; n < 6; n++)
        {
            int before = kit.Reports().Count;
            await kit.PressAsync($"n{n}");
            await kit.WaitForAsync(() => kit.Reports().Count > before, "no report");
            await kit.ReportRowAsync(OutboxState.Sent);
            Assert.Equal(n < 5 ? 2 : 1, kit.Reports().Count - before);
        }

        using PortalVisitor owner = await kit.App.SignedInAsync(GroupKit.Owner);
        Assert.Contains("have not come back", (await owner.GetAsync("/domains/owner.example/feedback/group")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guessed_member_in_the_envelope_sender_and_a_bounce_of_another_message_change_nothing()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.PressAsync("one");
        await kit.ReportRowAsync(OutboxState.Sent);
        ReceivedMessage report = Assert.Single(kit.Reports());
        string sender = GroupKit.EnvelopeSender(report), guessed = sender.Replace("@", "-" + new string('0', 20) + "@", StringComparison.Ordinal);
        string named = BounceSamples.Dsn(id: GroupKit.MessageId(report)).Replace(BounceSamples.Rcpt, Ann, StringComparison.Ordinal);
        Assert.StartsWith("250", await kit.App.DeliverAsync(guessed, named), StringComparison.Ordinal);
        Assert.StartsWith("250", await kit.App.DeliverAsync(sender, BounceSamples.Dsn(id: "another@x.example").Replace(BounceSamples.Rcpt, Elsewhere, StringComparison.Ordinal)), StringComparison.Ordinal);
        // Not with the null reverse-path: whoever writes it is no mail system.
        Assert.StartsWith("250", await kit.App.DeliverAsync(sender, named.Replace(Ann, Elsewhere, StringComparison.Ordinal), "eve@evil.example"), StringComparison.Ordinal);

        Assert.All((await kit.DeliveriesAsync((await kit.ReportRowAsync(OutboxState.Sent)).Id)).Values, d => Assert.Equal(GroupDeliveryState.Accepted, d.State));
        FeedbackGroup group = await kit.GroupAsync();
        Assert.Equal((0, null), (group.CopiesLeft, group.UnnamedAt));
        await using PostmasterDb db = await kit.App.OpenDbAsync();
        Assert.All(await db.Bounces.ToListAsync(), b => Assert.EndsWith("changed nothing.", b.Outcome, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bounce_of_a_place_behind_the_member_names_it_by_the_recipient_that_was_written()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.PressAsync("one");
        await kit.ReportRowAsync(OutboxState.Sent);
        ReceivedMessage report = Assert.Single(kit.Reports());
        string bounce = BounceSamples.Dsn(id: GroupKit.MessageId(report)).Replace($"Original-Recipient: rfc822;{BounceSamples.Rcpt}", $"Original-Recipient: rfc822;{Bob}", StringComparison.Ordinal)
            .Replace(BounceSamples.Rcpt, Elsewhere, StringComparison.Ordinal);
        Assert.StartsWith("250", await kit.App.DeliverAsync(GroupKit.EnvelopeSender(report), bounce), StringComparison.Ordinal);
        Assert.Equal(GroupDeliveryState.Bounced, (await kit.DeliveriesAsync((await kit.ReportRowAsync(OutboxState.Sent)).Id))[Bob].State);
        Assert.Equal(0, (await kit.GroupAsync()).CopiesLeft);
    }

    [Fact]
    public async Task What_a_member_missed_while_it_was_paused_is_offered_and_sent_to_it_alone()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.ComeBackAsync("one", Ann);
        await kit.ComeBackAsync("two", Ann);
        await kit.PressAsync("three");
        await kit.WaitForAsync(() => kit.Reports().Count == 3, "no report");
        await kit.ReportRowAsync(OutboxState.Sent);
        const string page = "/domains/owner.example/feedback/group";
        using PortalVisitor owner = await kit.App.SignedInAsync(GroupKit.Owner);
        Assert.DoesNotContain("did not reach it", (await owner.GetAsync(page)).Text, StringComparison.Ordinal);
        await kit.ConfirmAgainAsync(Ann);

        PortalPage offered = await owner.GetAsync(page);
        Assert.Contains("3 reports did not reach it while it was paused", offered.Text, StringComparison.Ordinal);
        GroupMember ann = await kit.MemberAsync(Ann);
        PortalPage sent = await owner.SubmitAsync(offered, $"form:has(input[value='missed-{ann.Id:N}'])");
        Assert.Contains("on its way to that member alone", sent.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("did not reach it", sent.Text, StringComparison.Ordinal);
        await kit.WaitForAsync(() => kit.Reports().Count == 6, "what was missed did not come");
        Assert.All(kit.Reports().Skip(3), r => Assert.Contains(Ann, Assert.Single(r.Recipients), StringComparison.Ordinal));
        Assert.All(kit.Reports().Skip(3), r => Assert.True(GroupKit.IsOneClick(r)));
        await using PostmasterDb db = await kit.App.OpenDbAsync();
        Assert.Equal(1, await db.AuditEntries.CountAsync(a => a.What == "had a member of the group sent what it missed"));
        Assert.Equal(3, await db.Complaints.CountAsync(c => db.ReportDeliveries.Count(d => d.ComplaintId == c.Id) == 2));
    }

    [Fact]
    public async Task What_a_member_missed_can_be_let_be()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.ComeBackAsync("one", Ann);
        await kit.ComeBackAsync("two", Ann);
        await kit.ConfirmAgainAsync(Ann);
        using PortalVisitor owner = await kit.App.SignedInAsync(GroupKit.Owner);
        GroupMember ann = await kit.MemberAsync(Ann);
        PortalPage after = await owner.SubmitAsync(await owner.GetAsync("/domains/owner.example/feedback/group"), $"form:has(input[value='let-be-{ann.Id:N}'])");
        Assert.DoesNotContain("did not reach it", after.Text, StringComparison.Ordinal);
        await kit.PressAsync("three");
        await kit.WaitForAsync(() => kit.Reports().Count == 3, "no report");
        Assert.Equal(2, kit.Reports()[2].Recipients.Count);
    }
}
