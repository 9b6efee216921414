using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Bounces;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Digests;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop.Digests;

/// <summary>Digests that come back: what is soft is sent again, what is hard and repeated pauses the digest, and nothing of it is lost.</summary>
public sealed class DigestPauseTests
{
    private const string Domain = "owner.example", Owner = "owner@mail.example", Address = BounceSamples.Rcpt, Page = "/domains/owner.example/feedback/digest";

    private static async Task<(PostmasterApp App, SigningSender Sender)> StartAsync()
    {
        PostmasterApp app = await PressKit.StartAsync();
        DomainClaim claim = await app.ClaimAsync(Domain, Owner);
        DateTimeOffset now = app.Time.GetUtcNow();
        await using PostmasterDb db = await app.OpenDbAsync();
        db.Digests.Add(new Digest { ClaimId = claim.Id, Address = Address, RequestedBy = claim.OwnerId, RequestedAt = now, ConfirmedAt = now, Hour = 6, NextAt = DigestHours.Next(now, 6), RateKey = Address });
        await db.SaveChangesAsync();
        return (app, new SigningSender(app.Zone, Domain));
    }

    private static async Task<Digest> DigestAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.Digests.AsNoTracking().SingleAsync();
    }

    /// <summary>A complaint, and the digest of its day as the relay took it.</summary>
    private static async Task<OutboxMessage> DayAsync(PostmasterApp app, SigningSender sender, string name)
    {
        await app.InStateAsync(await app.PressAsync(sender.Newsletter(name)), KeptState.Counted);
        Digest digest = await DigestAsync(app);
        app.Time.Advance(digest.NextAt - app.Time.GetUtcNow() + TimeSpan.FromMinutes(2));
        await app.Services.GetRequiredService<DigestWorker>().QueueAsync(digest.Id, default);
        return await app.MailInStateAsync(Address, OutboxState.Sent);
    }

    private static async Task BouncedAsync(PostmasterApp app, OutboxMessage mail, string action = "failed", string status = "5.1.1", string? said = "smtp; 550 5.1.1 <fbl@owner.example>: no such user") =>
        Assert.StartsWith("250", await app.DeliverAsync($"fbl-bounce+{mail.BounceToken}@fbl.provider.example", BounceSamples.Dsn(action, status, said, id: mail.MessageId)), StringComparison.Ordinal);

    [Fact]
    public async Task Two_digests_to_no_such_mailbox_pause_it_and_the_first_one_after_a_new_proof_tells_all()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        await BouncedAsync(app, await DayAsync(app, sender, "one"));
        Assert.Null((await DigestAsync(app)).PausedAt);
        await BouncedAsync(app, await DayAsync(app, sender, "two"));

        Digest paused = await DigestAsync(app);
        Assert.NotNull(paused.PausedAt);
        Assert.Contains("no such user", paused.PauseAnswer, StringComparison.Ordinal);
        Assert.Equal("The daily digest about owner.example is paused", (await app.NextMailAsync(Owner)).Subject);
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("three")), KeptState.Counted);
        app.Time.Advance(paused.NextAt - app.Time.GetUtcNow() + TimeSpan.FromMinutes(2));
        Assert.False(await app.Services.GetRequiredService<DigestWorker>().QueueAsync(paused.Id, default));

        using PortalVisitor owner = await app.SignedInAsync(Owner), holder = app.NewVisitor();
        PortalPage page = await owner.GetAsync(Page);
        Assert.Contains("Paused since", page.Text, StringComparison.Ordinal);
        Assert.Contains("no such user", page.Text, StringComparison.Ordinal);
        await owner.SubmitAsync(page, "form:has(#hour)", ("Hour", "6"));
        Assert.NotNull((await DigestAsync(app)).PausedAt); // saving proves nothing
        await app.MailInStateAsync(Address, OutboxState.Sent);
        PortalMail mail = (await app.MailsAsync(Address)).Single(m => m.Subject.StartsWith("Confirm this address", StringComparison.Ordinal));
        await holder.SubmitAsync(await holder.GetAsync(mail.LinkPath), "form:has(button.primary)");

        Assert.Null((await DigestAsync(app)).PausedAt);
        await DayAsync(app, sender, "four");
        Assert.Contains(await app.MailsAsync(Address), m => m.Subject.StartsWith("4 complaints about owner.example", StringComparison.Ordinal));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Contains("paused the daily digest", await db.AuditEntries.Select(a => a.What).ToListAsync(), StringComparer.Ordinal);
    }

    [Fact]
    public async Task A_soft_bounce_has_the_digest_sent_again_and_pauses_nothing()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        OutboxMessage mail = await DayAsync(app, sender, "one");
        await BouncedAsync(app, mail, status: "4.2.2", said: "smtp; 452 4.2.2 mailbox full");
        OutboxMessage again = await app.MailInStateAsync(Address, OutboxState.Queued);
        Assert.Equal(mail.Id, again.Id);
        Assert.Null((await DigestAsync(app)).PausedAt);
        app.Time.Advance(again.DueAt - app.Time.GetUtcNow() + TimeSpan.FromMinutes(1));
        await app.MailInStateAsync(Address, OutboxState.Sent);
    }
}
