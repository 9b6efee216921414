using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Bounces;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.FeedbackLoop.Digests;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Groups;

/// <summary>Joining by one's own word, leaving by one click (RFC 8058), and nobody else's doing either.</summary>
public sealed class GroupMembershipTests
{
    private const string Ann = "ann@one.example", Bob = "bob@two.example";
    private static readonly HttpClient Plain = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });

    private static async Task<HttpResponseMessage> PostAsync(string link, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value)));
        return await Plain.PostAsync(new Uri(link), form);
    }

    private static string Link(ReceivedMessage mail) => GroupKit.Unsubscribe(mail).Trim('<', '>');

    [Fact]
    public async Task An_invited_address_gets_nothing_but_its_invitation_until_its_link_was_used()
    {
        await using GroupKit kit = await GroupKit.StartAsync();
        await kit.InviteAsync(Ann);
        await kit.PressAsync("one");
        Assert.Single(kit.MailsTo(Ann));
        Assert.Empty(kit.Reports());
        Assert.Equal(GroupInvite.TooMany, await kit.Store.InviteAsync(kit.Claim.Id, kit.OwnerId, Ann, CancellationToken.None));
        Assert.Equal(GroupInvite.WouldLoop, await kit.Store.InviteAsync(kit.Claim.Id, kit.OwnerId, "spam@fbl.provider.example", CancellationToken.None));
    }

    [Fact]
    public async Task Of_former_members_and_of_the_members_of_an_ended_group_no_address_is_left_after_the_time_but_in_the_history()
    {
        const string anton = "anton@one.example", cid = "cid@three.example";
        await using GroupKit kit = await GroupKit.StartAsync(Ann, anton, Bob, cid);
        FormerMembers former = kit.App.Services.GetServices<IHostedService>().OfType<FormerMembers>().Single();
        string[] clear = [Ann, anton, Bob, cid];
        await kit.PressAsync("one");
        await kit.ReportRowAsync(OutboxState.Sent);
        Assert.True(await kit.Store.RemoveAsync(kit.Claim.Id, (await kit.MemberAsync(Bob)).Id, kit.OwnerId, CancellationToken.None));
        await NothingWaitsAsync(kit, clear);

        kit.App.Time.Advance(FormerMembers.KeptFor - TimeSpan.FromHours(1));
        Assert.Equal(0, await former.SweepAsync(CancellationToken.None));
        kit.App.Time.Advance(TimeSpan.FromHours(2));
        await former.SweepAsync(CancellationToken.None);
        Assert.Equal([Ann, anton, "b***@two.example", cid], await AddressesAsync(kit));

        Assert.True(await kit.App.Services.GetRequiredService<FeedbackAddressStore>().RemoveAsync(kit.Claim.Id, kit.OwnerId, CancellationToken.None));
        await NothingWaitsAsync(kit, clear);
        kit.App.Time.Advance(FormerMembers.KeptFor + TimeSpan.FromMinutes(1));
        await former.SweepAsync(CancellationToken.None);

        Assert.Equal(["a***@one.example", "a***@one.example", "b***@two.example", "c***@three.example"], await AddressesAsync(kit));
        await using PostmasterDb db = await kit.App.OpenDbAsync();
        Assert.False(await db.Outbox.AnyAsync(m => clear.Contains(m.To)));
        Assert.True(await db.AuditEntries.AnyAsync(a => a.Detail == Bob));
    }

    private static async Task<List<string>> AddressesAsync(GroupKit kit)
    {
        await using PostmasterDb db = await kit.App.OpenDbAsync();
        return [.. (await db.GroupMembers.Select(m => m.Address).ToListAsync()).Order(StringComparer.Ordinal)];
    }

    private static Task NothingWaitsAsync(GroupKit kit, string[] addresses) => PressKit.EventuallyAsync(async () =>
    {
        kit.App.Wake();
        await using PostmasterDb db = await kit.App.OpenDbAsync();
        return !await db.Outbox.AnyAsync(m => addresses.Contains(m.To) && m.State == OutboxState.Queued);
    }, () => "mails to members wait");

    [Fact]
    public async Task Invitations_and_confirmations_to_one_mailbox_count_together_whichever_comes_first()
    {
        await using GroupKit kit = await GroupKit.StartAsync();
        DomainClaim[] others = [await kit.App.ClaimAsync("two.example", GroupKit.Owner), await kit.App.ClaimAsync("three.example", GroupKit.Owner), await kit.App.ClaimAsync("four.example", GroupKit.Owner)];
        foreach (DomainClaim other in others)
        {
            Assert.True(await kit.Store.CreateAsync(other.Id, kit.OwnerId, CancellationToken.None));
            Assert.Equal(GroupInvite.Sent, await kit.Store.InviteAsync(other.Id, kit.OwnerId, Ann, CancellationToken.None));
        }

        DomainClaim last = await kit.App.ClaimAsync("five.example", GroupKit.Owner);
        var addresses = kit.App.Services.GetRequiredService<FeedbackAddressStore>();
        Assert.Equal(FeedbackRequestResult.TooManyToMailbox, await addresses.RequestAsync(last.Id, kit.OwnerId, Ann, CancellationToken.None));
        var digests = kit.App.Services.GetRequiredService<DigestStore>();
        Assert.Equal(DigestRequest.TooMany, await digests.RequestAsync(last.Id, kit.OwnerId, Ann, DigestStore.UsualHour, alsoEmpty: false, CancellationToken.None));
    }

    [Fact]
    public async Task Who_declined_a_group_is_not_asked_again_by_way_of_the_feedback_address()
    {
        await using GroupKit kit = await GroupKit.StartAsync();
        using PortalVisitor visitor = kit.App.NewVisitor();
        await visitor.SubmitAsync(await visitor.GetAsync(await kit.InviteAsync(Ann)), "form:has(input[value='refuse'])");
        kit.App.Time.Advance(TimeSpan.FromDays(2));

        var addresses = kit.App.Services.GetRequiredService<FeedbackAddressStore>();
        Assert.Equal(FeedbackRequestResult.Declined, await addresses.RequestAsync(kit.Claim.Id, kit.OwnerId, Ann, CancellationToken.None));
        var digests = kit.App.Services.GetRequiredService<DigestStore>();
        Assert.Equal(DigestRequest.Declined, await digests.RequestAsync(kit.Claim.Id, kit.OwnerId, Ann, DigestStore.UsualHour, alsoEmpty: false, CancellationToken.None));
    }

    [Fact]
    public async Task A_guessed_link_and_a_guessed_address_keep_nobody_waiting()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann);
        await using PostmasterDb db = await kit.App.OpenDbAsync();
        await using var busy = await db.BeginExclusiveAsync(CancellationToken.None);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var answers = kit.App.Services.GetRequiredService<GroupAnswers>();
        Assert.Null(await answers.LeaveAsync(new string('0', 40), patience.Token));
        await answers.AskedAsync(new string('0', 20), MailAddress.Parse(Ann), proved: false, patience.Token);
    }

    [Fact]
    public async Task A_decline_holds_by_the_page_and_by_the_one_click_of_the_invitation()
    {
        await using GroupKit kit = await GroupKit.StartAsync();
        using PortalVisitor visitor = kit.App.NewVisitor();
        await visitor.SubmitAsync(await visitor.GetAsync(await kit.InviteAsync(Ann)), "form:has(input[value='refuse'])");
        await kit.InviteAsync(Bob);
        ReceivedMessage invitation = kit.MailsTo(Bob)[^1];
        Assert.True(GroupKit.IsOneClick(invitation));
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(Link(invitation), ("List-Unsubscribe", "One-Click"))).StatusCode);
        kit.App.Time.Advance(TimeSpan.FromDays(20));
        foreach (string address in (string[])[Ann, Bob])
            Assert.Equal(GroupInvite.Declined, await kit.Store.InviteAsync(kit.Claim.Id, kit.OwnerId, address, CancellationToken.None));
        Assert.Equal("This link has ended", (await visitor.GetAsync(GroupKit.PathIn(invitation, "/join-group/"))).Heading);
    }

    [Fact]
    public async Task One_click_ends_the_membership_at_once_and_a_look_at_the_link_does_not()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        ReceivedMessage welcome = kit.MailsTo(Ann)[^1];
        Assert.True(GroupKit.IsOneClick(welcome));
        var signer = kit.App.Services.GetRequiredService<ProviderSigner>();
        kit.App.Zone.AddTxt(signer.TxtName, await signer.TxtValueAsync(CancellationToken.None));
        DkimResult signature = Assert.Single(await new DkimVerifier(kit.App.Zone).VerifyAsync(MessageReader.Read(welcome.Data), kit.App.Time.GetUtcNow(), CancellationToken.None));
        Assert.Equal(DkimStatus.Pass, signature.Status);
        Assert.Contains("List-Unsubscribe-Post", signature.SignedFields, StringComparer.OrdinalIgnoreCase);
        string link = Link(welcome);

        Assert.Equal(HttpStatusCode.OK, (await Plain.GetAsync(new Uri(link))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(link, ("x", "y"))).StatusCode);
        Assert.Null((await kit.MemberAsync(Ann)).EndedAt);
        HttpResponseMessage answer = await PostAsync(link, ("List-Unsubscribe", "One-Click"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
        Assert.NotNull((await kit.MemberAsync(Ann)).LeftAt);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(link, ("List-Unsubscribe", "One-Click"))).StatusCode); // again: the same
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(link[..^1] + (link[^1] == '0' ? '1' : '0'), ("List-Unsubscribe", "One-Click"))).StatusCode);

        await kit.PressAsync("one");
        await kit.WaitForAsync(() => kit.Reports().Count == 1, "no report");
        Assert.Contains(Bob, Assert.Single(kit.Reports()[0].Recipients), StringComparison.Ordinal);
        Assert.True(GroupKit.IsOneClick(kit.Reports()[0])); // one member is left: it carries that member's link
        using PortalVisitor bob = kit.App.NewVisitor();
        PortalPage page = await bob.GetAsync(new Uri(Link(kit.Reports()[0])).AbsolutePath);
        Assert.Equal("You are not in the group", (await bob.SubmitAsync(page, null, ("leave", "1"))).Heading);
        await kit.WaitForAsync(() => kit.MailsTo(GroupKit.Owner).Count == 1, "the owner was not told that the group is empty");
        await using PostmasterDb db = await kit.App.OpenDbAsync();
        Assert.Null((await db.FeedbackAddresses.SingleAsync()).ConfirmedAt);
        Assert.Equal(2, await db.AuditEntries.CountAsync(a => a.What == "left the group"));
    }

    [Fact]
    public async Task Who_leaves_while_a_report_is_tried_again_does_not_get_it_and_an_emptied_group_has_an_empty_queue()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        string ann = Link(kit.MailsTo(Ann)[^1]), bob = Link(kit.MailsTo(Bob)[^1]);
        kit.Answer = line => line.StartsWith("RCPT TO:", StringComparison.OrdinalIgnoreCase) && !line.Contains("mail.example", StringComparison.Ordinal) ? "450 4.2.1 Busy\r\n" : null;
        await kit.PressAsync("one");
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await kit.App.OpenDbAsync();
            return await db.Outbox.AnyAsync(m => m.State == OutboxState.Queued && m.LeaseUntil == null && m.LastAnswer!.StartsWith("0 of 2"));
        }, () => "not tried");
        await PostAsync(ann, ("List-Unsubscribe", "One-Click"));
        await PostAsync(bob, ("List-Unsubscribe", "One-Click"));
        await kit.ReportRowAsync(OutboxState.Cancelled);
        kit.Answer = null;
        kit.App.Time.Advance(TimeSpan.FromHours(1));
        kit.App.Wake();
        Assert.Empty(kit.Reports());
    }

    [Fact]
    public async Task A_mail_to_the_leaving_address_ends_the_membership_only_when_the_members_domain_signed_it_for_that_address()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.PressAsync("one");
        await kit.WaitForAsync(() => kit.Reports().Count == 1, "no report");
        string leave = Uri.UnescapeDataString(GroupKit.Unsubscribe(kit.Reports()[0]).Split("mailto:")[1].Split('>')[0]);
        var signing = new SigningSender(kit.App.Zone, "one.example");
        byte[] elsewhere = signing.Sign($"From: Ann <{Ann}>\r\nTo: eve@evil.example\r\nSubject: hi\r\nDate: Fri, 2 Jan 2026 10:00:00 +0000\r\nMessage-ID: <x@one.example>\r\n\r\nhi\r\n");
        int before = kit.MailsTo(Ann).Count;

        // Forged, and a signed mail to somebody else that is handed on: Ann is sent her own link, once.
        Assert.StartsWith("250", await kit.App.DeliverAsync(leave, $"From: {Ann}\r\nTo: {leave}\r\nSubject: leave\r\n\r\n\r\n", "eve@evil.example"), StringComparison.Ordinal);
        Assert.StartsWith("250", await kit.App.DeliverAsync(leave, System.Text.Encoding.Latin1.GetString(elsewhere), "eve@evil.example"), StringComparison.Ordinal);
        await kit.WaitForAsync(() => kit.MailsTo(Ann).Count == before + 1, "no link was sent");
        Assert.Null((await kit.MemberAsync(Ann)).EndedAt);
        Assert.True(GroupKit.IsOneClick(kit.MailsTo(Ann)[^1]));
        Assert.StartsWith("250", await kit.App.DeliverAsync(leave, $"From: nobody@else.example\r\nTo: {leave}\r\nSubject: leave\r\n\r\n\r\n", "nobody@else.example"), StringComparison.Ordinal);
        Assert.Empty(kit.MailsTo("nobody@else.example"));

        byte[] own = signing.Sign($"From: Ann <{Ann}>\r\nTo: {leave}\r\nSubject: leave\r\nDate: Fri, 2 Jan 2026 10:00:00 +0000\r\nMessage-ID: <y@one.example>\r\n\r\n\r\n");
        Assert.StartsWith("250", await kit.App.DeliverAsync(leave, System.Text.Encoding.Latin1.GetString(own), Ann), StringComparison.Ordinal);
        Assert.NotNull((await kit.MemberAsync(Ann)).LeftAt);
        Assert.Null((await kit.MemberAsync(Bob)).EndedAt);
    }

    [Fact]
    public async Task The_link_that_all_share_sends_a_member_its_own_and_tells_nobody_who_is_one()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann, Bob);
        await kit.PressAsync("one");
        await kit.WaitForAsync(() => kit.Reports().Count == 1, "no report");
        string path = new Uri(GroupKit.Unsubscribe(kit.Reports()[0]).Split('<')[2].Trim('>')).AbsolutePath;
        using PortalVisitor visitor = kit.App.NewVisitor();
        int before = kit.MailsTo(Ann).Count;
        PortalPage known = await visitor.SubmitAsync(await visitor.GetAsync(path), null, ("address", Ann));
        PortalPage unknown = await visitor.SubmitAsync(await visitor.GetAsync(path), null, ("address", "eve@evil.example"));
        Assert.Equal(known.Text, unknown.Text);
        await kit.WaitForAsync(() => kit.MailsTo(Ann).Count == before + 1, "no link was sent");
        Assert.Empty(kit.MailsTo("eve@evil.example"));
        Assert.Null((await kit.MemberAsync(Ann)).EndedAt);
        // The token of the group is no member's link.
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(new Uri(kit.App.Address, path).ToString(), ("List-Unsubscribe", "One-Click"))).StatusCode);
    }

    [Fact]
    public async Task A_confirmed_address_becomes_the_first_member_and_naming_an_address_ends_the_group()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann);
        DomainClaim other = await kit.App.ClaimAsync("second.example", GroupKit.Owner, "fbl@second.example");
        Assert.True(await kit.Store.CreateAsync(other.Id, kit.OwnerId, CancellationToken.None));
        Assert.NotNull((await kit.MemberAsync("fbl@second.example")).ConfirmedAt);
        Assert.False(await kit.Store.CreateAsync(other.Id, kit.OwnerId, CancellationToken.None));

        var addresses = kit.App.Services.GetRequiredService<Web.Features.Domains.FeedbackAddressStore>();
        Assert.Equal(Web.Features.Domains.FeedbackRequestResult.Sent, await addresses.RequestAsync(kit.Claim.Id, kit.OwnerId, "fbl@owner.example", CancellationToken.None));
        Assert.Null(await kit.App.Services.GetRequiredService<GroupQueries>().FindAsync(kit.Claim.Id, CancellationToken.None));
        await kit.PressAsync("one");
        Assert.Empty(kit.Reports());
    }

    [Fact]
    public async Task The_overview_names_a_group_by_its_size_and_says_when_nobody_has_joined()
    {
        await using GroupKit kit = await GroupKit.StartAsync();
        using PortalVisitor owner = await kit.App.SignedInAsync(GroupKit.Owner);

        Assert.Contains("Nobody in the group", (await owner.GetAsync("/domains/owner.example")).Text, StringComparison.Ordinal);
        await kit.JoinAsync(Ann);
        PortalPage page = await owner.GetAsync("/domains/owner.example");
        Assert.Contains("Reports go to a group of 1 mailbox", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("fbl-group+", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_account_a_reader_and_nobody_can_neither_read_nor_change_a_group()
    {
        await using GroupKit kit = await GroupKit.StartAsync(Ann);
        PortalUser rita = await kit.App.EnsureUserAsync("rita@owner.example");
        await using (PostmasterDb db = await kit.App.OpenDbAsync())
        {
            db.Members.Add(new DomainMember { ClaimId = kit.Claim.Id, UserId = rita.Id, Role = MemberRole.Reader, CreatedAt = kit.App.Time.GetUtcNow() });
            await db.SaveChangesAsync();
        }

        const string page = "/domains/owner.example/feedback/group";
        using PortalVisitor nobody = kit.App.NewVisitor(), eve = await kit.App.SignedInAsync("eve@evil.example"), reader = await kit.App.SignedInAsync("rita@owner.example"), owner = await kit.App.SignedInAsync(GroupKit.Owner);
        PortalPage own = await owner.GetAsync(page);
        Assert.Contains(Ann, own.Text, StringComparison.Ordinal);
        string[] forms = [.. own.Document.QuerySelectorAll("main form[method=post] input[name=_handler]").Select(i => i.GetAttribute("value")!)];
        Assert.True(forms.Length >= 4, string.Join(' ', forms));
        foreach ((PortalVisitor who, string from) in ((PortalVisitor, string)[])[(nobody, "/sign-in"), (eve, "/domains"), (reader, "/domains")])
        {
            Assert.DoesNotContain(Ann, (await who.GetAsync(page)).Html, StringComparison.Ordinal);
            string token = (await who.GetAsync(from)).Document.QuerySelector("main input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
            foreach (string form in forms)
            {
                using var content = new FormUrlEncodedContent([new("_handler", form), new("Addresses", "new@evil.example"), new("__RequestVerificationToken", token)]);
                HttpResponseMessage answer = await who.Http.PostAsync(new Uri(page, UriKind.Relative), content);
                Assert.True((int)answer.StatusCode >= 400 || answer.Headers.Location?.ToString().Contains("/sign-in", StringComparison.Ordinal) == true, $"{form}: {answer.StatusCode}");
            }
        }

        await using PostmasterDb after = await kit.App.OpenDbAsync();
        Assert.Null((await after.GroupMembers.SingleAsync()).EndedAt);
        Assert.False((await after.FeedbackGroups.SingleAsync()).PersonalCopies);
        Assert.Null((await after.FeedbackAddresses.SingleAsync()).EndedAt);
    }
}
