using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Cfbl;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Features.FeedbackLoop.Digests;
using Postmaster.Web.Features.FeedbackLoop.Leaving;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>One click in any mail about complaints ends all of them to that mailbox, and only the mailbox can take it back.</summary>
public sealed class LeavingEverythingTests
{
    private const string Address = CfblKit.Address, Owner = "owner@mail.example", Second = "second.example";
    private static readonly HttpClient Plain = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });

    /// <summary>A feedback address, a digest of another domain and an invitation of a third one's mail, all at the same mailbox, with something of each in the queue.</summary>
    private static async Task<(PostmasterApp App, Dictionary<string, string> Links)> StartAsync()
    {
        PostmasterApp app = await CfblKit.StartAsync();
        await app.ComplainAsync("one");
        await app.ReportsAsync(1);
        await app.ClaimAsync("owner.example", Owner, Address);
        DomainClaim second = await app.ClaimAsync(Second, Owner);
        DateTimeOffset now = app.Time.GetUtcNow();
        var digest = new Digest { ClaimId = second.Id, Address = Address, RequestedBy = second.OwnerId, RequestedAt = now, ConfirmedAt = now, Hour = 6, NextAt = now.AddDays(1), RateKey = Address };
        CfblContact contact = await app.ContactAsync();
        await using PostmasterDb db = await app.OpenDbAsync();
        db.Digests.Add(digest);
        foreach (OutboxKind kind in Enum.GetValues<OutboxKind>())
        {
            string name = Guid.NewGuid().ToString("N");
            db.Outbox.Add(new OutboxMessage { Kind = kind, To = Address, MessageId = name + "@fbl.provider.example", BounceToken = name, CreatedAt = now, DueAt = now.AddDays(3) });
        }

        await db.SaveChangesAsync();
        string report = await app.Services.GetRequiredService<LeaveLinks>().UrlAsync(Address, default);
        return (app, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["report"] = report,
            ["digest"] = await app.Services.GetRequiredService<DigestLeaving>().PostAsync(digest.Id, default),
            ["invited"] = await app.Services.GetRequiredService<CfblLinks>().OneClickAsync(contact.Id, default),
        });
    }

    [Theory]
    [InlineData("report")]
    [InlineData("digest")]
    [InlineData("invited")]
    public async Task One_click_in_whichever_mail_ends_reports_digests_and_invited_reports_and_empties_the_queue(string which)
    {
        var (app, links) = await StartAsync();
        await using PostmasterApp _ = app;
        using PortalVisitor reader = app.NewVisitor();
        foreach (string path in links.Values)
        {
            string page = (await reader.GetAsync(new Uri(path).PathAndQuery)).Text;
            Assert.All(["owner.example", Second, "CFBL-Address"], shown => Assert.Contains(shown, page, StringComparison.Ordinal));
        }

        using var form = new FormUrlEncodedContent([new("List-Unsubscribe", "One-Click")]);
        HttpResponseMessage answer = await Plain.PostAsync(new Uri(links[which]), form);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("No more mails about complaints", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.NotNull((await db.FeedbackAddresses.SingleAsync()).LeftAt);
        Digest digest = await db.Digests.SingleAsync();
        Assert.NotNull(digest.LeftAt);
        Assert.NotNull(digest.EndedAt);
        Assert.NotNull((await app.ContactAsync()).RefusedAt);
        Assert.Equal([OutboxKind.Notice], await db.Outbox.Where(m => m.To == Address && m.State == OutboxState.Queued).Select(m => m.Kind).ToListAsync());
        Assert.Equal(
            ["ended the reports to the feedback address", "left the daily digest", "refused reports by invitation for ever"],
            (await db.AuditEntries.Where(a => a.By == AuditTrail.ByLink).Select(a => a.What).ToListAsync()).Order(StringComparer.Ordinal));
        IReadOnlyList<PortalMail> told = await app.MailsAsync(Owner);
        Assert.Equal(["No more daily digest about second.example goes to " + Address, "No more reports about owner.example go to " + Address], told.Select(m => m.Subject).Order(StringComparer.Ordinal));
        Assert.Contains("Nothing is sent to", (await reader.GetAsync(new Uri(links["report"]).PathAndQuery)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_refused_address_nothing_stays_in_clear_in_what_was_sent_and_what_came_back()
    {
        await using PostmasterApp app = await CfblKit.StartAsync();
        CfblInvitation invitation = await app.ComplainAsync("one");
        await app.ReportsAsync(1);
        await app.MailInStateAsync(Address, OutboxState.Sent);
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.Bounces.Add(new Bounce
            {
                Id = Guid.NewGuid(), OutboxId = invitation.OutboxId, To = Address, ReceivedAt = app.Time.GetUtcNow(), Kind = Postmaster.Fbl.Bounces.BounceKind.Permanent, Counts = true,
                Answer = $"550 5.1.1 <{Address}> unknown", Outcome = "",
            });
            await db.SaveChangesAsync();
        }

        CfblContact contact = await app.ContactAsync();
        Assert.True(await app.Services.GetRequiredService<CfblContactStore>().RefuseAsync(await app.Services.GetRequiredService<CfblLinks>().TokenAsync(contact.Id, default), default));

        await using PostmasterDb after = await app.OpenDbAsync();
        OutboxMessage sent = await after.Outbox.SingleAsync(m => m.Id == invitation.OutboxId);
        Bounce back = await after.Bounces.SingleAsync();
        Assert.Equal((Postmaster.Fbl.Names.MailAddress.Parse(Address).Masked, OutboxState.Sent), (sent.To, sent.State));
        Assert.Equal((sent.To, null), (back.To, back.Answer));
        Assert.DoesNotContain(Address, sent.LastAnswer ?? "", StringComparison.Ordinal);
        Assert.Null((await after.CfblInvitations.SingleAsync()).Address);
        Assert.DoesNotContain(Address, string.Join(' ', await after.AuditEntries.Select(a => a.Detail).ToListAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_digest_that_its_reader_left_is_sent_there_again_only_when_the_mailbox_agrees_afresh()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        DomainClaim claim = await app.ClaimAsync("owner.example", Owner, Address);
        var store = app.Services.GetRequiredService<DigestStore>();
        Assert.Equal(DigestRequest.Begins, await store.RequestAsync(claim.Id, claim.OwnerId, Address, 6, false, default));
        Guid first = await DigestAsync(app);
        string leave = new Uri(await app.Services.GetRequiredService<DigestLeaving>().PageAsync(first, default)).AbsolutePath;
        using PortalVisitor reader = app.NewVisitor();
        Assert.Equal("The digest has ended", (await reader.SubmitAsync(await reader.GetAsync(leave), "main form:not(:has(.primary))")).Heading);

        Assert.Equal(DigestRequest.Sent, await store.RequestAsync(claim.Id, claim.OwnerId, Address, 6, false, default));
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        Assert.DoesNotContain("need not be asked", (await owner.GetAsync("/domains/owner.example/feedback/digest")).Text, StringComparison.Ordinal);
        PortalMail mail = (await app.MailsAsync(Address)).Single(m => m.Subject.StartsWith("Confirm this address for a daily digest", StringComparison.Ordinal));
        app.Time.Advance(TimeSpan.FromMinutes(1));
        await reader.SubmitAsync(await reader.GetAsync(mail.LinkPath), "form:has(button.primary)");
        Assert.True(await store.RemoveAsync(claim.Id, claim.OwnerId, default));
        Assert.Equal(DigestRequest.Begins, await store.RequestAsync(claim.Id, claim.OwnerId, Address, 6, false, default)); // what an owner ended, an owner may begin
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Null((await db.FeedbackAddresses.SingleAsync()).LeftAt); // the reports went on all the while
    }

    [Fact]
    public async Task A_link_that_is_guessed_waits_for_no_lock()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        string guess = new('0', 40);
        await using PostmasterDb db = await app.OpenDbAsync();
        await using var busy = await db.BeginExclusiveAsync(CancellationToken.None);
        var patience = TimeSpan.FromSeconds(60);
        Assert.Null(await app.Services.GetRequiredService<DigestStore>().ConfirmAsync(guess, default).WaitAsync(patience));
        Assert.Null(await app.Services.GetRequiredService<DigestStore>().DeclineAsync(guess, default).WaitAsync(patience));
        Assert.Null(await app.Services.GetRequiredService<FeedbackAddressStore>().ConfirmAsync(guess, default).WaitAsync(patience));
        Assert.Null(await app.Services.GetRequiredService<FeedbackAddressStore>().DeclineAsync(guess, default).WaitAsync(patience));
        Assert.Null(await app.Services.GetRequiredService<Postmaster.Web.Features.FeedbackLoop.Groups.GroupAnswers>().ConfirmAsync(guess, default).WaitAsync(patience));
        Assert.Null(await app.Services.GetRequiredService<LeaveStore>().LeaveAsync(guess, default).WaitAsync(patience));
    }

    private static async Task<Guid> DigestAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.Digests.Where(d => d.EndedAt == null).Select(d => d.Id).SingleAsync();
    }
}
