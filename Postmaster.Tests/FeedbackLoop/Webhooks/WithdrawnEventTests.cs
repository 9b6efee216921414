using System.Text;
using System.Text.Json;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop.Webhooks;

/// <summary>Whoever was told of a complaint by a webhook is told when it is taken back.</summary>
public sealed class WithdrawnEventTests
{
    [Theory]
    [InlineData(WebhookFormat.Event)]
    [InlineData(WebhookFormat.Xarf)]
    public async Task A_complaint_that_is_taken_back_is_told_once_under_an_id_of_its_own(WebhookFormat format)
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        // Reports by mail are off: the event does not hang on them.
        await WantAsync(app, new FeedbackSettings { ClaimId = claim.Id, WantsNotSpam = true, MailOff = true });
        (_, string secret) = await app.HookAsync(claim, format: format);
        byte[] mail = new SigningSender(app.Zone, HookKit.Domain).Newsletter("one");
        await app.InStateAsync(await app.PressAsync(mail), KeptState.Counted);
        await app.OnlyAsync(d => d.State is WebhookDeliveryState.Delivered);
        app.Time.Advance(TimeSpan.FromHours(1));
        await RescueAsync(app, mail);
        await RescueAsync(app, mail);
        await PressKit.EventuallyAsync(() => Task.FromResult(receiver.Events.Count() == 2), () => "the webhook was not told");
        await PressKit.EventuallyAsync(async () => (await app.DeliveriesAsync()).TrueForAll(d => d.State is WebhookDeliveryState.Delivered), () => "it was not written down");

        HookRequest first = receiver.Events.First(), told = receiver.Events.Last();
        List<WebhookDelivery> deliveries = await app.DeliveriesAsync();
        Assert.Equal(("complaint.withdrawn", 1), (told.Type, told.SignedBy(secret)));
        Assert.NotEqual(first.Id, told.Id);
        JsonElement data = told.Json.GetProperty("data");
        Assert.Equal(deliveries[0].ComplaintId, data.GetProperty("id").GetGuid());
        Assert.Equal(("abuse", "one@owner.example"), (data.GetProperty("feedback_type").GetString(), data.GetProperty("message_id").GetString()));
        Assert.NotEqual(JsonValueKind.Null, data.GetProperty("withdrawn_at").ValueKind);
        Assert.Equal(JsonValueKind.Null, data.GetProperty("original").ValueKind);
        Assert.DoesNotContain("alice", Encoding.UTF8.GetString(told.Body), StringComparison.OrdinalIgnoreCase);
        Assert.Equal([WebhookEvent.Created, WebhookEvent.Withdrawn], deliveries.Select(d => d.Event));
        using PortalVisitor ann = await app.SignedInAsync(HookKit.Owner);
        Assert.Contains("Complaint taken back", (await ann.GetAsync(HookKit.Page)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, true)] // nobody asked for it
    [InlineData(true, false)] // it was not told of the complaint
    public async Task Who_did_not_ask_or_was_not_told_of_the_complaint_is_not_told(bool asked, bool before)
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        await WantAsync(app, new FeedbackSettings { ClaimId = claim.Id, WantsNotSpam = asked });
        byte[] mail = new SigningSender(app.Zone, HookKit.Domain).Newsletter("one");
        if (before)
            await app.HookAsync(claim);
        await app.InStateAsync(await app.PressAsync(mail), KeptState.Counted);
        if (!before)
            await app.HookAsync(claim);
        await RescueAsync(app, mail);
        Assert.Equal(before ? 1 : 0, (await app.DeliveriesAsync()).Count);
    }

    internal static async Task RescueAsync(PostmasterApp app, byte[] mail) => await app.InStateAsync(await app.PressAsync(mail, type: "not-spam"), KeptState.Cancelled);

    internal static async Task WantAsync(PostmasterApp app, FeedbackSettings settings)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        db.FeedbackSettings.Add(settings);
        await db.SaveChangesAsync();
    }
}
