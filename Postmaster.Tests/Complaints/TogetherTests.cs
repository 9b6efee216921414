using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Postmaster.Fbl.Names;
using Postmaster.Tests.FeedbackLoop;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>Complaints that are kept, read, counted and reported in shared commits come to what each would alone.</summary>
public sealed class TogetherTests
{
    private const string Domain = "owner.example", Address = "fbl@owner.example";

    [Fact]
    public async Task Complaints_that_wait_together_are_counted_and_reported_in_one_step()
    {
        await using PostmasterApp app = await RestingAsync();
        var sender = new SigningSender(app.Zone, Domain);
        await Task.WhenAll(Enumerable.Range(0, 30).Select(i => KeepAsync(app, sender.Newsletter($"n{i}"), $"user{i}@provider.example")));

        Assert.True(await StepAsync(app));

        Assert.Equal(30, await app.CountAsync(Domain));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(30, await db.Outbox.CountAsync(m => m.To == Address && m.State == OutboxState.Queued));
        Assert.Equal(30, await db.KeptComplaints.CountAsync(k => k.State == KeptState.Counted && k.LeaseUntil == null));
    }

    [Fact]
    public async Task The_same_message_pressed_twice_by_one_mailbox_counts_once_though_both_wait_together()
    {
        await using PostmasterApp app = await RestingAsync();
        var sender = new SigningSender(app.Zone, Domain);
        Guid first = await KeepAsync(app, sender.Newsletter("same"), key: "first"), second = await KeepAsync(app, sender.Newsletter("same"), key: "second");
        await KeepAsync(app, sender.Newsletter("same"), "bob@provider.example");

        await StepAsync(app);

        Assert.Equal(2, await app.CountAsync(Domain));
        await using PostmasterDb db = await app.OpenDbAsync();
        List<KeptState> states = await db.KeptComplaints.Where(k => k.Id == first || k.Id == second).Select(k => k.State).ToListAsync();
        Assert.Equal([KeptState.Counted, KeptState.Duplicate], states.Order());
    }

    [Fact]
    public async Task Not_junk_takes_back_what_waits_beside_it()
    {
        await using PostmasterApp app = await RestingAsync();
        var sender = new SigningSender(app.Zone, Domain);
        Guid taken = await KeepAsync(app, sender.Newsletter("one"), key: "press"), other = await KeepAsync(app, sender.Newsletter("two"), key: "other");
        app.Time.Advance(TimeSpan.FromSeconds(1));
        await KeepAsync(app, sender.Newsletter("one"), key: "back", press: Press.NotSpam);

        await StepAsync(app);
        app.Time.Advance(TimeSpan.FromSeconds(5));
        await StepAsync(app);

        Assert.Equal(1, await app.CountAsync(Domain));
        await app.InStateAsync(taken, KeptState.Cancelled);
        await app.InStateAsync(other, KeptState.Counted);
    }

    [Fact]
    public async Task What_one_mailbox_presses_at_once_is_recognised_though_it_is_counted_at_once()
    {
        await using PostmasterApp app = await RestingAsync(("Fairness:BurstPresses", "3"));
        var sender = new SigningSender(app.Zone, Domain);
        for (int i = 0; i < 5; i++)
            await KeepAsync(app, sender.Newsletter($"n{i}"));
        for (int i = 0; i < 3; i++)
            await KeepAsync(app, sender.Newsletter($"n{i}"), "bob@provider.example");

        await StepAsync(app);

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(5, await db.Complaints.CountAsync(c => c.InPart == PartReason.BulkMove));
        Assert.Equal(3, await db.Complaints.CountAsync(c => c.InPart == null));
    }

    [Fact]
    public async Task A_group_of_new_mailboxes_is_recognised_though_all_of_it_is_counted_at_once()
    {
        await using PostmasterApp app = await RestingAsync(("Fairness:GroupMailboxes", "3"));
        var sender = new SigningSender(app.Zone, Domain);
        for (int i = 0; i < 5; i++)
            await KeepAsync(app, sender.Newsletter($"n{i}"), $"new{i}@provider.example", since: app.Time.GetUtcNow().AddDays(-1));

        await StepAsync(app);

        await using PostmasterDb db = await app.OpenDbAsync();
        // The first two of them are no group yet.
        Assert.Equal(3, await db.Complaints.CountAsync(c => c.InPart == PartReason.NewMailboxes));
    }

