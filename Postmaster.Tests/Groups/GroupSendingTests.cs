using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Bounces;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Groups;

/// <summary>From a complaint to a group: one message, one transaction, each member's own answer, and what comes back. Real servers on loopback.</summary>
public sealed class GroupSendingTests
{
    private const string Ann = "ann@one.example", Bob = "bob@two.example", Cyd = "cyd@three.example";

    [Fact]
    public async Task A_report_is_one_message_and_one_transaction_for_all_members()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob, Cyd);
        await kit.PressAsync("one");
        OutboxMessage row = await kit.ReportRowAsync(OutboxState.Sent);

        ReceivedMessage report = Assert.Single(kit.Reports());
        Assert.Equal([$"<{Ann}>", $"<{Bob}>", $"<{Cyd}>"], report.Recipients.Select(r => r[r.IndexOf('<', StringComparison.Ordinal)..(r.IndexOf('>', StringComparison.Ordinal) + 1)]));
        RawMessage mail = MessageReader.Read(report.Data);
        Assert.Contains($"<{row.To}>", mail.Headers.First("To")!.Unfolded, StringComparison.Ordinal);
        Assert.StartsWith("fbl-group+", row.To, StringComparison.Ordinal);
        Assert.DoesNotContain(Ann, System.Text.Encoding.Latin1.GetString(report.Data), StringComparison.Ordinal);
        Assert.StartsWith("<mailto:fbl-leave%2B", GroupKit.Unsubscribe(report), StringComparison.Ordinal);
        Assert.False(GroupKit.IsOneClick(report)); // it cannot know who clicks
        Assert.Equal("3 of 3 members have it", row.LastAnswer);
        Assert.All((await kit.DeliveriesAsync(row.Id)).Values, d => Assert.Equal(GroupDeliveryState.Accepted, d.State));
    }

    [Fact]
    public async Task One_is_refused_for_good_one_later_one_accepted_and_the_retry_goes_to_the_open_one_alone_with_the_same_Message_ID()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob, Cyd);
        kit.Answer = line => line.StartsWith($"RCPT TO:<{Ann}", StringComparison.OrdinalIgnoreCase) ? "550 5.1.1 No such user\r\n"
            : line.StartsWith($"RCPT TO:<{Bob}", StringComparison.OrdinalIgnoreCase) ? "450 4.2.1 Busy\r\n" : null;
        await kit.PressAsync("one");
        await kit.WaitForAsync(() => kit.Reports().Count == 1, "no report");
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await kit.App.OpenDbAsync();
            return await db.Outbox.AnyAsync(m => m.State == OutboxState.Queued && m.LastAnswer!.StartsWith("1 of 3 members have it"));
        }, () => "the answers were not written down");
        kit.Answer = null;
        kit.App.Time.Advance(TimeSpan.FromMinutes(2));
        OutboxMessage row = await kit.ReportRowAsync(OutboxState.Sent);

        Assert.Equal(2, kit.Reports().Count);
        Assert.Contains(Cyd, Assert.Single(kit.Reports()[0].Recipients), StringComparison.Ordinal);
        Assert.Contains(Bob, Assert.Single(kit.Reports()[1].Recipients), StringComparison.Ordinal);
        Assert.Equal(GroupKit.MessageId(kit.Reports()[0]), GroupKit.MessageId(kit.Reports()[1]));
        Dictionary<string, GroupDelivery> deliveries = await kit.DeliveriesAsync(row.Id);
        Assert.Equal(GroupDeliveryState.Refused, deliveries[Ann].State);
        Assert.Equal("550 5.1.1 No such user", deliveries[Ann].Answer);
        Assert.Equal(GroupDeliveryState.Accepted, deliveries[Bob].State);
        Assert.Equal(GroupDeliveryState.Accepted, deliveries[Cyd].State);
    }

    [Fact]
    public async Task Bounces_pause_one_member_the_owners_are_told_once_and_proving_the_address_again_resumes()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        int told = kit.MailsTo(GroupKit.Owner).Count;
        for (int n = 1; n <= 2; n++)
        {
            await kit.PressAsync($"n{n}");
            await kit.WaitForAsync(() => kit.Reports().Count == n, "no report");
            await kit.ReportRowAsync(OutboxState.Sent);
            ReceivedMessage report = kit.Reports()[^1];
            string bounce = BounceSamples.Dsn(id: GroupKit.MessageId(report)).Replace(BounceSamples.Rcpt, Ann, StringComparison.Ordinal);
            Assert.StartsWith("250", await kit.App.DeliverAsync(GroupKit.EnvelopeSender(report), bounce), StringComparison.Ordinal);
            Assert.StartsWith("250", await kit.App.DeliverAsync(GroupKit.EnvelopeSender(report), bounce + "again"), StringComparison.Ordinal);
        }

        GroupMember paused = await kit.MemberAsync(Ann);
        Assert.NotNull(paused.PausedAt);
        Assert.Contains("550 5.1.1", paused.PauseAnswer, StringComparison.Ordinal);
        Assert.Null((await kit.MemberAsync(Bob)).PausedAt);
        await kit.WaitForAsync(() => kit.MailsTo(GroupKit.Owner).Count == told + 1, "the owner was not told");

        await kit.PressAsync("three");
        await kit.WaitForAsync(() => kit.Reports().Count == 3, "no report");
        Assert.Contains(Bob, Assert.Single(kit.Reports()[2].Recipients), StringComparison.Ordinal);
        using PortalVisitor owner = await kit.App.SignedInAsync(GroupKit.Owner);
        PortalPage page = await owner.GetAsync("/domains/owner.example/feedback/group");
        Assert.Contains("Paused", page.Text, StringComparison.Ordinal);
        Assert.Contains("Came back", page.Text, StringComparison.Ordinal);

        kit.App.Time.Advance(TimeSpan.FromMinutes(2));
        string path = await kit.InviteAsync(Ann);
        using PortalVisitor ann = kit.App.NewVisitor();
        await ann.SubmitAsync(await ann.GetAsync(path), "form:has(input[value='agree'])");
        await kit.PressAsync("four");
        await kit.WaitForAsync(() => kit.Reports().Count == 4, "no report");
        Assert.Equal(2, kit.Reports()[3].Recipients.Count);
        Assert.Equal(told + 1, kit.MailsTo(GroupKit.Owner).Count);
    }

    [Fact]
    public async Task Refusals_of_the_relay_pause_the_only_member_and_its_reports_wait_until_it_is_confirmed_again()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann);
        kit.Answer = line => line.StartsWith($"RCPT TO:<{Ann}", StringComparison.OrdinalIgnoreCase) ? "550 5.1.1 No such user\r\n" : null;
        await kit.PressAsync("one");
        await kit.ReportRowAsync(OutboxState.Failed);
        await kit.PressAsync("two");
        await PressKit.EventuallyAsync(async () => (await kit.MemberAsync(Ann)).PausedAt is not null, () => "not paused");
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await kit.App.OpenDbAsync();
            return await db.Outbox.CountAsync(m => m.Kind == OutboxKind.FeedbackReport && m.State == OutboxState.Queued && m.LeaseUntil == null && m.LastAnswer!.StartsWith("Held:")) == 2;
        }, () => "the reports do not wait");
        kit.Answer = null;
        kit.App.Time.Advance(TimeSpan.FromMinutes(2));
        string path = await kit.InviteAsync(Ann);
        using PortalVisitor ann = kit.App.NewVisitor();
        await ann.SubmitAsync(await ann.GetAsync(path), "form:has(input[value='agree'])");
        await kit.WaitForAsync(() => kit.Reports().Count == 2, "what waited did not go out");
        Assert.All(kit.Reports(), r => Assert.True(GroupKit.IsOneClick(r)));
    }

    [Fact]
    public async Task A_soft_bounce_is_sent_again_to_that_member_alone()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.PressAsync("one");
        await kit.ReportRowAsync(OutboxState.Sent);
        ReceivedMessage report = Assert.Single(kit.Reports());
        string bounce = BounceSamples.Dsn(status: "4.2.2", diagnostic: "smtp; 452 4.2.2 full", id: GroupKit.MessageId(report)).Replace(BounceSamples.Rcpt, Bob, StringComparison.Ordinal);
        await kit.App.DeliverAsync(GroupKit.EnvelopeSender(report), bounce);
        await kit.ReportRowAsync(OutboxState.Queued);
        kit.App.Time.Advance(TimeSpan.FromHours(2));
        await kit.WaitForAsync(() => kit.Reports().Count == 2, "not sent again");
        Assert.Contains(Bob, Assert.Single(kit.Reports()[1].Recipients), StringComparison.Ordinal);
        Assert.Equal(GroupKit.MessageId(report), GroupKit.MessageId(kit.Reports()[1]));
    }

    [Fact]
    public async Task With_personal_copies_each_member_has_a_transaction_and_a_link_of_its_own()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.Store.SetPersonalCopiesAsync(kit.Claim.Id, kit.OwnerId, personal: true, CancellationToken.None);
        await kit.PressAsync("one");
        await kit.ReportRowAsync(OutboxState.Sent);

        List<ReceivedMessage> copies = kit.Reports();
        Assert.Equal(2, copies.Count);
        Assert.All(copies, c => Assert.True(GroupKit.IsOneClick(c)));
        Assert.All(copies, c => Assert.Single(c.Recipients));
        Assert.NotEqual(GroupKit.Unsubscribe(copies[0]), GroupKit.Unsubscribe(copies[1]));
        // Forwarded to an address that fails: the copy that comes back names its member.
        string bounce = BounceSamples.Dsn(id: GroupKit.MessageId(copies[1])).Replace(BounceSamples.Rcpt, "elsewhere@four.example", StringComparison.Ordinal);
        await kit.App.DeliverAsync(GroupKit.EnvelopeSender(copies[1]), bounce);
        Assert.Equal(GroupDeliveryState.Bounced, (await kit.DeliveriesAsync((await kit.ReportRowAsync(OutboxState.Sent)).Id))[Bob].State);
    }

    [Fact]
    public async Task What_people_write_to_the_groups_address_goes_to_the_operator()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann);
        string address;
        await using (PostmasterDb db = await kit.App.OpenDbAsync())
            address = (await db.FeedbackAddresses.SingleAsync()).Address;
        Assert.StartsWith("250", await kit.App.DeliverAsync(address, BounceSamples.Person, Ann), StringComparison.Ordinal);
        await kit.WaitForAsync(() => kit.MailsTo(GroupKit.Operator).Count == 1, "the operator did not get it");
    }
}
