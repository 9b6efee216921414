using System.Globalization;
using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Bounces;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Groups;

/// <summary>Groups where they meet the rest: other domains, other accounts, a claim that ends, reports on request.</summary>
public sealed class GroupCornerTests
{
    private const string Ann = "ann@one.example", Bob = "bob@two.example";
    private static readonly HttpClient Plain = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });

    /// <summary>A message that several domains have signed.</summary>
    private static byte[] SignedBy(GroupKit kit, string name, params string[] others)
    {
        byte[] mail = kit.Sender.Newsletter(name);
        foreach (string other in others)
            mail = new SigningSender(kit.App.Zone, other).Sign(mail);
        return mail;
    }

    private static async Task<int> MailsAsync(GroupKit kit, string to)
    {
        await using PostmasterDb db = await kit.App.OpenDbAsync();
        Assert.False(await db.Outbox.AnyAsync(m => m.State == OutboxState.Queued));
        return kit.Reports().Count(r => r.Recipients.Any(x => x.Contains($"<{to}>", StringComparison.Ordinal)));
    }

    private static Task SettledAsync(GroupKit kit) => PressKit.EventuallyAsync(async () =>
    {
        kit.App.Wake();
        await using PostmasterDb db = await kit.App.OpenDbAsync();
        return !await db.Outbox.AnyAsync(m => m.State == OutboxState.Queued);
    }, () => "something waits");

    [Fact]
    public async Task A_member_who_is_the_feedback_address_of_another_domain_of_the_owner_gets_one_mail_of_a_message_that_both_signed()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.App.ClaimAsync("second.example", GroupKit.Owner, Ann);
        await kit.App.InStateAsync(await kit.App.PressAsync(SignedBy(kit, "both", "second.example")), KeptState.Counted);
        await SettledAsync(kit);
        Assert.Equal(1, await MailsAsync(kit, Ann));
        Assert.Equal(1, await MailsAsync(kit, Bob));
        OutboxMessage row = await kit.ReportRowAsync(OutboxState.Sent);
        Assert.Equal(GroupDeliveryState.Dropped, (await kit.DeliveriesAsync(row.Id))[Ann].State);
    }

    [Fact]
    public async Task The_same_member_in_groups_of_two_domains_of_the_owner_gets_one_mail_of_a_message_that_both_signed_and_each_report_else()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        DomainClaim second = await kit.App.ClaimAsync("second.example", GroupKit.Owner, Ann);
        Assert.True(await kit.Store.CreateAsync(second.Id, kit.OwnerId, CancellationToken.None));
        await kit.App.InStateAsync(await kit.App.PressAsync(SignedBy(kit, "both", "second.example")), KeptState.Counted);
        await SettledAsync(kit);
        Assert.Equal(1, await MailsAsync(kit, Ann));
        Assert.Equal(1, await MailsAsync(kit, Bob));
        await kit.PressAsync("one");
        await kit.App.InStateAsync(await kit.App.PressAsync(new SigningSender(kit.App.Zone, "second.example").Newsletter("two")), KeptState.Counted);
        await SettledAsync(kit);
        Assert.Equal(3, await MailsAsync(kit, Ann));
        Assert.Equal(2, await MailsAsync(kit, Bob));
    }

    [Fact]
    public async Task Owners_do_not_learn_from_a_missing_report_who_is_in_the_loop_of_another_owner()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann);
        await kit.App.ClaimAsync("second.example", "other@mail.example", Ann);
        await kit.App.InStateAsync(await kit.App.PressAsync(SignedBy(kit, "both", "second.example")), KeptState.Counted);
        await SettledAsync(kit);
        Assert.Equal(2, await MailsAsync(kit, Ann));
    }

    [Fact]
    public async Task Making_a_group_of_a_confirmed_address_does_not_double_its_mail()
    {
        await using GroupKit kit = await GroupKit.StartAsync();
        DomainClaim second = await kit.App.ClaimAsync("second.example", GroupKit.Owner, Ann);
        Assert.True(await kit.Store.CreateAsync(second.Id, kit.OwnerId, CancellationToken.None));
        foreach (string again in (string[])["ann@ONE.example", "ANN@one.example"])
            Assert.Equal(GroupInvite.Same, await kit.Store.InviteAsync(second.Id, kit.OwnerId, again, CancellationToken.None));
        Assert.Equal(GroupInvite.BadAddress, await kit.Store.InviteAsync(second.Id, kit.OwnerId, "root@localhost", CancellationToken.None));
        await kit.App.InStateAsync(await kit.App.PressAsync(new SigningSender(kit.App.Zone, "second.example").Newsletter("one")), KeptState.Counted);
        await SettledAsync(kit);
        Assert.Equal(1, await MailsAsync(kit, Ann));
    }

    [Fact]
    public async Task Ending_all_reports_to_a_mailbox_ends_its_memberships_and_drops_what_waits_for_it()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.App.ClaimAsync("second.example", GroupKit.Owner, Ann);
        await kit.App.InStateAsync(await kit.App.PressAsync(new SigningSender(kit.App.Zone, "second.example").Newsletter("direct")), KeptState.Counted);
        await SettledAsync(kit);
        string link = GroupKit.Unsubscribe(Assert.Single(kit.Reports())).Trim('<', '>');
        Assert.Contains("/stop-reports/", link, StringComparison.Ordinal);
        kit.Answer = line => line.StartsWith($"RCPT TO:<{Ann}", StringComparison.OrdinalIgnoreCase) ? "450 4.2.1 Busy\r\n" : null;
        await kit.PressAsync("one");
        await kit.WaitForAsync(() => kit.Reports().Count == 2, "no report");
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await kit.App.OpenDbAsync();
            return await db.Outbox.AnyAsync(m => m.State == OutboxState.Queued && m.LeaseUntil == null && m.LastAnswer!.StartsWith("1 of 2"));
        }, () => "the answers were not written down");

        using var form = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
        Assert.Equal(HttpStatusCode.OK, (await Plain.PostAsync(new Uri(link), form)).StatusCode);
        kit.Answer = null;
        Assert.NotNull((await kit.MemberAsync(Ann)).LeftAt);
        Assert.Null((await kit.MemberAsync(Bob)).EndedAt);
        kit.App.Time.Advance(TimeSpan.FromHours(5));
        await SettledAsync(kit);
        await kit.PressAsync("two");
        await SettledAsync(kit);
        Assert.Equal(1, await MailsAsync(kit, Ann));
        Assert.Equal(2, await MailsAsync(kit, Bob));
    }

    [Fact]
    public async Task A_test_report_and_a_replay_go_to_the_group_as_one_message()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        var replays = kit.App.Services.GetRequiredService<ReplayStore>();
        Assert.Null(await replays.TestAsync(kit.Claim.Id, CancellationToken.None));
        await SettledAsync(kit);
        Assert.Equal(2, Assert.Single(kit.Reports()).Recipients.Count);
        await kit.PressAsync("one");
        await SettledAsync(kit);
        Guid complaint;
        await using (PostmasterDb db = await kit.App.OpenDbAsync())
            complaint = await db.Complaints.Select(c => c.Id).SingleAsync();
        Assert.Equal(1, (await replays.ReplayAsync(kit.Claim.Id, kit.OwnerId, [complaint], CancellationToken.None)).Queued);
        await SettledAsync(kit);
        Assert.Equal(3, kit.Reports().Count);
        Assert.All(kit.Reports(), r => Assert.Equal(2, r.Recipients.Count));
        // A test report that comes back is nobody's fault.
        Assert.StartsWith("250", await kit.App.DeliverAsync(GroupKit.EnvelopeSender(kit.Reports()[0]), BounceSamples.Dsn(id: GroupKit.MessageId(kit.Reports()[0])).Replace(BounceSamples.Rcpt, Ann, StringComparison.Ordinal)), StringComparison.Ordinal);
        await using PostmasterDb after = await kit.App.OpenDbAsync();
        Assert.False(await after.Bounces.AnyAsync(b => b.Counts));
    }

    [Fact]
    public async Task A_hundred_members_get_a_report_in_one_transaction_and_the_next_does_not_fit_in()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann);
        await using (PostmasterDb db = await kit.App.OpenDbAsync())
        {
            GroupMember first = await db.GroupMembers.AsNoTracking().SingleAsync();
            for (int n = 1; n < GroupStore.MostMembers; n++)
            {
                string address = string.Create(CultureInfo.InvariantCulture, $"m{n}@many.example");
                db.GroupMembers.Add(new GroupMember
                {
                    GroupId = first.GroupId, Address = address, InvitedBy = first.InvitedBy, InvitedAt = first.InvitedAt, ConfirmedAt = first.ConfirmedAt, RateKey = address,
                    LeaveHash = [.. first.LeaveHash, (byte)n], SealedLeaveToken = first.SealedLeaveToken,
                });
            }

            await db.SaveChangesAsync();
        }

        Assert.Equal(GroupInvite.Full, await kit.Store.InviteAsync(kit.Claim.Id, kit.OwnerId, Bob, CancellationToken.None));
        await kit.PressAsync("one");
        await SettledAsync(kit);
        Assert.Equal(GroupStore.MostMembers, Assert.Single(kit.Reports()).Recipients.Count);
        Assert.Equal("100 of 100 members have it", (await kit.ReportRowAsync(OutboxState.Sent)).LastAnswer);
    }

    [Fact]
    public async Task A_domain_that_is_removed_ends_its_group_and_the_next_owner_inherits_nobody()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann);
        string link = GroupKit.Unsubscribe(kit.MailsTo(Ann)[^1]).Trim('<', '>');
        Assert.True(await kit.App.Services.GetRequiredService<ClaimStore>().RemoveAsync(kit.Claim.Id, kit.OwnerId, CancellationToken.None));
        await kit.App.ClaimAsync(GroupKit.Domain, "next@mail.example");

        using PortalVisitor next = await kit.App.SignedInAsync("next@mail.example");
        PortalPage page = await next.GetAsync("/domains/owner.example/feedback/group");
        Assert.Contains("Reports of this domain go to no group", page.Text, StringComparison.Ordinal);
        foreach (string path in (string[])["/domains/owner.example/feedback/group", "/domains/owner.example/feedback", "/domains/owner.example/history"])
            Assert.DoesNotContain(Ann, (await next.GetAsync(path)).Html, StringComparison.Ordinal);
        await kit.PressAsync("one");
        await SettledAsync(kit);
        Assert.Empty(kit.Reports());
        // The link of the old membership says that it has ended, and changes nothing of the new domain's.
        using PortalVisitor visitor = kit.App.NewVisitor();
        Assert.Equal("You are not in the group", (await visitor.GetAsync(new Uri(link).AbsolutePath)).Heading);
    }

    [Fact]
    public async Task While_the_domain_is_not_proved_its_group_gets_nothing_and_it_goes_on_when_the_record_is_back()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann);
        await SetStateAsync(kit, ClaimState.Suspended);
        await kit.PressUnattributedAsync("one");
        Assert.Equal(GroupInvite.NotInForce, await kit.Store.InviteAsync(kit.Claim.Id, kit.OwnerId, Bob, CancellationToken.None));
        Assert.Empty(kit.Reports());
        // A member can leave all the same.
        await SetStateAsync(kit, ClaimState.Proved);
        await kit.PressAsync("two");
        await SettledAsync(kit);
        Assert.Equal(1, await MailsAsync(kit, Ann));
    }

    private static async Task SetStateAsync(GroupKit kit, ClaimState state)
    {
        await using PostmasterDb db = await kit.App.OpenDbAsync();
        await db.Claims.Where(c => c.Id == kit.Claim.Id).ExecuteUpdateAsync(set => set.SetProperty(c => c.State, state));
    }

    [Theory]
    [InlineData("spf=pass smtp.mailfrom=ann@one.example", true)]
    [InlineData("spf=pass smtp.mailfrom=eve@evil.example", false)]
    [InlineData("spf=softfail smtp.mailfrom=ann@one.example", false)]
    [InlineData("dmarc=pass header.from=one.example", false)]
    public async Task A_mail_to_the_leaving_address_is_believed_when_our_border_saw_it_come_from_the_authors_domain(string result, bool leaves)
    {
        await using GroupKit kit = await GroupKit.StartAsync([("Provider:AuthservIds:0", "mx.provider.example")], Ann, Bob);
        await kit.PressAsync("one");
        await kit.WaitForAsync(() => kit.Reports().Count == 1, "no report");
        string leave = Uri.UnescapeDataString(GroupKit.Unsubscribe(kit.Reports()[0]).Split("mailto:")[1].Split('>')[0]);
        int before = kit.MailsTo(Ann).Count;
        string mail = $"Authentication-Results: mx.provider.example; {result}\r\nReceived: from mx.one.example (mx.one.example [192.0.2.1]) by mx.provider.example with ESMTP; Fri, 2 Jan 2026 10:00:00 +0000\r\n"
            + $"From: {Ann}\r\nTo: {leave}\r\nSubject: leave\r\n\r\n\r\n";
        Assert.StartsWith("250", await kit.App.DeliverAsync(leave, mail, Ann), StringComparison.Ordinal);
        if (leaves)
            Assert.NotNull((await kit.MemberAsync(Ann)).LeftAt);
        else
            await kit.WaitForAsync(() => kit.MailsTo(Ann).Count == before + 1, "no link was sent");
        Assert.Equal(leaves, (await kit.MemberAsync(Ann)).EndedAt is not null);
    }

    [Fact]
    public async Task Mails_to_the_leaving_address_with_two_authors_none_or_a_machine_behind_them_change_nothing_and_are_not_answered()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.PressAsync("one");
        await kit.WaitForAsync(() => kit.Reports().Count == 1, "no report");
        string leave = Uri.UnescapeDataString(GroupKit.Unsubscribe(kit.Reports()[0]).Split("mailto:")[1].Split('>')[0]);
        int before = kit.MailsTo(Ann).Count;
        foreach ((string header, string from) in ((string, string)[])[($"From: {Ann}, {Bob}\r\n", Ann), ($"From: {Ann}\r\nFrom: {Bob}\r\n", Ann), ("", Ann), ($"From: {Ann}\r\nAuto-Submitted: auto-replied\r\n", Ann), ($"From: {Ann}\r\n", "")])
            Assert.StartsWith("250", await kit.App.DeliverAsync(leave, $"{header}To: {leave}\r\nSubject: x\r\n\r\n\r\n", from), StringComparison.Ordinal);
        Assert.Null((await kit.MemberAsync(Ann)).EndedAt);
        await kit.PressAsync("two");
        await kit.WaitForAsync(() => kit.Reports().Count == 2, "no report");
        Assert.Equal(before + 1, kit.MailsTo(Ann).Count);
    }
}
