using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>A portal that events are handed to, and what it has counted.</summary>
internal static class EventKit
{
    public const string Token = "event-token";

    public static Dictionary<string, string?> Settings => With();

    public static Task<PostmasterApp> StartAsync(params (string Key, string Value)[] settings) => PostmasterApp.StartAsync(With(settings));

    /// <summary>The settings of a portal that takes events, and more.</summary>
    public static Dictionary<string, string?> With(params (string Key, string Value)[] settings)
    {
        var keys = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Ingest:Token"] = Token };
        foreach ((string key, string value) in settings)
            keys[key] = value;
        return keys;
    }

    /// <summary>Claims a domain, proved.</summary>
    public static async Task ClaimAsync(this PostmasterApp app, string domain, string owner = "owner@example.org")
    {
        PortalUser user = await app.EnsureUserAsync(owner);
        await using PostmasterDb db = await app.OpenDbAsync();
        DateTimeOffset now = app.Time.GetUtcNow();
        var claim = new DomainClaim { OwnerId = user.Id, Domain = domain, Token = Challenge.NewToken(), CreatedAt = now, NextCheckAt = now.AddDays(30) };
        claim.Observe(new ClaimObservation(ClaimOutcome.Found, "found"), now, TimeSpan.FromDays(7));
        db.Claims.Add(claim);
        await db.SaveChangesAsync();
    }

    public static string Time(this PostmasterApp app, TimeSpan ago = default) =>
        (app.Time.GetUtcNow() - ago).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A delivery that is signed by a domain.</summary>
    public static string Delivered(this PostmasterApp app, string domain, string more = "", TimeSpan ago = default) =>
        $$"""{"kind":"delivered","time":"{{app.Time(ago)}}","from_domain":"{{domain}}","dkim":[{"domain":"{{domain}}","selector":"s1","result":"pass"}]{{more}}}""";

    public static Task<HttpResponseMessage> PostEventsAsync(this PostmasterApp app, string body, string? key = null, string? token = Token, bool gzip = false) =>
        app.PostEventsAsync(Encoding.UTF8.GetBytes(body), key, token, gzip);

    public static async Task<HttpResponseMessage> PostEventsAsync(
        this PostmasterApp app, byte[] body, string? key = null, string? token = Token, bool gzip = false, string type = "application/x-ndjson", string? encoding = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Listened, "/api/intake/events"))
        {
            Content = new ByteArrayContent(gzip ? Zip(body) : body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (gzip || encoding is not null)
            request.Content.Headers.ContentEncoding.Add(encoding ?? "gzip");
        if (token is not null)
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await http.SendAsync(request);
    }

    /// <summary>Hands in lines that must be answered 200.</summary>
    public static async Task<JsonElement> IngestAsync(this PostmasterApp app, string body, string? key = null)
    {
        using HttpResponseMessage response = await app.PostEventsAsync(body, key);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {answer}");
        return JsonDocument.Parse(answer).RootElement;
    }

    /// <summary>All streams of a domain, each with the sum of its days.</summary>
    public static async Task<Dictionary<(StreamKind Kind, string Value), TrafficCounts>> CountsAsync(this PostmasterApp app, string domain)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        List<MailStream> streams = await db.MailStreams.AsNoTracking()
            .Where(s => db.MailDomains.Any(d => d.Id == s.DomainId && d.Name == domain)).ToListAsync();
        var counts = new Dictionary<(StreamKind, string), TrafficCounts>();
        var today = DateOnly.FromDateTime(app.Time.GetUtcNow().UtcDateTime);
        foreach (MailStream stream in streams)
        {
            IReadOnlyList<Cell> cells = await CellReader.DaysAsync(db, [stream.Id], today.AddDays(-800), today.AddDays(2), CancellationToken.None);
            counts[(stream.Kind, stream.Value)] = TrafficCounts.Sum(cells.Select(c => c.Counts));
        }

        return counts;
    }

    public static byte[] Zip(byte[] octets)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(octets);
        return packed.ToArray();
    }
}
