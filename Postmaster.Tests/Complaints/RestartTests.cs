using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>What is on the disk: enough to go on after a restart at any step, and nothing that names a mailbox.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task A_restart_at_each_step_loses_and_doubles_nothing()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Complaints:UndoWindow", "00:10:00"));
        IReadOnlyDictionary<string, string?> settings = PressKit.Settings(("Complaints:UndoWindow", "00:10:00"));
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");

        Guid id = await app.PressAsync(sender.Newsletter("one"), key: "press-1");
        await RestartAsync(app, settings);
        Assert.Equal(id, await app.PressAsync(sender.Newsletter("one"), key: "press-1"));
        await app.InStateAsync(id, KeptState.Held);
        await LeaveLeasedAsync(app, id);
        await RestartAsync(app, settings);
        app.Time.Advance(TimeSpan.FromMinutes(11));
        app.Wake();
        await app.InStateAsync(id, KeptState.Counted);
        await RestartAsync(app, settings);
        await app.ReportToAsync("fbl@owner.example");
        await RestartAsync(app, settings);

        Assert.Equal(1, await app.CountAsync("owner.example"));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.KeptComplaints.CountAsync());
        Assert.Equal(1, await db.Outbox.CountAsync());
    }

    [Fact]
    public async Task A_message_whose_readers_died_again_and_again_is_set_aside_and_kept()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        app.Zone.Fail(sender.KeyName);
        Guid id = await app.PressAsync(sender.Newsletter("one"));
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await app.OpenDbAsync();
            return await db.KeptComplaints.AnyAsync(k => k.Id == id && k.DnsTries == 1);
        }, () => "not read");

        // As the last of many dead processes left it.
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            await db.KeptComplaints.Where(k => k.Id == id).ExecuteUpdateAsync(set => set
                .SetProperty(k => k.Attempts, 5).SetProperty(k => k.Problem, (string?)null).SetProperty(k => k.LeaseUntil, app.Time.GetUtcNow()));
        }

        app.Time.Advance(TimeSpan.FromMinutes(2));
        app.Wake();

        Assert.Contains("again and again", (await app.InStateAsync(id, KeptState.Unreadable)).Problem, StringComparison.Ordinal);
        await using PostmasterDb check = await app.OpenDbAsync();
        Assert.Equal(1, await check.KeptBodies.CountAsync(b => b.KeptId == id));
    }

    [Fact]
    public async Task The_database_names_neither_mailbox_nor_token_nor_link()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        const string mailbox = "zebediah.quux@provider.example";
        byte[] stored = SigningSender.Under("Return-Path: <b+zebediah.quux=provider.example@owner.example>\r\nReceived: from o (o [192.0.2.7]) by mx.provider.example; Fri, 2 Jan 2026 10:00:07 +0000\r\n",
            sender.Sign($"From: a@owner.example\r\nTo: {mailbox}\r\nSubject: For {mailbox} only\r\nMessage-ID: <z@owner.example>\r\n\r\nDear {mailbox}\r\n"));
        await app.InStateAsync(await app.PressAsync(stored, mailbox), KeptState.Counted);
        await app.ReportToAsync("fbl@owner.example");
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            app.Services.GetRequiredService<NoticeOutbox>().Add(db, "person@mail.example", new NoticeContent("Hello", "https://portal.example/secret-link-4711\n"));
            await db.SaveChangesAsync();
        }

        await app.MailInStateAsync("person@mail.example", OutboxState.Sent);
        Assert.True(await RawDatabase.ContainsAsync(app, "owner@mail.example")); // the search does find what is there
        foreach (string hidden in (string[])["zebediah", PressKit.Token, "secret-link-4711"])
            Assert.False(await RawDatabase.ContainsAsync(app, hidden), hidden);
    }

    [Fact]
    public async Task Octets_go_after_the_retention_period_and_the_numbers_stay()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Complaints:KeepBodies", "10.00:00:00"));
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one")), KeptState.Counted);
        await app.ReportToAsync("fbl@owner.example");
        var retention = app.Services.GetRequiredService<RetentionWorker>();

        Assert.Equal(0, await retention.SweepAsync(CancellationToken.None));
        app.Time.Advance(TimeSpan.FromDays(11));
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.Outbox.ExecuteUpdateAsync(set => set.SetProperty(m => m.State, OutboxState.Queued).SetProperty(m => m.DueAt, app.Time.GetUtcNow().AddDays(1)));
        Assert.Equal(0, await retention.SweepAsync(CancellationToken.None)); // its report has not left
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.Outbox.ExecuteUpdateAsync(set => set.SetProperty(m => m.State, OutboxState.Sent));

        Assert.Equal(1, await retention.SweepAsync(CancellationToken.None));
        Assert.Equal(1, await app.CountAsync("owner.example"));
    }

    /// <summary>As a process that was killed in the middle of a step leaves a row.</summary>
    /// <summary>A minute passes too: what the stopped server was in the middle of is free again.</summary>
    private static async Task RestartAsync(PostmasterApp app, IReadOnlyDictionary<string, string?> settings)
    {
        await app.RestartAsync(settings);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        app.Wake();
    }

    private static async Task LeaveLeasedAsync(PostmasterApp app, Guid id)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        await db.KeptComplaints.Where(k => k.Id == id).ExecuteUpdateAsync(set => set
            .SetProperty(k => k.LeaseUntil, app.Time.GetUtcNow().AddSeconds(20)).SetProperty(k => k.Attempts, k => k.Attempts + 1));
    }
}
