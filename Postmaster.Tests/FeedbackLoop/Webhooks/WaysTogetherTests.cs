using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.House;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Features.FeedbackLoop.Webhooks;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop.Webhooks;

/// <summary>Mail and webhook at once, the one without the other, and the receiver that the portal ships.</summary>
public sealed class WaysTogetherTests
{
    private const string Fbl = "fbl@owner.example";

    [Fact]
    public async Task Mail_and_webhook_go_out_together_until_the_mails_are_switched_off()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        await app.HookAsync(await app.ClaimAsync(HookKit.Domain, HookKit.Owner, Fbl));
        var sender = new SigningSender(app.Zone, HookKit.Domain);
        using PortalVisitor ann = await app.SignedInAsync(HookKit.Owner);
        await app.PressedAsync(sender, "one");
        await app.ReportToAsync(Fbl);
        await ann.SubmitAsync(await ann.GetAsync(HookKit.Page), "section[aria-labelledby=mail] form");
        await app.PressedAsync(sender, "two");
        await PressKit.EventuallyAsync(() => Task.FromResult(receiver.Events.Count() == 2), () => "the webhook did not get both");
        Assert.Single(app.ReportsTo(Fbl));
        await ann.SubmitAsync(await ann.GetAsync(HookKit.Page), "section[aria-labelledby=mail] form");
        await app.PressedAsync(sender, "three");
        await PressKit.EventuallyAsync(() => Task.FromResult(app.ReportsTo(Fbl).Count == 2), () => "the mails do not go out again");
        Assert.Equal(["switched a webhook on", "switched reports by mail off", "switched reports by mail on"], (await app.AuditAsync()).Skip(1));
    }

    [Fact]
    public async Task A_mail_that_waits_for_two_domains_tells_nothing_of_the_one_whose_mails_were_switched_off()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Reports:MaxPerAddressPerDay", "1"));
        DomainClaim off = await app.ClaimAsync(HookKit.Domain, HookKit.Owner, Fbl);
        await app.ClaimAsync("other.example", "other@mail.example", Fbl);
        SigningSender one = new(app.Zone, HookKit.Domain), other = new(app.Zone, "other.example");
        await app.PressedAsync(one, "fills the limit");
        await app.ReportToAsync(Fbl);
        await app.InStateAsync(await app.PressAsync(other.Sign(one.Newsletter("both"))), KeptState.Counted);
        await app.Services.GetRequiredService<MailSwitch>().SetAsync(off.Id, off.OwnerId, isOn: false, default);
        app.Time.Advance(TimeSpan.FromDays(2));
        await PressKit.EventuallyAsync(() => { app.Wake(); return Task.FromResult(app.ReportsTo(Fbl).Count == 2); }, () => $"{app.ReportsTo(Fbl).Count} reports came");
        Assert.Equal(["other.example"], app.ReportsTo(Fbl).Single(r => r.Report.MessageId!.Contains("both", StringComparison.Ordinal)).Report.ReportedDomain);
    }

    [Fact]
    public async Task The_receiver_that_is_shipped_proves_itself_takes_events_once_and_refuses_forged_and_replayed_ones()
    {
        string script = SourceTree.FullPath("deploy/webhook-receiver.py"), seen = Path.Combine(Path.GetTempPath(), $"seen-{Guid.NewGuid():N}.sqlite");
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        app.Time.Synchronize();
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        app.Zone.AddAddress(HookKit.Host, "127.0.0.1");
        var added = (AddWebhookResult.Added)await app.Services.GetRequiredService<WebhookStore>().AddAsync(claim.Id, claim.OwnerId, $"https://{HookKit.Host}/", WebhookFormat.Event, default);
        var start = new ProcessStartInfo("/usr/bin/python3", [script, "127.0.0.1", "0"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["WEBHOOK_SECRET"] = added.Secret;
        start.Environment["WEBHOOK_SEEN"] = seen;
        using var process = Process.Start(start)!;
        try
        {
            string listening = (await process.StandardError.ReadLineAsync())!;
            using var http = new HttpClient { BaseAddress = new Uri($"http://{listening.Split(' ')[^1]}/") };
            receiver.Answer = receiver.AnswerTest = async (context, request) =>
            {
                (HttpStatusCode status, string body) = await ForwardAsync(http, request, request.Signatures, request.Timestamp);
                context.Response.StatusCode = (int)status;
                if (body.Length > 0)
                    await context.Response.WriteAsync(body);
            };
            Assert.Equal(PingResult.Proved, await app.Services.GetRequiredService<WebhookPing>().SendAsync(claim.Id, claim.OwnerId, added.Id, default));
            await WithdrawnEventTests.WantAsync(app, new FeedbackSettings { ClaimId = claim.Id, WantsNotSpam = true });
            byte[] mail = new SigningSender(app.Zone, HookKit.Domain).Newsletter("one");
            await app.InStateAsync(await app.PressAsync(mail), KeptState.Counted);
            await app.OnlyAsync(d => d.State == WebhookDeliveryState.Delivered);
            using var line = JsonDocument.Parse((await process.StandardOutput.ReadLineAsync())!);
            Assert.Equal("one@owner.example", line.RootElement.GetProperty("message_id").GetString());

            HookRequest got = Assert.Single(receiver.Events);
            Assert.Equal(HttpStatusCode.NoContent, (await ForwardAsync(http, got, got.Signatures, got.Timestamp)).Status); // again: taken, not told twice
            Assert.Equal(HttpStatusCode.Unauthorized, (await ForwardAsync(http, got, "v1,AAAA", got.Timestamp)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await ForwardAsync(http, got, got.Signatures, "1700000000")).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await ForwardAsync(http, got with { Id = "msg_other" }, got.Signatures, got.Timestamp)).Status);

            await WithdrawnEventTests.RescueAsync(app, mail);
            using var back = JsonDocument.Parse((await process.StandardOutput.ReadLineAsync())!);
            Assert.Equal((line.RootElement.GetProperty("id").GetString(), JsonValueKind.String), (back.RootElement.GetProperty("id").GetString(), back.RootElement.GetProperty("withdrawn_at").ValueKind));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            File.Delete(seen);
        }

        Assert.Equal("", await process.StandardOutput.ReadToEndAsync());
    }

    /// <summary>As a sender does, tries again when there was no answer.</summary>
    private static async Task<(HttpStatusCode Status, string Body)> ForwardAsync(HttpClient http, HookRequest request, string signatures, string timestamp)
    {
        for (int attempt = 1; ; attempt++)
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, new Uri("/", UriKind.Relative)) { Content = new ByteArrayContent(request.Body) };
            message.Headers.ConnectionClose = true; // the receiver closes after each answer, without saying so
            message.Headers.TryAddWithoutValidation("webhook-id", request.Id);
            message.Headers.TryAddWithoutValidation("webhook-timestamp", timestamp);
            message.Headers.TryAddWithoutValidation("webhook-signature", signatures);
            try
            {
                using HttpResponseMessage response = await http.SendAsync(message);
                return (response.StatusCode, await response.Content.ReadAsStringAsync());
            }
            catch (HttpRequestException) when (attempt < 5)
            {
                await Task.Delay(100);
            }
        }
    }
}
