using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Data.Cells;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>The product with what complaints need: claims, feedback addresses, presses of the button, and a look at what came of them.</summary>
internal static class PressKit
{
    public const string Token = "ingest-token-of-the-tests";
    public const string Mailbox = "alice@provider.example";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly HttpClient Http = new();

    /// <summary>A short look-interval and no undo window, unless the settings say otherwise.</summary>
    public static Dictionary<string, string?> Settings(params (string Key, string? Value)[] more)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Provider:MailDomain"] = "provider.example",
            ["Ingest:Token"] = Token,
            ["Complaints:UndoWindow"] = "00:00:00",
            ["Complaints:PollInterval"] = "00:00:00.100",
            ["Intake:SpoolInterval"] = "00:00:00.100",
        };
        foreach ((string key, string? value) in more)
            settings[key] = value;
        return settings;
    }

    public static Task<PostmasterApp> StartAsync(params (string Key, string? Value)[] more) => PostmasterApp.StartAsync(Settings(more));

    /// <summary>A proved claim of an account, with a confirmed feedback address when one is given.</summary>
    public static async Task<DomainClaim> ClaimAsync(this PostmasterApp app, string domain, string owner, string? address = null)
    {
        PortalUser user = await app.EnsureUserAsync(owner);
        DateTimeOffset now = app.Time.GetUtcNow();
        var claim = new DomainClaim { OwnerId = user.Id, Domain = domain, Token = "t" + Guid.NewGuid().ToString("N"), CreatedAt = now, NextCheckAt = now.AddDays(1) };
        claim.Observe(new ClaimObservation(ClaimOutcome.Found, "found"), now, TimeSpan.FromDays(7));
        await using PostmasterDb db = await app.OpenDbAsync();
        db.Claims.Add(claim);
        db.Members.Add(new DomainMember { ClaimId = claim.Id, UserId = user.Id, Role = MemberRole.Owner, CreatedAt = now });
        if (address is not null)
            db.FeedbackAddresses.Add(new FeedbackAddress { ClaimId = claim.Id, Address = address, RateKey = address, RequestedBy = user.Id, RequestedAt = now, ConfirmedAt = now });
        await db.SaveChangesAsync();
        return claim;
    }

    /// <summary>Presses the button through the HTTP door.</summary>
    public static async Task<Guid> PressAsync(
        this PostmasterApp app, byte[] message, string mailbox = Mailbox, string? type = null, string? key = null, DateTimeOffset? at = null, DateTimeOffset? since = null)
    {
        using HttpResponseMessage response = await app.PostAsync(message, mailbox, type, key, at: at, since: since);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode is HttpStatusCode.Accepted, body);
        using var json = JsonDocument.Parse(body);
        Assert.Equal("kept", json.RootElement.GetProperty("state").GetString());
        return json.RootElement.GetProperty("id").GetGuid();
    }

    public static async Task<HttpResponseMessage> PostAsync(
        this PostmasterApp app, byte[] message, string? mailbox = Mailbox, string? type = null, string? key = null, string? token = Token,
        string contentType = "message/rfc822", DateTimeOffset? at = null, DateTimeOffset? since = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Address, "/api/intake/complaints")) { Content = new ByteArrayContent(message) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        Add("Authorization", token is null ? null : "Bearer " + token);
        Add("X-Mailbox", mailbox);
        Add("X-Feedback-Type", type);
        Add("Idempotency-Key", key);
        Add("X-Pressed-At", at?.ToString("O"));
        Add("X-Mailbox-Since", since?.ToString("O"));
        return await Http.SendAsync(request);

        void Add(string name, string? value)
        {
            if (value is not null)
                request.Headers.TryAddWithoutValidation(name, value);
        }
    }

    /// <summary>Waits until a kept complaint is in the state.</summary>
    public static async Task<KeptComplaint> InStateAsync(this PostmasterApp app, Guid id, KeptState state)
    {
        KeptComplaint? row = null;
        await EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await app.OpenDbAsync();
            row = await db.KeptComplaints.AsNoTracking().FirstOrDefaultAsync(k => k.Id == id);
            return row?.State == state;
        }, () => $"the complaint is {row?.State} ({row?.Problem}) and not {state}");
        return row!;
    }

    /// <summary>Waits until a mail of the outbox is in the state.</summary>
    public static async Task<OutboxMessage> MailInStateAsync(this PostmasterApp app, string to, OutboxState state)
    {
        OutboxMessage? row = null;
        await EventuallyAsync(async () =>
        {
            app.Wake();
            await using PostmasterDb db = await app.OpenDbAsync();
            row = await db.Outbox.AsNoTracking().Where(m => m.To == to).OrderByDescending(m => m.CreatedAt).FirstOrDefaultAsync();
            return row?.State == state;
        }, () => $"the mail is {row?.State.ToString() ?? "absent"} ({row?.LastAnswer}) and not {state}");
        return row!;
    }

    /// <summary>Wakes both workers, as after a jump of the clock.</summary>
    public static void Wake(this PostmasterApp app)
    {
        app.Services.GetRequiredService<ComplaintSignal>().Wake();
        app.Services.GetRequiredService<OutboxSignal>().Wake();
    }

    public static async Task EventuallyAsync(Func<Task<bool>> holds, Func<string> otherwise, TimeSpan? longest = null)
    {
        using var patience = new CancellationTokenSource(longest ?? Patience);
        while (!await holds())
        {
            Assert.False(patience.IsCancellationRequested, otherwise());
            await Task.Delay(25, CancellationToken.None);
        }
    }

    public static async Task<long> CountAsync(this PostmasterApp app, string domain)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return domain.Length == 0 ? await db.DailyCounts.Where(c => c.Kind == CountKind.Unattributed).SumAsync(c => c.Count) : await CountAsync(db, domain);
    }

    /// <summary>All complaints of a domain.</summary>
    public static async Task<long> CountAsync(PostmasterDb db, string domain) => (await DaysAsync(db, domain)).Sum(d => d.Count);

    /// <summary>The complaints of a domain by day.</summary>
    public static Task<List<(DateOnly Day, long Count)>> DaysAsync(PostmasterDb db, string domain) => DaysAsync(db, domain, TrafficCounter.Complaint);

    public static async Task<List<(DateOnly Day, long Count)>> DaysAsync(PostmasterDb db, string domain, TrafficCounter counter)
    {
        List<int> streams = await db.MailStreams.Where(s => s.Kind == StreamKind.Whole && db.MailDomains.Any(d => d.Id == s.DomainId && d.Name == domain)).Select(s => s.Id).ToListAsync();
        IReadOnlyList<Cell> cells = await CellReader.DaysAsync(db, streams, new DateOnly(2020, 1, 1), new DateOnly(2100, 1, 1), CancellationToken.None);
        return [.. cells.Select(c => (CellKey.OfDay(c.Key).Day, c.Counts[counter]))];
    }

    /// <summary>The reports that the relay has for an address.</summary>
    public static IReadOnlyList<(RawMessage Mail, FeedbackReport Report)> ReportsTo(this PostmasterApp app, string to)
    {
        var reports = new List<(RawMessage, FeedbackReport)>();
        foreach (PortalMail mail in app.RelayedMails().Where(m => string.Equals(m.To, to, StringComparison.Ordinal)))
        {
            RawMessage message = MessageReader.Read(mail.Bytes);
            if (FeedbackReportReader.TryRead(message, out FeedbackReport? report, out _))
                reports.Add((message, report));
        }

        return reports;
    }

    /// <summary>The only report to an address, once it is there.</summary>
    public static async Task<(RawMessage Mail, FeedbackReport Report)> ReportToAsync(this PostmasterApp app, string to)
    {
        await app.MailInStateAsync(to, OutboxState.Sent);
        return Assert.Single(app.ReportsTo(to));
    }
}
