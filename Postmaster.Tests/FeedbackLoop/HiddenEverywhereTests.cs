using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Arf;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.FeedbackLoop.Webhooks;
using Postmaster.Tests.Support;
using Postmaster.Tests.Xarf;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Features.Api;
using Postmaster.Web.Features.FeedbackLoop.Digests;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>
/// One complainer, whose address the mails write in every way that senders use: what leaves the portal, by whichever way and in whichever shape, is searched
/// for it; and what leaves as XARF fits the schemas.
/// </summary>
public sealed class HiddenEverywhereTests
{
    private const string Fbl = "fbl@owner.example";

    /// <summary>Ways to write the address that go into identifiers; each mail has one.</summary>
    private static readonly IReadOnlyList<string> Chosen = [.. HidingPlaces.Writings().Where((_, i) => i % 4 == 0).Select(w => w.Text)];

    [Theory]
    [InlineData(ReportShape.FullMessage, ReportFormat.Arf, false)]
    [InlineData(ReportShape.HeadersOnly, ReportFormat.Xarf, false)]
    [InlineData(ReportShape.Identifiers, ReportFormat.Xarf, false)]
    [InlineData(ReportShape.FullMessage, ReportFormat.Xarf, true)]
    public async Task No_way_out_shows_a_hidden_recipient_however_the_mail_writes_the_address(ReportShape shape, ReportFormat format, bool clear)
    {
        Assert.InRange(Chosen.Count, 20, 100);
        await using HookReceiver receiver = await HookReceiver.StartAsync();
        await using PostmasterApp app = await HookKit.StartAsync(receiver, ("Provider:MailDomain", HidingPlaces.Domain), ("Reports:MaxPerAddressPerMinute", "10000"), ("Reports:MaxPerMinute", "10000"));
        DomainClaim claim = await app.ClaimAsync(HookKit.Domain, HookKit.Owner, Fbl);
        await WithdrawnEventTests.WantAsync(app, new FeedbackSettings { ClaimId = claim.Id, Shape = shape, Format = format, WantsClear = true, ClearAllowed = clear, WantsNotSpam = true });
        await app.HookAsync(claim);
        await app.HookAsync(claim, format: WebhookFormat.Xarf, path: "/xarf");
        await app.Services.GetRequiredService<DigestStore>().RequestAsync(claim.Id, claim.OwnerId, Fbl, 6, alsoEmpty: false, default);

        List<byte[]> mails = Mails(new SigningSender(app.Zone, HookKit.Domain));
        foreach (byte[] mail in mails)
            await app.InStateAsync(await app.PressAsync(mail, HidingPlaces.Address), KeptState.Counted);
        await app.InStateAsync(await app.PressAsync(mails[0], HidingPlaces.Address, "not-spam"), KeptState.Cancelled);
        await PressKit.EventuallyAsync(() => Task.FromResult(receiver.Events.Count() == (2 * mails.Count) + 2), () => $"{receiver.Events.Count()} events came");
        await PressKit.EventuallyAsync(() => { app.Wake(); return Task.FromResult(Reports(app).Count == mails.Count + 1); }, () => $"{Reports(app).Count} reports came");
        await DigestAsync(app);

        List<(string Way, byte[] Octets)> all = [.. receiver.Events.Select(e => ("webhook", e.Body)), .. Reports(app).Select(m => ("mail", m)), .. await ApiAsync(app, claim)];
        all.AddRange([.. all.SelectMany(a => Inside(a.Octets).Select(octets => (a.Way + ", inside", octets)))]);
        List<string> found = [.. all.Select(a => AddressTracer.Find(a.Octets) is { } trace ? $"{a.Way}: {trace}" : null).OfType<string>()];
        if (clear)
            Assert.All(["webhook", "mail", "api", "api, csv"], way => Assert.Contains(found, f => f.StartsWith(way + ":", StringComparison.Ordinal)));
        else
            Assert.Empty(found);
        FitsSchemas(all);
    }

    private static List<byte[]> Mails(SigningSender sender)
    {
        var mails = new List<byte[]> { Mail(sender, "all", "none", string.Concat(HidingPlaces.Writings().Select(w => $"See {w.Text} and go.\r\n"))) };
        foreach (string writing in Chosen)
            mails.Add(Mail(sender, mails.Count.ToString(CultureInfo.InvariantCulture), writing, $"See <a href=\"https://owner.example/u?x=1&t={writing}\">here</a>.\r\n"));
        return mails;
    }

