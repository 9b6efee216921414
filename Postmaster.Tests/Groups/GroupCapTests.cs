using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Digests;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Groups;

/// <summary>A member's mailbox gets as much as any other, whatever it is a member of; and it is asked as seldom.</summary>
public sealed class GroupCapTests
{
    private const string Ann = "ann@one.example", Bob = "bob@two.example";

    [Fact]
    public async Task A_member_whose_mailbox_has_had_its_reports_of_the_day_gets_the_next_one_later_and_the_others_do_not_wait()
    {
        await using GroupKit kit = await GroupKit.StartAsync([("Reports:MaxPerAddressPerDay", "1")], Ann, Bob);
        await kit.App.ClaimAsync("second.example", GroupKit.Owner, Ann);
        var second = new SigningSender(kit.App.Zone, "second.example");
        await kit.App.InStateAsync(await kit.App.PressAsync(second.Newsletter("direct")), KeptState.Counted);
        await kit.App.MailInStateAsync(Ann, OutboxState.Sent);

        await kit.PressAsync("one");
        await kit.WaitForAsync(() => kit.Reports().Count == 2, "no report");
        Assert.Contains(Bob, Assert.Single(kit.Reports()[1].Recipients), StringComparison.Ordinal);
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await kit.App.OpenDbAsync();
            return await db.Outbox.AnyAsync(m => m.HeldBy == OutboxHold.AddressDay && m.LeaseUntil == null);
        }, () => "the report does not wait for the limit");
        OutboxMessage row = await kit.ReportRowAsync(OutboxState.Queued);
        Assert.Contains("Reports:MaxPerAddressPerDay", (await kit.DeliveriesAsync(row.Id))[Ann].Answer, StringComparison.Ordinal);

        kit.App.Time.Advance(TimeSpan.FromHours(25));
        await kit.WaitForAsync(() => kit.Reports().Count == 3, "the member's report did not leave");
        Assert.Contains(Ann, Assert.Single(kit.Reports()[2].Recipients), StringComparison.Ordinal);
        await kit.ReportRowAsync(OutboxState.Sent);
    }

    [Fact]
    public async Task A_report_to_a_member_counts_for_the_limit_of_the_address()
    {
        await using GroupKit kit = await GroupKit.StartAsync([("Reports:MaxPerAddressPerDay", "1")], Ann, Bob);
        await kit.PressAsync("one");
        await kit.ReportRowAsync(OutboxState.Sent);
        await kit.App.ClaimAsync("second.example", GroupKit.Owner, Ann);
        var second = new SigningSender(kit.App.Zone, "second.example");
        await kit.App.InStateAsync(await kit.App.PressAsync(second.Newsletter("direct")), KeptState.Counted);
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await kit.App.OpenDbAsync();
            return await db.Outbox.AnyAsync(m => m.To == Ann && m.HeldBy == OutboxHold.AddressDay);
        }, () => "the report does not wait for the limit");
        Assert.Single(kit.Reports());
    }

    [Fact]
    public async Task Copies_for_each_member_count_as_so_many_mails_for_the_limit_of_all()
    {
        await using GroupKit kit = await GroupKit.StartAsync([("Reports:MaxPerMinute", "2")], Ann, Bob);
        await kit.Store.SetPersonalCopiesAsync(kit.Claim.Id, kit.OwnerId, personal: true, CancellationToken.None);
        await kit.PressAsync("one");
        await kit.ReportRowAsync(OutboxState.Sent);
        Assert.Equal(2, kit.Reports().Count);
        await kit.PressAsync("two");
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await kit.App.OpenDbAsync();
            return await db.Outbox.AnyAsync(m => m.HeldBy == OutboxHold.AllMinute);
        }, () => "the second report does not wait for the limit");
        Assert.Equal(2, kit.Reports().Count);
    }

    [Fact]
    public async Task Who_refused_a_digest_is_not_asked_to_join_the_group_of_the_same_domain()
    {
        await using GroupKit kit = await GroupKit.StartAsync();
        var digests = kit.App.Services.GetRequiredService<DigestStore>();
        Assert.Equal(DigestRequest.Sent, await digests.RequestAsync(kit.Claim.Id, kit.OwnerId, Ann, DigestStore.UsualHour, alsoEmpty: false, CancellationToken.None));
        await using (PostmasterDb db = await kit.App.OpenDbAsync())
            await db.Digests.ExecuteUpdateAsync(set => set.SetProperty(d => d.DeclinedAt, kit.App.Time.GetUtcNow()).SetProperty(d => d.EndedAt, kit.App.Time.GetUtcNow()));
        kit.App.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(GroupInvite.Declined, await kit.Store.InviteAsync(kit.Claim.Id, kit.OwnerId, Ann, CancellationToken.None));
    }

    [Fact]
    public async Task Who_left_a_group_is_asked_once_a_day_by_all_other_domains_together()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann);
        await using (PostmasterDb db = await kit.App.OpenDbAsync())
            await db.GroupMembers.ExecuteUpdateAsync(set => set.SetProperty(m => m.LeftAt, kit.App.Time.GetUtcNow()).SetProperty(m => m.EndedAt, kit.App.Time.GetUtcNow()));
        kit.App.Time.Advance(TimeSpan.FromDays(2));
        DomainClaim two = await kit.App.ClaimAsync("two.example", GroupKit.Owner), three = await kit.App.ClaimAsync("three.example", GroupKit.Owner);
        var digests = kit.App.Services.GetRequiredService<DigestStore>();
        var addresses = kit.App.Services.GetRequiredService<FeedbackAddressStore>();
        Assert.Equal(DigestRequest.Sent, await digests.RequestAsync(two.Id, kit.OwnerId, Ann, DigestStore.UsualHour, alsoEmpty: false, CancellationToken.None));
        Assert.Equal(FeedbackRequestResult.TooManyToMailbox, await addresses.RequestAsync(three.Id, kit.OwnerId, Ann, CancellationToken.None));
        Assert.Equal(GroupInvite.TooMany, await kit.Store.InviteAsync(kit.Claim.Id, kit.OwnerId, Ann, CancellationToken.None));
    }
}
