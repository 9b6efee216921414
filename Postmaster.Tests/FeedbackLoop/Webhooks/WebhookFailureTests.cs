using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Webhooks;
using Postmaster.Web.Hosting.Outward;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop.Webhooks;

/// <summary>What becomes of events when the other side is slow, broken, gone or hostile.</summary>
public sealed class WebhookFailureTests
{
    [Fact]
    public async Task What_fails_is_tried_again_under_the_same_id_for_three_days_and_can_then_be_sent_by_hand()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        receiver.Answer = (context, _) => Status(context, 500, "out of order\r\n\u001b[31m");
        await using PostmasterApp app = await HookKit.StartAsync(receiver, ("Webhooks:DisableAfter", "30.00:00:00"));
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        await app.HookAsync(claim);
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one");
        DateTimeOffset began = app.Time.GetUtcNow();
        for (int attempts = 1; attempts < WebhookRetry.MaxAttempts; attempts++)
        {
            WebhookDelivery waits = await app.OnlyAsync(d => d.Attempts == attempts && d.State == WebhookDeliveryState.Queued);
            Assert.Equal((500, "out of order [31m"), (waits.LastStatus, waits.LastAnswer));
            app.Time.Advance(waits.DueAt - app.Time.GetUtcNow() + TimeSpan.FromMinutes(6));
        }

        WebhookDelivery failed = await app.OnlyAsync(d => d.State == WebhookDeliveryState.Failed);
        Assert.InRange((failed.EndedAt!.Value - began).TotalDays, 3, 4.5);
        Assert.Equal(WebhookRetry.MaxAttempts, receiver.Events.Count());
        Assert.Single(receiver.Events.Select(e => e.Id).Distinct(StringComparer.Ordinal));
        Assert.Equal(WebhookRetry.MaxAttempts, receiver.Events.Select(e => e.Timestamp).Distinct(StringComparer.Ordinal).Count());

