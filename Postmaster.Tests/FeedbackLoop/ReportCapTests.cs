using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>What is over a cap waits in sight and leaves later; nothing is dropped.</summary>
public sealed class ReportCapTests
{
    private const string Address = "fbl@owner.example";

    [Fact]
    public async Task Reports_above_an_address_s_daily_cap_wait_until_the_next_day()
    {
        var relay = new ScriptedRelay();
        await using PostmasterApp app = await PostmasterApp.StartAsync(
            PressKit.Settings(("Reports:MaxPerAddressPerDay", "2"), ("Relay:Connections", "1")), builder => builder.Services.Replace(ServiceDescriptor.Singleton<IMailRelay>(relay)));
        await app.ClaimAsync("owner.example", "owner@mail.example", Address);
        var sender = new SigningSender(app.Zone, "owner.example");
        foreach (string name in (string[])["one", "two", "three"])
            await app.InStateAsync(await app.PressAsync(sender.Newsletter(name)), KeptState.Counted);

        await PressKit.EventuallyAsync(async () => (await HeldBackAsync(app)).Count == 1 && relay.Mails.Count == 2, () => $"{relay.Mails.Count} reports left");
        OutboxMessage waiting = Assert.Single(await HeldBackAsync(app));
        Assert.Equal((OutboxState.Queued, 0), (waiting.State, waiting.Attempts));

        app.Time.Advance(TimeSpan.FromHours(25));
        await PressKit.EventuallyAsync(() => Task.FromResult(relay.Mails.Count == 3), () => "the report that waited was not sent");
    }

    private static async Task<List<OutboxMessage>> HeldBackAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.Outbox.AsNoTracking().Where(m => m.LastAnswer!.Contains("Reports:MaxPerAddressPerDay") && m.LeaseUntil == null).ToListAsync();
    }
}
