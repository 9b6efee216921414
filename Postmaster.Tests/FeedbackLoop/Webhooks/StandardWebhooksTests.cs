using System.Text.Json;
using Postmaster.Tests.Arf;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.FeedbackLoop.Webhooks;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop.Webhooks;

/// <summary>The reference library of Standard Webhooks, as npm has it, is what a receiver takes: it accepts what we send, and nothing that was changed on the way.</summary>
public sealed class StandardWebhooksTests
{
    private const string Script = """
        const { Webhook } = require('standardwebhooks'), fs = require('fs'), path = require('path');
        const says = (secret, body, headers) => { try { new Webhook(secret).verify(body, headers); return 'taken'; } catch (error) { return error.message; } };
        for (const file of process.argv.slice(2)) {
          const { secret, other, id, timestamp, signature, body } = JSON.parse(fs.readFileSync(file));
          const octets = Buffer.from(body, 'base64'), headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
          console.log(JSON.stringify({
            file: path.basename(file), asSent: says(secret, octets, headers), otherSecret: says(other, octets, headers),
            otherBody: says(secret, Buffer.concat([octets, Buffer.from(' ')]), headers),
            otherId: says(secret, octets, { ...headers, 'webhook-id': id + '0' }),
            later: says(secret, octets, { ...headers, 'webhook-timestamp': String(Number(timestamp) + 1) }) }));
        }
        """;

    [NeedsFact("node", "npm")]
    public async Task The_reference_library_takes_every_event_as_it_was_sent_and_not_otherwise()
    {
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver);
        app.Time.Synchronize();
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner);
        (_, string events) = await app.HookAsync(claim, "events.owner.example");
        (_, string xarf) = await app.HookAsync(claim, "xarf.owner.example", WebhookFormat.Xarf);
        await app.PressedAsync(new SigningSender(app.Zone, HookKit.Domain), "one", "X-Note: =?utf-8?q?gr=C3=BC=C3=9Fe?= \u00fc\r\n");
        await PressKit.EventuallyAsync(() => Task.FromResult(receiver.Events.Count() == 2), () => $"{receiver.Events.Count()} events came");

        // Both challenges, and the complaint in both forms.
        HookRequest[] all = [.. receiver.Requests];
        Assert.Equal(4, all.Length);
        Dictionary<string, Verdict> verdicts = await OutsideReader.ReadAsync<Verdict>("node", Script, all.Select((r, i) => (
            $"{i}.json", JsonSerializer.SerializeToUtf8Bytes(new
            {
                secret = IsXarf(r) ? xarf : events, other = IsXarf(r) ? events : xarf, id = r.Id, timestamp = r.Timestamp, signature = r.Signatures, body = Convert.ToBase64String(r.Body),
            }))), v => v.File, await NpmPackage.FindAsync("standardwebhooks", "1.1.1"));

        const string refused = "No matching signature found";
        Assert.All(Enumerable.Range(0, all.Length), i => Assert.Equal(new Verdict($"{i}.json", "taken", refused, refused, refused, refused), verdicts[$"{i}.json"]));

        static bool IsXarf(HookRequest request) => request.Host.StartsWith("xarf.", StringComparison.Ordinal);
    }

    /// <param name="AsSent">What the library says of the request; the others: of one with something else in the place of a thing.</param>
    private sealed record Verdict(string File, string AsSent, string OtherSecret, string OtherBody, string OtherId, string Later);
}
