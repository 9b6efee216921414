using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Data;

/// <summary>A real PostgreSQL under the product, one machine and two. The stores' own tests run on it when deploy/test.sh asks for it.</summary>
public sealed class PostgresTests
{
    [NeedsFact("initdb")]
    public async Task A_complaint_becomes_a_report()
    {
        await using PostmasterApp app = await StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one")), KeptState.Counted);
        await app.ReportToAsync("fbl@owner.example");
        Assert.Equal(1, await app.CountAsync("owner.example"));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.True(db.Database.IsNpgsql());
    }

    [NeedsFact("initdb")]
    public async Task Of_two_machines_at_one_database_one_counts_a_complaint_and_either_knows_who_is_signed_in()
    {
        await using PostmasterApp first = await StartAsync();
        await using PostmasterApp second = await first.StartSecondMachineAsync(PressKit.Settings());
        var senders = new[] { new SigningSender(first.Zone, "owner.example") };
        await first.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        Guid[] pressed = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? first : second).PressAsync(senders[0].Newsletter($"news {i}"), $"user{i}@provider.example")));
        foreach (Guid id in pressed)
            await second.InStateAsync(id, KeptState.Counted);
        Assert.Equal(20, await first.CountAsync("owner.example"));
        await using PostmasterDb db = await first.OpenDbAsync();
        Assert.Equal(20, await db.Outbox.CountAsync(m => m.To == "fbl@owner.example"));

        using PortalVisitor owner = await first.SignedInAsync("owner@mail.example");
        PortalPage there = await owner.GetAsync(new Uri(second.Address, "/domains").ToString());
        Assert.Contains("owner.example", there.Text, StringComparison.Ordinal);
    }

    [NeedsFact("initdb")]
    public async Task Each_due_complaint_is_leased_to_one_worker()
    {
        await using PostmasterApp app = await StartAsync(("Complaints:UndoWindow", "1.00:00:00"));
        var sender = new SigningSender(app.Zone, "owner.example");
        for (int i = 0; i < 12; i++)
            await app.InStateAsync(await app.PressAsync(sender.Newsletter($"news {i}")), KeptState.Held);
        await app.Host.StopAsync(); // its own workers rest
        app.Time.Advance(TimeSpan.FromDays(2));
        var leases = app.Services.GetRequiredService<ComplaintLeases>();
        var taken = new ConcurrentBag<Guid>();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            while (await leases.LeaseAsync(CancellationToken.None) is { } lease)
                taken.Add(lease.Row.Id);
        }));
        Assert.Equal(12, taken.Count);
        Assert.Equal(12, taken.Distinct().Count());
    }

    [NeedsFact("initdb")]
    public async Task A_rule_over_many_rows_holds_for_callers_at_the_same_moment()
    {
        await using PostmasterApp app = await StartAsync(("Claims:MaxPerAccount", "3"));
        PortalUser user = await app.EnsureUserAsync("ann@owner.example");
        var store = app.Services.GetRequiredService<ClaimStore>();
        AddClaimResult[] results = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => store.AddAsync(user.Id, $"d{i}.example", CancellationToken.None)));
        Assert.Equal(3, results.Count(r => r is AddClaimResult.Added));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(3, await db.Claims.CountAsync());
    }

    [NeedsFact("initdb")]
    public async Task Text_that_PostgreSQL_refuses_is_kept_with_a_mark_in_its_place()
    {
        await using PostmasterApp app = await StartAsync();
        await using PostmasterDb db = await app.OpenDbAsync();
        var kept = new KeptComplaint
        {
            Id = Guid.CreateVersion7(), Door = IntakeDoor.Http, Press = Press.Spam, ReceivedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
            PressedAt = app.Time.GetUtcNow(), DueAt = app.Time.GetUtcNow(), Size = 1, State = KeptState.Unreadable, Subject = "a\0b\ud83d c\ud83d\ude00",
        };
        db.KeptComplaints.Add(kept);
        await db.SaveChangesAsync();
        db.ChangeTracker.Clear();
        KeptComplaint read = await db.KeptComplaints.SingleAsync(k => k.Id == kept.Id);
        Assert.Equal("a\ufffdb\ufffd c\ud83d\ude00", read.Subject);
        Assert.Equal(kept.ReceivedAt, read.ReceivedAt);
        string[] several = ["\0", "x"];
        string half = "\ud83d";
        Assert.False(await db.KeptComplaints.AnyAsync(k => several.Contains(k.Subject) || k.Subject == half));
    }

    private static async Task<PostmasterApp> StartAsync(params (string Key, string? Value)[] more) =>
        await PostmasterApp.StartAsync(PressKit.Settings(more), database: await TestDatabase.CreateAsync(DatabaseKind.Postgres));
}
