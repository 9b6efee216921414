using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Smtp;
using Postmaster.Tests.Bounces;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Cfbl;

/// <summary>No mail bomb: what an address gets that never agreed, and how its reader agrees, refuses, or is not there at all.</summary>
public sealed class InvitedAddressTests
{
    [Fact]
    public async Task An_address_that_never_agreed_gets_a_few_a_day_and_a_few_in_all_under_whatever_detail()
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:AllowanceUnconfirmed", "2"), ("Cfbl:AllowanceTotal", "3"));
        Assert.Equal(CfblFate.Queued, (await app.ComplainAsync("one")).Fate);
        Assert.Equal(CfblFate.Queued, (await app.ComplainAsync(CfblKit.Mail("two", "CFBL-Address: fbl+two@shop.example\r\n").SignedBy("shop.example"))).Fate);
        Assert.Equal(CfblFate.AllowanceUsed, (await app.ComplainAsync(CfblKit.Mail("three", "CFBL-Address: FBL+3@shop.example\r\n").SignedBy("shop.example"))).Fate);
        app.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(CfblFate.Queued, (await app.ComplainAsync("four")).Fate);
        Assert.Equal(CfblFate.AllowanceUsed, (await app.ComplainAsync("five")).Fate);
        app.Time.Advance(TimeSpan.FromDays(400));
        Assert.Equal(CfblFate.AllowanceUsed, (await app.ComplainAsync("six")).Fate);
        Assert.Equal(3, (await app.ContactAsync()).Total);
    }

    [Fact]
    public async Task Whoever_agrees_by_the_link_gets_all_and_opening_it_changes_nothing()
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:AllowanceUnconfirmed", "1"), ("Cfbl:AllowanceTotal", "1"));
        await app.ComplainAsync("one");
        string link = CfblKit.Link((await app.ReportsAsync(1))[0].Mail);
        using PortalVisitor holder = app.NewVisitor();
        PortalPage page = await holder.GetAsync(link);
        Assert.Contains(CfblKit.Address, page.Text, StringComparison.Ordinal);
        Assert.Equal(CfblFate.AllowanceUsed, (await app.ComplainAsync("two")).Fate);

        page = await holder.SubmitAsync(page, "form:has(input[value='agree'])");
        Assert.Contains("Reports will be sent here", page.Text, StringComparison.Ordinal);
        Assert.Equal(CfblFate.Queued, (await app.ComplainAsync("three")).Fate);
        Assert.NotNull((await app.ContactAsync()).ConfirmedAt);
        await app.ReportsAsync(2);
    }

    [Fact]
    public async Task Whoever_refuses_is_forgotten_but_for_a_hash_and_gets_nothing_ever_again()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        await app.ComplainAsync("one");
        string link = CfblKit.Link((await app.ReportsAsync(1))[0].Mail);
        using PortalVisitor holder = app.NewVisitor();
        PortalPage page = await holder.SubmitAsync(await holder.GetAsync(link), "form:has(input[value='refuse'])");
        Assert.Contains("No report will be sent again", page.Text, StringComparison.Ordinal);

        CfblContact contact = await app.ContactAsync();
        Assert.Null(contact.Address);
        Assert.NotNull(contact.RefusedAt);
        app.Time.Advance(TimeSpan.FromDays(1000));
        Assert.Equal(CfblFate.Refused, (await app.ComplainAsync("two")).Fate);
        page = await holder.GetAsync(link);
        Assert.DoesNotContain(CfblKit.Address, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("agree", page.Text, StringComparison.Ordinal); // no way back
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Contains("refused", (await db.AuditEntries.AsNoTracking().SingleAsync()).What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_click_refuses_without_a_page_and_a_link_that_is_none_is_answered_alike()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        await app.ComplainAsync("one");
        string uri = (await app.ReportsAsync(1))[0].Mail.Headers.First("List-Unsubscribe")!.Unfolded.Trim('<', '>');
        string path = new Uri(uri).AbsolutePath;
        Assert.StartsWith("/cfbl/refuse/", path, StringComparison.Ordinal);
        using var http = new HttpClient();
        async Task<(HttpStatusCode Status, string Text)> PostAsync(string to, string body)
        {
            using var content = new StringContent(body, Encoding.ASCII, "application/x-www-form-urlencoded");
            using HttpResponseMessage response = await http.PostAsync(new Uri(app.Address, to), content);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(path, "x=y")).Status);
        var forged = await PostAsync(path[..^4] + (path.EndsWith("0000", StringComparison.Ordinal) ? "1111" : "0000"), "List-Unsubscribe=One-Click");
        Assert.Null((await app.ContactAsync()).RefusedAt);
        var real = await PostAsync(path, "List-Unsubscribe=One-Click");
        Assert.Equal(HttpStatusCode.OK, real.Status);
        Assert.Equal(real, forged);
        Assert.NotNull((await app.ContactAsync()).RefusedAt);
        Assert.Equal(CfblFate.Refused, (await app.ComplainAsync("two")).Fate);
    }

    [Fact]
    public async Task A_refusal_takes_back_what_waits()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        await app.ComplainAsync("one");
        string link = CfblKit.Link((await app.ReportsAsync(1))[0].Mail);
        await app.MailInStateAsync(CfblKit.Address, OutboxState.Sent);
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            // Once more in the queue, as after a soft bounce.
            await db.Outbox.ExecuteUpdateAsync(set => set.SetProperty(m => m.State, OutboxState.Queued).SetProperty(m => m.DueAt, app.Time.GetUtcNow().AddDays(1)));
        }

        using PortalVisitor holder = app.NewVisitor();
        await holder.SubmitAsync(await holder.GetAsync(link), "form:has(input[value='refuse'])");
        Assert.Equal(OutboxState.Cancelled, (await app.MailInStateAsync(MailAddress.Parse(CfblKit.Address).Masked, OutboxState.Cancelled)).State);
    }

    [Fact]
    public async Task What_is_over_a_limit_waits_for_the_next_day_where_a_reader_has_agreed_and_for_a_week_at_most()
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:MaxPerAddressPerDay", "2"));
        await app.ComplainAsync("one");
        using PortalVisitor holder = app.NewVisitor();
        await holder.SubmitAsync(await holder.GetAsync(CfblKit.Link((await app.ReportsAsync(1))[0].Mail)), "form:has(input[value='agree'])");
        Assert.Equal(CfblFate.Queued, (await app.ComplainAsync("two")).Fate);
        foreach (string name in (string[])["three", "four", "five"])
            Assert.Equal(CfblFate.AddressLimit, (await app.ComplainAsync(name)).Fate);
        await app.ReportsAsync(2);
        Assert.Equal(3, await WaitingAsync(app));

        // The two oldest leave on the next day, and the last one on the day after.
        app.Time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(15));
        await PressKit.EventuallyAsync(() => { app.Wake(); return Task.FromResult(app.ReportsTo(CfblKit.Address).Count == 4); }, () => "what waited did not leave");
        await PressKit.EventuallyAsync(async () => await WaitingAsync(app) == 1, () => "the last one does not wait");
        Assert.Equal(4, app.ReportsTo(CfblKit.Address).Count);
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await app.OpenDbAsync();
            return await db.Outbox.CountAsync(m => m.Kind == OutboxKind.InvitedReport && m.State == OutboxState.Sent) == 4;
        }, () => "the relay's answers were not written");
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            Assert.Equal(1, await db.CfblInvitations.CountAsync(i => i.Fate == CfblFate.AddressLimit));
            Assert.Equal(4, (await app.ContactAsync()).Total);
        }

        app.Time.Advance(CfblLimits.LongestWait);
        OutboxMessage? last = null;
        await PressKit.EventuallyAsync(async () =>
        {
            app.Wake();
            await using PostmasterDb db = await app.OpenDbAsync();
            last = await db.Outbox.AsNoTracking().Where(m => m.Kind == OutboxKind.InvitedReport && m.State != OutboxState.Sent).SingleAsync();
            return last.State is OutboxState.Cancelled;
        }, () => $"the last one is {last?.State}");
        Assert.Equal(CfblLimits.TooOldWords, last!.LastAnswer);
    }

    private static async Task<int> WaitingAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.Outbox.CountAsync(m => m.State == OutboxState.Queued && m.HeldBy == OutboxHold.InvitedDay && m.LeaseUntil == null);
    }

    [Fact]
    public async Task The_owner_sees_each_limit_that_kept_a_report_back_and_how_many_wait_and_nothing_else()
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:MaxPerAddressPerDay", "1"));
        await app.ClaimAsync("shop.example", "owner@mail.example");
        await app.ComplainAsync("one", KeptState.Counted);
        using PortalVisitor holder = app.NewVisitor();
        await holder.SubmitAsync(await holder.GetAsync(CfblKit.Link((await app.ReportsAsync(1))[0].Mail)), "form:has(input[value='agree'])");
        foreach (string name in (string[])["two", "three"])
            Assert.Equal(CfblFate.AddressLimit, (await app.ComplainAsync(name, KeptState.Counted)).Fate);
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.CfblContacts.ExecuteUpdateAsync(set => set.SetProperty(c => c.BlockedAt, app.Time.GetUtcNow()));
        Assert.Equal(CfblFate.Blocked, (await app.ComplainAsync("four", KeptState.Counted)).Fate);

        var kept = await app.Services.GetRequiredService<CfblQueries>().KeptBackAsync("shop.example", CancellationToken.None);
        Assert.Equal([(CfblFate.AddressLimit, 2, 2)], kept);
        using PortalVisitor owner = await app.SignedInAsync("owner@mail.example");
        Assert.Contains("2, because the address had had the most that it gets in a day; they wait for room on one of the next days", (await owner.GetAsync("/domains/shop.example/feedback")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Domains_and_all_together_have_limits_of_their_own()
    {
        await using PostmasterApp app = await CfblKit.StartAsync(("Cfbl:MaxPerDomainPerDay", "2"), ("Cfbl:MaxPerDay", "3"));
        async Task<CfblFate> FateAsync(string local, string domain) =>
            (await app.ComplainAsync(CfblKit.Mail(local, $"CFBL-Address: {local}@{domain}\r\n", domain).SignedBy(domain))).Fate;

        Assert.Equal(CfblFate.Queued, await FateAsync("a", "shop.example"));
        Assert.Equal(CfblFate.Queued, await FateAsync("b", "shop.example"));
        Assert.Equal(CfblFate.DomainLimit, await FateAsync("c", "shop.example"));
        Assert.Equal(CfblFate.Queued, await FateAsync("d", "esp.example"));
        Assert.Equal(CfblFate.DayLimit, await FateAsync("e", "other.example"));
        app.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(CfblFate.Queued, await FateAsync("f", "shop.example"));
    }

    [Fact]
    public async Task The_first_report_that_comes_back_pauses_an_address_that_never_agreed_and_its_link_lets_it_go_on()
    {
        await using var relay = ScriptedSmtpPeer.Accepting();
        await using PostmasterApp app = await CfblKit.StartAsync(
            ("Relay:Kind", "smtp"), ("Relay:Host", ScriptedSmtpPeer.Host), ("Relay:Port", relay.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("Relay:Tls", "None"));
        await app.ComplainAsync("one");
        await app.MailInStateAsync(CfblKit.Address, OutboxState.Sent);
        ReceivedMessage report = relay.Messages.Single();
        string id = Fbl.Mime.MessageReader.Read(report.Data).Headers.First("Message-ID")!.Unfolded.Trim('<', '>');
        Assert.StartsWith("250", await app.DeliverAsync(report.MailFrom.Split('<', '>')[1], BounceSamples.Dsn(rcpt: CfblKit.Address, status: "5.2.1", diagnostic: "smtp; 550 5.2.1 disabled", id: id)), StringComparison.Ordinal);

        CfblContact contact = await app.ContactAsync();
        Assert.NotNull(contact.PausedAt);
        Assert.Contains("disabled", contact.PauseAnswer, StringComparison.Ordinal);
        Assert.Equal(CfblFate.Paused, (await app.ComplainAsync("two")).Fate);
        using PortalVisitor holder = app.NewVisitor();
        await holder.SubmitAsync(await holder.GetAsync(CfblKit.Link(Fbl.Mime.MessageReader.Read(report.Data))), "form:has(input[value='agree'])");
        Assert.Equal(CfblFate.Queued, (await app.ComplainAsync("three")).Fate);
    }

    [Fact]
    public async Task Whoever_said_lately_that_a_claims_request_was_not_his_is_not_asked_by_mail_either()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        DomainClaim claim = await app.ClaimAsync("unrelated.example", "owner@mail.example", CfblKit.Address);
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.FeedbackAddresses.ExecuteUpdateAsync(set => set.SetProperty(a => a.EndedAt, app.Time.GetUtcNow()).SetProperty(a => a.DeclinedAt, app.Time.GetUtcNow()));
        Assert.Equal(CfblFate.Refused, (await app.ComplainAsync("one")).Fate);
    }
}
