using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Webhooks;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop.Webhooks;

/// <summary>From the page to the owner's server and back: adding, proving, events, secrets, formats.</summary>
public sealed class WebhookTests
{
    [Fact]
    public async Task An_owner_adds_a_webhook_proves_it_and_gets_each_complaint_signed_and_without_the_complainer()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        app.Zone.AddAddress(HookKit.Host, "127.0.0.1");
        await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        var sender = new SigningSender(app.Zone, HookKit.Domain);
        using PortalVisitor ann = await app.SignedInAsync(HookKit.Owner);

        PortalPage added = await ann.SubmitAsync(await ann.GetAsync(HookKit.Page), "form:has(#url)", ("Url", $"https://{HookKit.Host}/in?list=1"));
        string secret = Regex.Match(added.Text, @"whsec_[A-Za-z0-9+/=]+", RegexOptions.None, TimeSpan.FromSeconds(1)).Value;
        Assert.DoesNotContain("whsec_", (await ann.GetAsync(HookKit.Page)).Html, StringComparison.Ordinal);
        await app.PressedAsync(sender, "before");
        PortalPage proved = await ann.SubmitAsync(await ann.GetAsync(HookKit.Page), "form:has(button.primary):not(:has(#url))");
        Assert.Contains("gave the challenge back", proved.Text, StringComparison.Ordinal);
        await app.PressedAsync(sender, "one", "List-Id: <weekly.owner.example>\r\nList-Unsubscribe: <https://owner.example/u?e=alice%40provider.example>\r\n");
        await app.OnlyAsync(d => d.State is WebhookDeliveryState.Delivered);

        HookRequest got = Assert.Single(receiver.Events);
        Assert.Equal((1, "complaint.created"), (got.SignedBy(secret), got.Type));
        Assert.Equal(1, receiver.Requests.First().SignedBy(secret));
        Assert.InRange(long.Parse(got.Timestamp, System.Globalization.CultureInfo.InvariantCulture), app.Time.GetUtcNow().AddMinutes(-1).ToUnixTimeSeconds(), app.Time.GetUtcNow().ToUnixTimeSeconds());
        JsonElement data = got.Json.GetProperty("data");
        Assert.Equal(("abuse", HookKit.Domain, HookKit.Domain, "one@owner.example", "weekly.owner.example"), (Text("feedback_type"), Text("domain"), Text("signing_domain"), Text("message_id"), Text("list_id")));
        Assert.EndsWith("@provider.example", Text("recipient"), StringComparison.Ordinal);
        string original = Encoding.Latin1.GetString(Convert.FromBase64String(data.GetProperty("original").GetProperty("content").GetString()!));
        Assert.Contains("buy one.", original, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", original + Encoding.UTF8.GetString(got.Body), StringComparison.OrdinalIgnoreCase);
        PortalPage page = await ann.GetAsync(HookKit.Page);
        Assert.Contains("Delivered", page.Text, StringComparison.Ordinal);
        Assert.Equal(["added a webhook", "switched a webhook on"], await app.AuditAsync());

        string Text(string name) => data.GetProperty(name).GetString()!;
    }