        receiver.Answer = null;
        using PortalVisitor ann = await app.SignedInAsync(HookKit.Owner);
        await ann.SubmitAsync(await ann.GetAsync(HookKit.Page), "form:has(button[name=Delivery])", ("Delivery", failed.Id.ToString()));
        await app.OnlyAsync(d => d.State == WebhookDeliveryState.Delivered);
        Assert.Single(receiver.Events.Select(e => e.Id).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Gone_switches_it_off_at_once_and_its_owners_are_told()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        receiver.Answer = (context, _) => Status(context, 410, "");
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        (Guid id, _) = await app.HookAsync(await app.ClaimAsync(HookKit.Domain, HookKit.Owner));
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one");
        await app.OnlyAsync(d => d.State == WebhookDeliveryState.Failed);
        PortalMail mail = await app.NextMailAsync(HookKit.Owner);
        Assert.Contains("410 Gone", mail.Text, StringComparison.Ordinal);
        Assert.Equal(WebhookState.Disabled, (await app.EndpointAsync(id)).State);
        Assert.Equal("switched a webhook off", (await app.AuditAsync())[^1]);
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "two");
        Assert.Single(await app.DeliveriesAsync());
    }

    [Fact]
    public async Task Days_of_failure_switch_it_off_and_a_test_event_switches_it_on_again()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        receiver.Answer = (context, _) => Status(context, 502, "");
        await using PostmasterApp app = await HookKit.StartAsync(receiver, ("Webhooks:DisableAfter", "1.00:00:00"));
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        (Guid id, _) = await app.HookAsync(claim);
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one");
        await app.OnlyAsync(d => d.Attempts == 1);
        app.Time.Advance(TimeSpan.FromHours(25));
        await app.OnlyAsync(d => d.State == WebhookDeliveryState.Failed);
        Assert.Contains("failed for 1 days", (await app.NextMailAsync(HookKit.Owner)).Text, StringComparison.Ordinal);
        Assert.Equal(WebhookState.Disabled, (await app.EndpointAsync(id)).State);

        receiver.Answer = null;
        Assert.Equal(PingResult.Proved, await app.Services.GetRequiredService<WebhookPing>().SendAsync(claim.Id, claim.OwnerId, id, default));
        Assert.Equal(1, await app.Services.GetRequiredService<WebhookStore>().SendFailedAgainAsync(claim.Id, claim.OwnerId, id, default));
        await app.OnlyAsync(d => d.State == WebhookDeliveryState.Delivered);
    }

    [Theory]
    [InlineData(429, "7200")]
    [InlineData(503, "7200")]
    [InlineData(503, "date")]
    [InlineData(503, "999999999")]
    public async Task Retry_After_is_respected_within_bounds(int status, string after)
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        receiver.Answer = (context, _) =>
        {
            context.Response.Headers.RetryAfter = after is "date" ? app.Time.GetUtcNow().AddHours(2).ToString("R", CultureInfo.InvariantCulture) : after;
            return Status(context, status, "later");
        };
        (Guid id, _) = await app.HookAsync(await app.ClaimAsync(HookKit.Domain, HookKit.Owner));
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one");
        WebhookDelivery waits = await app.OnlyAsync(d => d.Attempts == 1);
        double hours = after.StartsWith('9') ? 24 : 2;
        Assert.InRange((waits.DueAt - waits.LastTryAt!.Value).TotalHours, hours - 0.01, hours + 0.01);
        Assert.InRange(((await app.EndpointAsync(id)).DueAt - waits.LastTryAt!.Value).TotalHours, hours - 0.01, hours + 0.01);
    }

    [Fact]
    public async Task A_slow_webhook_holds_up_no_other_and_never_gets_two_requests_at_once()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        var held = new TaskCompletionSource();
        int now = 0, most = 0;
        receiver.Answer = async (context, request) =>
        {
            if (request.Host is HookKit.Host)
            {
                most = Math.Max(most, Interlocked.Increment(ref now));
                await held.Task;
                Interlocked.Decrement(ref now);
            }

            context.Response.StatusCode = 204;
        };
        await using PostmasterApp app = await HookKit.StartAsync(receiver.Options with { TotalTime = TimeSpan.FromMinutes(2) }, ("Webhooks:AtOnce", "2"));
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        await app.HookAsync(claim);
        await app.HookAsync(claim, "quick.owner.example");
        var sender = new SigningSender(app.Zone, HookKit.Domain);
        for (int i = 0; i < 6; i++)
            await app.PressedAsync(sender, $"m{i}");
        await PressKit.EventuallyAsync(() => Task.FromResult(receiver.Events.Count(e => e.Host is "quick.owner.example") == 6), () => "the quick one waits for the slow one");
        Assert.Single(receiver.Events, e => e.Host is HookKit.Host);
        held.SetResult();
        await PressKit.EventuallyAsync(() => Task.FromResult(receiver.Events.Count(e => e.Host is HookKit.Host) == 6), () => "the slow one did not get the rest");
        Assert.Equal(1, most);
    }

    [Theory]
    [InlineData("redirect", "redirects are not followed")]
    [InlineData("drip", "no full answer within")]
    [InlineData("header", "header of its answer is too long")]
    [InlineData("inside", "no address of the public Internet")]
    [InlineData("nonsense", "no HTTP")]
    public async Task Hostile_answers_are_failures_in_words(string kind, string words)
    {
        await using var server = new HttpsStranger(async (stream, request, ct) =>
        {
            if (request.Contains("\"ping\"", StringComparison.Ordinal))
            {
                string challenge = request[(request.IndexOf("challenge\":\"", StringComparison.Ordinal) + 12)..][..32];
                await stream.WriteAsync(Encoding.ASCII.GetBytes(HttpsStranger.Ok(challenge)), ct);
                return;
            }

            byte[] head = Encoding.ASCII.GetBytes(kind switch
            {
                "redirect" => "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n\r\n",
                "nonsense" => "nonsense\r\n\r\n",
                _ => "HTTP/1.1 200 OK\r\n" + (kind is "drip" ? "Content-Length: 4000\r\n\r\n" : ""),
            });
            await stream.WriteAsync(head, ct);
            while (kind is "drip" or "header")
            {
                await stream.WriteAsync(kind is "drip" ? "a"u8.ToArray() : "X-More: and more and more and more\r\n"u8.ToArray(), ct);
                if (kind is "drip")
                    await Task.Delay(50, ct);
            }
        }, TestAuthority.For(HookKit.Host));
        await using PostmasterApp app = await HookKit.StartAsync(kind is "drip" ? server.Options with { TotalTime = TimeSpan.FromSeconds(8) } : server.Options);
        await app.HookAsync(await app.ClaimAsync(HookKit.Domain, HookKit.Owner));
        int connections = server.Connections;
        if (kind is "inside")
            app.Zone.AddAddress(HookKit.Host, "10.0.0.1"); // DNS says something else once it is proved
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one");
        WebhookDelivery failed = await app.OnlyAsync(d => d.Attempts >= 1);
        Assert.Equal(WebhookDeliveryState.Queued, failed.State);
        Assert.Contains(words, failed.LastAnswer, StringComparison.Ordinal);
        if (kind is "inside")
            Assert.Equal(connections, server.Connections);
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_and_counts()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        receiver.Answer = async (context, _) =>
        {
            byte[] much = new byte[64 * 1024];
            much.AsSpan().Fill((byte)'x');
            for (int i = 0; i < 10_000 && !context.RequestAborted.IsCancellationRequested; i++)
                await context.Response.Body.WriteAsync(much, context.RequestAborted);
        };
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        await app.HookAsync(await app.ClaimAsync(HookKit.Domain, HookKit.Owner));
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one");
        WebhookDelivery done = await app.OnlyAsync(d => d.State == WebhookDeliveryState.Delivered);
        Assert.Equal(300, done.LastAnswer!.Length);
    }

    [Fact]
    public async Task What_waits_for_a_domain_that_is_no_longer_proved_is_cancelled_unsent()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        receiver.Answer = (context, _) => Status(context, 500, "");
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        await app.HookAsync(claim);
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one");
        await app.OnlyAsync(d => d.Attempts == 1);
        await app.Services.GetRequiredService<Postmaster.Web.Features.Domains.ClaimStore>().RemoveAsync(claim.Id, claim.OwnerId, default);
        app.Time.Advance(TimeSpan.FromHours(1));
        await app.OnlyAsync(d => d.State == WebhookDeliveryState.Cancelled);
        Assert.Single(receiver.Events);
    }

    [Fact]
    public async Task Nobody_sends_again_changes_or_tests_what_is_another_s()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        (Guid hook, _) = await app.HookAsync(await app.ClaimAsync(HookKit.Domain, HookKit.Owner));
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one");
        WebhookDelivery delivery = await app.OnlyAsync(d => d.State == WebhookDeliveryState.Delivered);
        DomainClaim eve = await app.ClaimAsync("evil.example", "eve@evil.example");
        var store = app.Services.GetRequiredService<WebhookStore>();
        Assert.Equal((0, 0), (await store.SendAgainAsync(eve.Id, eve.OwnerId, delivery.Id, default), await store.SendFailedAgainAsync(eve.Id, eve.OwnerId, hook, default)));
        Assert.Null(await store.RotateAsync(eve.Id, eve.OwnerId, hook, default));
        Assert.False(await store.RemoveAsync(eve.Id, eve.OwnerId, hook, default));
        Assert.False(await store.SwitchOffAsync(eve.Id, eve.OwnerId, hook, default));
        Assert.False(await store.SetFormatAsync(eve.Id, eve.OwnerId, hook, WebhookFormat.Xarf, default));
        Assert.Equal(PingResult.Nothing, await app.Services.GetRequiredService<WebhookPing>().SendAsync(eve.Id, eve.OwnerId, hook, default));
        Assert.Empty(await app.Services.GetRequiredService<WebhookQueries>().DeliveriesAsync(eve.Id, default));
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Fact]
    public async Task Two_machines_share_the_work_and_every_event_leaves_once()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        await app.HookAsync(claim);
        await app.HookAsync(claim, "quick.owner.example");
        await using PostmasterApp second = await app.StartSecondMachineAsync(
            PressKit.Settings(), builder => builder.Services.Replace(ServiceDescriptor.Singleton(receiver.Options)));
        var sender = new SigningSender(app.Zone, HookKit.Domain);
        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => app.PressedAsync(sender, $"m{i}")));
        await PressKit.EventuallyAsync(async () => (await app.DeliveriesAsync()).TrueForAll(d => d.State == WebhookDeliveryState.Delivered), () => "not all were delivered");
        Assert.Equal((24, 24), (receiver.Events.Count(), receiver.Events.Select(e => e.Id).Distinct(StringComparer.Ordinal).Count()));
    }

    private static async Task Status(HttpContext context, int status, string words)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(words);
    }
}