    private static byte[] Mail(SigningSender sender, string name, string writing, string body) => SigningSender.Under(
        $"Delivered-To: {HidingPlaces.Address}\r\nReceived: from mta.owner.example (mta.owner.example [192.0.2.7]) by mx.provider.example for <{HidingPlaces.Address}>; Fri, 2 Jan 2026 10:00:01 +0000\r\n",
        sender.Sign(
            $"From: News <news@owner.example>\r\nTo: {HidingPlaces.Address}\r\nSubject: Offer {name} for {writing}\r\nDate: Fri, 2 Jan 2026 10:00:00 +0000\r\nMessage-ID: <{name}.{writing}@owner.example>\r\n"
            + $"List-Id: News <{writing}.owner.example>\r\nFeedback-ID: 1:{writing}:x:owner\r\nCFBL-Feedback-ID: {writing}\r\nX-Token: {writing}\r\nList-Unsubscribe: <https://owner.example/u?t={writing}>\r\n\r\n{body}"));

    private static List<byte[]> Reports(PostmasterApp app) => [.. app.RelayedMails().Where(m => string.Equals(m.To, Fbl, StringComparison.Ordinal)).Select(m => m.Bytes.ToArray())];

    private static async Task DigestAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        Digest digest = await db.Digests.AsNoTracking().SingleAsync();
        int before = Reports(app).Count;
        app.Time.Advance(digest.NextAt - app.Time.GetUtcNow() + TimeSpan.FromMinutes(2));
        await app.Services.GetRequiredService<DigestWorker>().QueueAsync(digest.Id, default);
        await PressKit.EventuallyAsync(() => { app.Wake(); return Task.FromResult(Reports(app).Count > before); }, () => "no digest came");
    }

    private static async Task<List<(string Way, byte[] Octets)>> ApiAsync(PostmasterApp app, DomainClaim claim)
    {
        string key = Assert.IsType<NewApiKey.Made>(await app.Services.GetRequiredService<ApiKeyStore>().CreateAsync(claim.OwnerId, "tests", ApiScope.Read, new RequestOrigin("192.0.2.9"), default)).Key;
        using var http = new HttpClient { BaseAddress = app.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        string path = $"/api/domains/{claim.Domain}/complaints";
        byte[] list = await http.GetByteArrayAsync(new Uri(path, UriKind.Relative));
        var all = new List<(string, byte[])> { ("api", list), ("api, csv", await http.GetByteArrayAsync(new Uri(path + ".csv", UriKind.Relative))) };
        foreach (JsonElement complaint in JsonDocument.Parse(list).RootElement.GetProperty("complaints").EnumerateArray())
            all.Add(("api, report", await http.GetByteArrayAsync(new Uri($"{path}/{complaint.GetProperty("id").GetGuid()}/report", UriKind.Relative))));
        return all;
    }

    /// <summary>The messages that JSON carries, and the JSON that a mail carries.</summary>
    private static IEnumerable<byte[]> Inside(byte[] octets)
    {
        byte[]? json = octets is [(byte)'{', ..] ? octets : Attached(octets);
        if (json is null)
            yield break;
        if (json != octets)
            yield return json;
        JsonElement root = JsonDocument.Parse(json).RootElement;
        if (root.TryGetProperty("evidence", out JsonElement evidence))
        {
            foreach (JsonElement piece in evidence.EnumerateArray())
                yield return piece.GetProperty("payload").GetBytesFromBase64();
        }

        if (root.TryGetProperty("data", out JsonElement data) && data.GetProperty("original") is { ValueKind: JsonValueKind.Object } original)
            yield return original.GetProperty("content").GetBytesFromBase64();
    }

    private static byte[]? Attached(byte[] mail)
    {
        MimePart? part = MessageReader.Read(mail).Root.Parts.FirstOrDefault(p => string.Equals(p.ContentType.ToString(), "application/json", StringComparison.Ordinal));
        return part is not null && part.TryDecode(16 << 20, out byte[] json) ? json : null;
    }

    private static void FitsSchemas(List<(string Way, byte[] Octets)> all)
    {
        List<byte[]> xarf = [.. all.Select(a => a.Octets).Where(o => o is [(byte)'{', ..] && JsonDocument.Parse(o).RootElement.TryGetProperty("xarf_version", out _))];
        Assert.InRange(xarf.Count, Chosen.Count, int.MaxValue);
        if (Conformance.Find("xarf") is not { } folder)
            return;
        var schemas = new JsonSchemaCheck(Directory.GetFiles(folder, "*.schema.json"));
        foreach (byte[] json in xarf)
        {
            string schema = Encoding.UTF8.GetString(json).Contains("\"category\":\"messaging\"", StringComparison.Ordinal) ? "types/messaging-spam" : "xarf-core";
            Assert.Empty(schemas.Errors(json, $"https://xarf.org/schemas/v4/{schema}.json"));
        }
    }
}
