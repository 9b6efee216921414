using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Webhooks;
using Postmaster.Web.Hosting.Outward;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop.Webhooks;

/// <summary>A portal whose way out leads to a server of the test, with one proved domain.</summary>
internal static class HookKit
{
    public const string Owner = "ann@owner.example", Domain = "owner.example", Host = "hook.owner.example", Page = "/domains/owner.example/feedback/webhooks";

    public static Task<PostmasterApp> StartAsync(OutwardHttpsOptions way, params (string Key, string? Value)[] more) => PostmasterApp.StartAsync(
        PressKit.Settings(more), builder => builder.Services.Replace(ServiceDescriptor.Singleton(way)));

    public static Task<PostmasterApp> StartAsync(HookReceiver receiver, params (string Key, string? Value)[] more) => StartAsync(receiver.Options, more);

    /// <summary>A webhook that is on, made behind the pages; returns its id and secret.</summary>
    public static async Task<(Guid Id, string Secret)> HookAsync(this PostmasterApp app, DomainClaim claim, string host = Host, WebhookFormat format = WebhookFormat.Event, string path = "/complaints")
    {
        app.Zone.AddAddress(host, "127.0.0.1");
        var added = Assert.IsType<AddWebhookResult.Added>(await app.Services.GetRequiredService<WebhookStore>().AddAsync(claim.Id, claim.OwnerId, $"https://{host}{path}", format, default));
        Assert.Equal(PingResult.Proved, await app.Services.GetRequiredService<WebhookPing>().SendAsync(claim.Id, claim.OwnerId, added.Id, default));
        return (added.Id, added.Secret);
    }

    /// <summary>Presses the button about a message of the domain, and waits until it counts.</summary>
    public static async Task PressedAsync(this PostmasterApp app, SigningSender sender, string name, string fields = "") =>
        await app.InStateAsync(await app.PressAsync(SigningSender.Under("Delivered-To: alice@provider.example\r\n", sender.Newsletter(name, fields: fields))), KeptState.Counted);

    public static async Task<List<WebhookDelivery>> DeliveriesAsync(this PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.WebhookDeliveries.AsNoTracking().Where(d => d.ComplaintId != null).OrderBy(d => d.CreatedAt).ToListAsync();
    }

    public static async Task<WebhookEndpoint> EndpointAsync(this PostmasterApp app, Guid id)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.WebhookEndpoints.AsNoTracking().SingleAsync(e => e.Id == id);
    }

    /// <summary>Waits until the condition holds of the only delivery, waking the worker.</summary>
    public static async Task<WebhookDelivery> OnlyAsync(this PostmasterApp app, Func<WebhookDelivery, bool> holds)
    {
        WebhookDelivery? only = null;
        await PressKit.EventuallyAsync(async () =>
        {
            app.Services.GetRequiredService<WebhookSignal>().Wake();
            only = Assert.Single(await app.DeliveriesAsync());
            return holds(only);
        }, () => $"it is {only?.State}, tried {only?.Attempts} times, answer {only?.LastStatus} {only?.LastAnswer}");
        return only!;
    }

    public static async Task<List<string>> AuditAsync(this PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.AuditEntries.AsNoTracking().OrderBy(a => a.At).Select(a => a.What).ToListAsync();
    }
}