    [Fact]
    public async Task Unattributed_ones_are_counted_each()
    {
        await using PostmasterApp app = await RestingAsync();
        var stranger = new SigningSender(app.Zone, "stranger.example");
        for (int i = 0; i < 4; i++)
            await KeepAsync(app, stranger.Newsletter($"n{i}"), $"user{i}@provider.example");

        await StepAsync(app);

        Assert.Equal(4, await app.CountAsync(""));
    }

    [Fact]
    public async Task One_whose_octets_cannot_be_opened_waits_alone()
    {
        await using PostmasterApp app = await RestingAsync();
        var sender = new SigningSender(app.Zone, Domain);
        var ids = new List<Guid>();
        for (int i = 0; i < 9; i++)
            ids.Add(await KeepAsync(app, sender.Newsletter($"n{i}"), $"user{i}@provider.example"));
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.KeptBodies.Where(b => b.KeptId == ids[4]).ExecuteUpdateAsync(set => set.SetProperty(b => b.SealedRaw, new byte[] { 1, 2, 3 }));

        await StepAsync(app);

        Assert.Equal(8, await app.CountAsync(Domain));
        await using PostmasterDb after = await app.OpenDbAsync();
        KeptComplaint bad = await after.KeptComplaints.SingleAsync(k => k.Id == ids[4]);
        Assert.Equal((KeptState.Kept, 1), (bad.State, bad.Attempts));
        Assert.True(bad.DueAt > app.Time.GetUtcNow());
    }

    [Fact]
    public async Task One_that_cannot_be_counted_keeps_no_other_from_it()
    {
        await using PostmasterApp app = await RestingAsync(("Complaints:UndoWindow", "00:10:00"));
        var sender = new SigningSender(app.Zone, Domain);
        var ids = new List<Guid>();
        for (int i = 0; i < 9; i++)
            ids.Add(await KeepAsync(app, sender.Newsletter($"n{i}"), $"user{i}@provider.example"));
        await StepAsync(app);
        // Who pressed can no longer be read.
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.KeptComplaints.Where(k => k.Id == ids[6]).ExecuteUpdateAsync(set => set.SetProperty(k => k.SealedMailbox, new byte[] { 1, 2, 3 }));
        app.Time.Advance(TimeSpan.FromMinutes(11));

        await StepAsync(app);

        Assert.Equal(8, await app.CountAsync(Domain));
        await using PostmasterDb after = await app.OpenDbAsync();
        Assert.Equal(8, await after.Outbox.CountAsync(m => m.To == Address));
        KeptComplaint bad = await after.KeptComplaints.SingleAsync(k => k.Id == ids[6]);
        Assert.Equal((KeptState.Held, 1), (bad.State, bad.Attempts));
    }

    [Fact]
    public async Task One_whose_last_worker_died_is_leased_alone_and_the_others_together()
    {
        await using PostmasterApp app = await RestingAsync();
        var sender = new SigningSender(app.Zone, Domain);
        var ids = new List<Guid>();
        for (int i = 0; i < 6; i++)
        {
            ids.Add(await KeepAsync(app, sender.Newsletter($"n{i}")));
            app.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            await db.KeptComplaints.Where(k => k.Id == ids[0] || k.Id == ids[3])
                .ExecuteUpdateAsync(set => set.SetProperty(k => k.LeaseUntil, app.Time.GetUtcNow().AddSeconds(-1)).SetProperty(k => k.Attempts, 1));
        }

        var leases = app.Services.GetRequiredService<ComplaintLeases>();
        var batches = new List<Guid[]>();
        while (await leases.LeaseAsync(64, CancellationToken.None) is { Count: > 0 } batch)
            batches.Add([.. batch.Select(l => l.Row.Id)]);

        Assert.Equal(3, batches.Count);
        Assert.Equal([ids[0]], batches[0]);
        Assert.Equal([ids[1], ids[2], ids[4], ids[5]], batches[1]);
        Assert.Equal([ids[3]], batches[2]);
    }