    [Theory]
    [InlineData("ok")]
    [InlineData("echo")]
    [InlineData("error")]
    public async Task A_server_that_does_not_give_the_challenge_back_is_not_switched_on(string kind)
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        receiver.AnswerTest = async (context, request) =>
        {
            context.Response.StatusCode = kind is "error" ? 500 : 200;
            await (kind is "echo" ? context.Response.Body.WriteAsync(request.Body).AsTask() : kind is "error" ? context.Response.WriteAsync(Challenge(request)) : context.Response.WriteAsync("thank you"));
        };
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        app.Zone.AddAddress(HookKit.Host, "127.0.0.1");
        var added = (AddWebhookResult.Added)await app.Services.GetRequiredService<WebhookStore>().AddAsync(claim.Id, claim.OwnerId, $"https://{HookKit.Host}/", WebhookFormat.Event, default);
        PingResult result = await app.Services.GetRequiredService<WebhookPing>().SendAsync(claim.Id, claim.OwnerId, added.Id, default);
        Assert.Equal(kind is "error" ? PingResult.Failed : PingResult.NoChallenge, result);
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one");
        Assert.Equal(WebhookState.Waiting, (await app.EndpointAsync(added.Id)).State);
        Assert.Empty(await app.DeliveriesAsync());
    }

    [Fact]
    public async Task The_challenge_may_come_back_as_plain_text()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        receiver.AnswerTest = (context, request) => context.Response.WriteAsync(Challenge(request) + "\n");
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        await app.HookAsync(await app.ClaimAsync(HookKit.Domain, HookKit.Owner));
    }

    [Fact]
    public async Task Test_events_are_limited_per_account()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        DomainClaim one = await app.ClaimAsync(HookKit.Domain, HookKit.Owner), two = await app.ClaimAsync("other.example", HookKit.Owner);
        Guid hook = (await app.HookAsync(one)).Id, other = (await app.HookAsync(two)).Id;
        var ping = app.Services.GetRequiredService<WebhookPing>();
        for (int i = 2; i < WebhookPing.MostPerAccount; i++)
            Assert.Equal(PingResult.Proved, await ping.SendAsync(one.Id, one.OwnerId, hook, default));
        Assert.Equal(PingResult.TooOften, await ping.SendAsync(two.Id, two.OwnerId, other, default));
        Assert.Equal(WebhookPing.MostPerAccount, receiver.Requests.Count);
        app.Time.Advance(WebhookPing.Window);
        Assert.Equal(PingResult.Proved, await ping.SendAsync(two.Id, two.OwnerId, other, default));
    }

    [Fact]
    public async Task After_a_new_secret_both_sign_for_a_day()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        (Guid id, string first) = await app.HookAsync(claim);
        string second = (await app.Services.GetRequiredService<WebhookStore>().RotateAsync(claim.Id, claim.OwnerId, id, default))!;
        await PingAsync();
        app.Time.Advance(WebhookStore.Overlap);
        await PingAsync();
        Assert.Equal([(1, 0, 1), (1, 1, 2), (0, 1, 1)], receiver.Requests.Select(r => (r.SignedBy(first), r.SignedBy(second), r.Signatures.Split(' ').Length)));

        await using PostmasterDb db = await app.OpenDbAsync();
        byte[] stored = (await app.EndpointAsync(id)).SealedSecret;
        Assert.DoesNotContain(second["whsec_".Length..], Convert.ToBase64String(stored), StringComparison.Ordinal);
        Assert.Equal(-1, stored.AsSpan().IndexOf(Convert.FromBase64String(second["whsec_".Length..])));

        async Task PingAsync() => Assert.Equal(PingResult.Proved, await app.Services.GetRequiredService<WebhookPing>().SendAsync(claim.Id, claim.OwnerId, id, default));
    }

    [Fact]
    public async Task Xarf_is_posted_where_the_owner_chose_it()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        (_, string secret) = await app.HookAsync(await app.ClaimAsync(HookKit.Domain, HookKit.Owner), format: WebhookFormat.Xarf);
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one");
        await app.OnlyAsync(d => d.State is WebhookDeliveryState.Delivered);
        HookRequest got = Assert.Single(receiver.Events);
        Assert.Equal(("messaging", "fbl.provider.example", 1), (got.Json.GetProperty("category").GetString(), got.Json.GetProperty("reporter").GetProperty("domain").GetString(), got.SignedBy(secret)));
        Assert.DoesNotContain("alice", Encoding.UTF8.GetString(got.Body), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(ReportShape.HeadersOnly, false)]
    [InlineData(ReportShape.Identifiers, false)]
    [InlineData(ReportShape.FullMessage, true)]
    public async Task The_shape_and_the_clear_recipient_hold_as_for_mail(ReportShape shape, bool clear)
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.FeedbackSettings.Add(new FeedbackSettings { ClaimId = claim.Id, Shape = shape, WantsClear = true, ClearAllowed = clear });
            await db.SaveChangesAsync();
        }

        await app.HookAsync(claim);
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one");
        await app.OnlyAsync(d => d.State is WebhookDeliveryState.Delivered);
        JsonElement data = Assert.Single(receiver.Events).Json.GetProperty("data"), original = data.GetProperty("original");
        Assert.Equal(clear, data.GetProperty("recipient_in_clear").GetBoolean());
        Assert.Equal(clear, data.GetProperty("recipient").GetString() is PressKit.Mailbox);
        Assert.Equal(shape == ReportShape.Identifiers, original.ValueKind is JsonValueKind.Null);
        Assert.Equal(shape == ReportShape.Identifiers, data.GetProperty("subject").ValueKind is JsonValueKind.Null);
        if (original.ValueKind is JsonValueKind.Object)
            Assert.Equal(shape == ReportShape.FullMessage ? "message/rfc822" : "text/rfc822-headers", original.GetProperty("media_type").GetString());
    }

    [Theory]
    [InlineData("http://hook.owner.example/", AddWebhookProblem.NotHttps)]
    [InlineData("hook.owner.example", AddWebhookProblem.NotHttps)]
    [InlineData("https://hook.owner.example:8443/", AddWebhookProblem.Port)]
    [InlineData("https://a:b@hook.owner.example/", AddWebhookProblem.UserInTarget)]
    [InlineData("https://169.254.169.254/latest/meta-data", AddWebhookProblem.NoHostName)]
    [InlineData("https://localhost/", AddWebhookProblem.NoHostName)]
    [InlineData("https://postmaster.provider.example/api", AddWebhookProblem.WouldLoop)]
    public async Task Addresses_that_cannot_work_are_refused(string url, AddWebhookProblem expected)
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Provider:PublicUrl", "https://postmaster.provider.example"));
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        Assert.Equal(expected, Assert.IsType<AddWebhookResult.Refused>(await app.Services.GetRequiredService<WebhookStore>().AddAsync(claim.Id, claim.OwnerId, url, WebhookFormat.Event, default)).Problem);
    }

    private static string Challenge(HookRequest request) => request.Json.GetProperty("data").GetProperty("challenge").GetString()!;
}
