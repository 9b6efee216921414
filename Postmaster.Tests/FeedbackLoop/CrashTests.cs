using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data.Sqlite;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>kill -9 of the real process when it says that it is at a step: nothing is lost, and nothing doubled beyond a mail with the same Message-ID.</summary>
public sealed class CrashTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("complaint kept")]
    [InlineData("complaint read")]
    [InlineData("complaint held")]
    [InlineData("complaint counting")]
    [InlineData("complaint counted")]
    [InlineData("report leased")]
    [InlineData("report relayed")]
    [InlineData("report sent")]
    public async Task A_killed_server_goes_on_where_it_was(string step)
    {
        string data = Directory.CreateTempSubdirectory("postmaster-crash-").FullName;
        var zone = new ZoneResolver();
        await using LoopbackDnsServer dns = LoopbackDnsServer.Start(zone);
        byte[] message = new SigningSender(zone, "owner.example").Newsletter("one");
        string url = $"http://127.0.0.1:{ServerProcess.FreePort()}";
        Dictionary<string, string> settings = Settings(dns);
        await using (var first = ServerProcess.Start(["serve", "--data", data, "--urls", url], settings))
        {
            await first.WaitForLineAsync("Postmaster is at", Longest);
            await ClaimAsync(data);
            Task press = PressAsync(url, message);
            await first.WaitForLineAsync(step, Longest);
            first.Kill();
            await Task.WhenAny(press); // its answer may not have come
        }

        await using (var second = ServerProcess.Start(["serve", "--data", data, "--urls", url], settings))
        {
            await second.WaitForLineAsync("Postmaster is at", Longest);
            await PressAsync(url, message); // the button's program heard no 202 and hands in again
            await PressKit.EventuallyAsync(async () =>
            {
                await using SqlitePostmasterDb db = Open(data);
                return await db.Outbox.AnyAsync(m => m.State == OutboxState.Sent) && !await db.KeptComplaints.AnyAsync(k => k.EndedAt == null);
            }, () => $"not all ended after a kill at \"{step}\": {string.Join('\n', second.Lines)}", Longest);
        }

        await using (SqlitePostmasterDb db = Open(data))
        {
            Assert.Equal(1, await db.KeptComplaints.CountAsync());
            Assert.Equal(1, await db.DailyCounts.Where(c => c.Domain == "owner.example").SumAsync(c => c.Count));
            Assert.Equal(1, await db.Outbox.CountAsync());
        }

        Assert.Single(Directory.GetFiles(Path.Combine(data, "mail"), "*.eml"));
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(data, recursive: true);
    }

    private static Dictionary<string, string> Settings(LoopbackDnsServer dns) => new(StringComparer.Ordinal)
    {
        ["Provider:Name"] = "Example Mail",
        ["Provider:Domain"] = "fbl.provider.example",
        ["Provider:AuthservIds:0"] = "mx.provider.example",
        ["Relay:Kind"] = "directory",
        ["Lmtp:Listen"] = "127.0.0.1:0",
        ["Ingest:Token"] = PressKit.Token,
        ["Complaints:UndoWindow"] = "00:00:00",
        ["Dns:Servers:0"] = dns.Address,
    };

    private static SqlitePostmasterDb Open(string data) =>
        new(new DbContextOptionsBuilder<SqlitePostmasterDb>().UseSqlite($"Data Source={Path.Combine(data, "postmaster.db")}").AddInterceptors(new SqliteConnectionSettings()).Options);

    private static async Task ClaimAsync(string data)
    {
        await using SqlitePostmasterDb db = Open(data);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        var user = new PortalUser { UserName = "owner@mail.example", Email = "owner@mail.example", CreatedAt = now };
        var claim = new DomainClaim { OwnerId = user.Id, Domain = "owner.example", Token = "token", CreatedAt = now, NextCheckAt = now.AddDays(1) };
        claim.Observe(new ClaimObservation(ClaimOutcome.Found, "found"), now, TimeSpan.FromDays(7));
        db.Users.Add(user);
        db.Claims.Add(claim);
        db.FeedbackAddresses.Add(new FeedbackAddress
        {
            ClaimId = claim.Id,
            Address = "fbl@owner.example",
            RateKey = "fbl@owner.example",
            RequestedBy = user.Id,
            RequestedAt = now,
            ConfirmedAt = now,
        });
        await db.SaveChangesAsync();
    }

    private static async Task PressAsync(string url, byte[] message)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, url + "/api/intake/complaints") { Content = new ByteArrayContent(message) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("message/rfc822");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + PressKit.Token);
        request.Headers.TryAddWithoutValidation("X-Mailbox", PressKit.Mailbox);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", "press-1");
        using HttpResponseMessage response = await http.SendAsync(request);
        Assert.Equal(System.Net.HttpStatusCode.Accepted, response.StatusCode);
    }
}