    [Fact]
    public async Task What_is_given_back_is_due_at_once_and_was_no_attempt()
    {
        await using PostmasterApp app = await RestingAsync();
        var sender = new SigningSender(app.Zone, Domain);
        for (int i = 0; i < 3; i++)
            await KeepAsync(app, sender.Newsletter($"n{i}"));
        var leases = app.Services.GetRequiredService<ComplaintLeases>();
        IReadOnlyList<Leased<KeptComplaint>> taken = await leases.LeaseAsync(64, CancellationToken.None);

        await leases.ReleaseAsync(taken, CancellationToken.None);

        IReadOnlyList<Leased<KeptComplaint>> again = await leases.LeaseAsync(64, CancellationToken.None);
        Assert.Equal(3, again.Count);
        Assert.All(again, l => Assert.Equal(1, l.Row.Attempts));
    }

    [Fact]
    public async Task A_cap_holds_exactly_for_reports_that_leave_together()
    {
        var relay = new ScriptedRelay();
        await using PostmasterApp app = await PostmasterApp.StartAsync(
            PressKit.Settings(("Reports:MaxPerAddressPerDay", "4"), ("Relay:Connections", "16")), builder => builder.Services.Replace(ServiceDescriptor.Singleton<IMailRelay>(relay)));
        await RestAsync(app);
        var sender = new SigningSender(app.Zone, Domain);
        for (int i = 0; i < 12; i++)
            await KeepAsync(app, sender.Newsletter($"n{i}"), $"user{i}@provider.example");
        await StepAsync(app);

        Assert.True(await app.Services.GetRequiredService<OutboxWorker>().StepAsync(CancellationToken.None));

        Assert.Equal(4, relay.Mails.Count);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(4, await db.Outbox.CountAsync(m => m.State == OutboxState.Sent));
        Assert.Equal(8, await db.Outbox.CountAsync(m => m.State == OutboxState.Queued && m.HeldBy == OutboxHold.AddressDay && m.Attempts == 0 && m.LeaseUntil == null));
    }

    [Fact]
    public async Task Hand_overs_at_the_same_time_are_each_kept_and_the_same_one_twice_is_kept_once()
    {
        await using PostmasterApp app = await RestingAsync();
        var sender = new SigningSender(app.Zone, Domain);
        byte[][] mails = [.. Enumerable.Range(0, 20).Select(i => sender.Newsletter($"n{i}"))];
        KeepOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => app.Services.GetRequiredService<IntakeStore>().KeepAsync(Request(app, mails[i % 20], $"key-{i % 20}"), CancellationToken.None)));

        Assert.Equal(20, outcomes.Count(o => o is KeepOutcome.Kept { Again: false }));
        Assert.Equal(20, outcomes.Count(o => o is KeepOutcome.Kept { Again: true }));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal((20, 20), (await db.KeptComplaints.CountAsync(), await db.KeptBodies.CountAsync()));
    }

    /// <summary>A portal whose workers rest: the test takes their steps.</summary>
    private static async Task<PostmasterApp> RestingAsync(params (string Key, string? Value)[] more)
    {
        PostmasterApp app = await PressKit.StartAsync(more);
        await RestAsync(app);
        return app;
    }

    private static async Task RestAsync(PostmasterApp app)
    {
        await app.ClaimAsync(Domain, "owner@mail.example", Address);
        await app.Host.StopAsync();
    }

    private static Task<bool> StepAsync(PostmasterApp app) => app.Services.GetRequiredService<ComplaintWorker>().StepAsync(CancellationToken.None);

    private static async Task<Guid> KeepAsync(
        PostmasterApp app, byte[] message, string mailbox = PressKit.Mailbox, string? key = null, Press press = Press.Spam, DateTimeOffset? since = null)
    {
        KeepRequest request = Request(app, message, key ?? Guid.NewGuid().ToString("N"), mailbox, press, since);
        Assert.IsType<KeepOutcome.Kept>(await app.Services.GetRequiredService<IntakeStore>().KeepAsync(request, CancellationToken.None));
        return request.Id;
    }

    private static KeepRequest Request(PostmasterApp app, byte[] message, string key, string mailbox = PressKit.Mailbox, Press press = Press.Spam, DateTimeOffset? since = null) => new()
    {
        Id = ComplaintId.FromKey(key), Door = IntakeDoor.Http, Press = press, Mailbox = MailAddress.Parse(mailbox), MailboxSince = since, PressedAt = app.Time.GetUtcNow(), Raw = message, Message = Range.All,
    };
}
