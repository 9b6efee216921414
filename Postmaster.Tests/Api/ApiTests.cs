using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Pages;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Features.Api;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Api;

/// <summary>What an owner's programs see, and that nobody else's see it.</summary>
public sealed class ApiTests
{
    private const string Owner = "owner@mail.example", Path = "/api/domains/owner.example/complaints";
    private static readonly HttpClient Http = new();

    private static async Task<string> KeyAsync(PostmasterApp app, string email, ApiScope scope = ApiScope.Read)
    {
        PortalUser user = await app.EnsureUserAsync(email);
        return Assert.IsType<NewApiKey.Made>(await app.Services.GetRequiredService<ApiKeyStore>().CreateAsync(user.Id, "tests", scope, new RequestOrigin("192.0.2.9"), CancellationToken.None)).Key;
    }

    private static async Task<HttpResponseMessage> SendAsync(PostmasterApp app, string? key, string path, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(app.Address, path));
        if (key is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await Http.SendAsync(request);
    }

    private static async Task<JsonElement> JsonAsync(PostmasterApp app, string key, string path)
    {
        HttpResponseMessage response = await SendAsync(app, key, path);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode is HttpStatusCode.OK, body);
        return JsonDocument.Parse(body).RootElement;
    }

    private static async Task<List<Complaint>> SeedAsync(PostmasterApp app, int count, string domain = "owner.example")
    {
        DateTimeOffset now = app.Time.GetUtcNow();
        var complaints = new List<Complaint>();
        await using PostmasterDb db = await app.OpenDbAsync();
        for (int i = 0; i < count; i++)
        {
            var kept = new KeptComplaint { Id = Guid.NewGuid(), Door = IntakeDoor.Http, Press = Press.Spam, ReceivedAt = now, PressedAt = now, Size = 1, DueAt = now, State = KeptState.Counted };
            complaints.Add(new Complaint
            {
                Id = Guid.CreateVersion7(now.AddMilliseconds(i)), KeptId = kept.Id, Domain = domain, SigningDomain = domain, PressedAt = now.AddMinutes(-i), Evidence = Evidence.VerifiedNow, Subject = $"=Offer {i}",
            });
            db.Add(kept);
            db.Add(complaints[^1]);
        }

        await db.SaveChangesAsync();
        app.Time.Advance(TimeSpan.FromSeconds(10));
        return complaints;
    }

    [Fact]
    public async Task A_complaint_is_told_with_stable_names_and_the_code_of_its_report()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", Owner, "fbl@owner.example");
        await app.PressAsync(sender.Newsletter("one", fields: "List-Id: <weekly.owner.example>\r\nCFBL-Feedback-ID: 42\r\n"), type: "fraud");
        FeedbackReport report = (await app.ReportToAsync("fbl@owner.example")).Report;
        string key = await KeyAsync(app, Owner);
        app.Time.Advance(-TimeSpan.FromHours(1)); // however long all this took
        Assert.Equal(0, (await JsonAsync(app, key, Path)).GetProperty("complaints").GetArrayLength()); // not settled yet
        app.Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(10));

        JsonElement answer = await JsonAsync(app, key, Path);
        JsonElement told = Assert.Single(answer.GetProperty("complaints").EnumerateArray());

        Assert.Equal(("owner.example", "fraud", "one@owner.example", "weekly.owner.example", "42", "verified_now"), (
            told.GetProperty("domain").GetString(), told.GetProperty("feedback_type").GetString(), told.GetProperty("message_id").GetString(), told.GetProperty("list_id").GetString(),
            told.GetProperty("cfbl_feedback_id").GetString(), told.GetProperty("evidence").GetString()));
        Assert.Equal(Assert.Single(report.OriginalRcptTo).Trim('<', '>'), told.GetProperty("recipient").GetString());
        Assert.False(answer.GetProperty("has_more").GetBoolean());

        HttpResponseMessage fetched = await SendAsync(app, key, $"{Path}/{told.GetProperty("id").GetString()}/report");
        Assert.Equal("message/rfc822", fetched.Content.Headers.ContentType!.MediaType);
        Assert.True(FeedbackReportReader.TryRead(MessageReader.Read(await fetched.Content.ReadAsByteArrayAsync()), out FeedbackReport? again, out _));
        Assert.Equal((report.FeedbackType, report.OriginalRcptTo[0]), (again.FeedbackType, again.OriginalRcptTo[0]));
    }

    [Fact]
    public async Task A_complaint_that_was_taken_back_says_so_in_json_and_csv_and_is_found_by_it()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await app.ClaimAsync("owner.example", Owner);
        string key = await KeyAsync(app, Owner);
        List<Complaint> all = await SeedAsync(app, 3);
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            (await db.Complaints.SingleAsync(c => c.Id == all[1].Id)).RescuedAt = new DateTimeOffset(2026, 11, 22, 4, 5, 6, TimeSpan.Zero);
            await db.SaveChangesAsync();
        }

        Assert.Equal(
            [JsonValueKind.Null, JsonValueKind.String, JsonValueKind.Null],
            (await JsonAsync(app, key, Path)).GetProperty("complaints").EnumerateArray().Select(c => c.GetProperty("withdrawn_at").ValueKind));
        Assert.Equal(all[1].Id, Assert.Single((await JsonAsync(app, key, Path + "?withdrawn=true")).GetProperty("complaints").EnumerateArray()).GetProperty("id").GetGuid());
        Assert.Equal(2, (await JsonAsync(app, key, Path + "?withdrawn=false")).GetProperty("complaints").GetArrayLength());
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(app, key, Path + "?withdrawn=perhaps")).StatusCode);
        string[] lines = (await (await SendAsync(app, key, Path + ".csv")).Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.EndsWith(",withdrawn_at", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(",2026-11-22T04:05:06Z", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paging_by_cursor_loses_and_repeats_nothing_while_new_ones_come()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await app.ClaimAsync("owner.example", Owner);
        string key = await KeyAsync(app, Owner);
        List<Complaint> all = await SeedAsync(app, 25);
        var got = new List<Guid>();
        string cursor = "";
        for (int turn = 0; turn < 12; turn++)
        {
            JsonElement answer = await JsonAsync(app, key, $"{Path}?limit=7&cursor={cursor}");
            got.AddRange(answer.GetProperty("complaints").EnumerateArray().Select(c => c.GetProperty("id").GetGuid()));
            cursor = answer.GetProperty("next_cursor").GetString() ?? "";
            if (turn is 1 or 5)
                all.AddRange(await SeedAsync(app, 9));
        }

        Assert.Equal(all.Select(c => c.Id), got);
    }

    [Fact]
    public async Task The_query_narrows_by_words_days_type_and_what_is_handled()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await app.ClaimAsync("owner.example", Owner);
        string key = await KeyAsync(app, Owner, ApiScope.Handle);
        List<Complaint> all = await SeedAsync(app, 20);
        string one = $"{Path}/{all[3].Id}/handled";
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, key, one, HttpMethod.Post)).StatusCode);
        Assert.Contains("\"changed\":false", await (await SendAsync(app, key, one, HttpMethod.Post)).Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal(1, await CountAsync("?q=offer+13"));
        Assert.Equal(1, await CountAsync("?handled=true"));
        Assert.Equal(19, await CountAsync("?handled=false"));
        Assert.Equal(0, await CountAsync("?type=virus"));
        Assert.Equal(20, await CountAsync("?type=abuse"));
        Assert.Equal(0, await CountAsync("?to=2001-01-01"));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, key, one, HttpMethod.Delete)).StatusCode);
        Assert.Equal(0, await CountAsync("?handled=true"));
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, key, $"{Path}/{Guid.NewGuid()}/handled", HttpMethod.Post)).StatusCode);
        foreach (string wrong in (string[])["?from=yesterday", "?cursor=x", "?limit=0", "?limit=5000", "?type=auth-failure", "?handled=maybe"])
            Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(app, key, Path + wrong)).StatusCode);

        async Task<int> CountAsync(string query) => (await JsonAsync(app, key, Path + query)).GetProperty("complaints").GetArrayLength();
    }

    [Fact]
    public async Task The_table_names_where_it_goes_on_and_runs_no_formula()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await app.ClaimAsync("owner.example", Owner);
        string key = await KeyAsync(app, Owner);
        List<Complaint> all = await SeedAsync(app, 5);

        HttpResponseMessage first = await SendAsync(app, key, $"{Path}.csv?limit=3&q=offer");
        string[] lines = (await first.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string next = Assert.Single(first.Headers.GetValues("Link"));
        HttpResponseMessage second = await SendAsync(app, key, next[1..next.IndexOf('>', StringComparison.Ordinal)]);

        Assert.StartsWith("id,domain,signing_domain,feedback_type,pressed_at", lines[0], StringComparison.Ordinal);
        Assert.Equal(4, lines.Length);
        Assert.Contains(",'=Offer 0,", lines[1], StringComparison.Ordinal);
        Assert.Contains(all[3].Id.ToString(), await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(second.Headers.Contains("Link"));
    }

    [Fact]
    public async Task Nobody_else_s_key_reads_or_marks_anything()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        DomainClaim claim = await app.ClaimAsync("owner.example", Owner);
        List<Complaint> all = await SeedAsync(app, 1);
        string own = await KeyAsync(app, Owner, ApiScope.Handle), stranger = await KeyAsync(app, "eve@evil.example", ApiScope.Handle), reader = await KeyAsync(app, "reader@mail.example", ApiScope.Handle),
            onlyReads = await KeyAsync(app, Owner), revoked = await KeyAsync(app, Owner, ApiScope.Handle);
        PortalUser rita = await app.EnsureUserAsync("reader@mail.example");
        await app.EnsureUserAsync("op@provider.example", isOperator: true);
        string watching = await KeyAsync(app, "op@provider.example", ApiScope.Handle);
        var store = app.Services.GetRequiredService<ApiKeyStore>();
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.Members.Add(new DomainMember { ClaimId = claim.Id, UserId = rita.Id, Role = MemberRole.Reader, CreatedAt = app.Time.GetUtcNow() });
            await db.SaveChangesAsync();
        }

        ApiKeyRow gone = (await store.ListAsync(claim.OwnerId, CancellationToken.None)).Single(k => revoked.StartsWith(k.Prefix, StringComparison.Ordinal));
        Assert.False(await store.RevokeAsync(rita.Id, gone.Id, CancellationToken.None)); // another account's
        Assert.True(await store.RevokeAsync(claim.OwnerId, gone.Id, CancellationToken.None));
        string one = $"{Path}/{all[0].Id}";

        foreach (string path in (string[])[Path, Path + ".csv", one + "/report"])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, null, path)).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, "pmk1_wrong", path)).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, revoked, path)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, stranger, path)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, watching, path)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, reader, Path)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(app, reader, one + "/handled", HttpMethod.Post)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(app, onlyReads, one + "/handled", HttpMethod.Post)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, stranger, one + "/handled", HttpMethod.Post)).StatusCode);
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            Assert.Null((await db.Complaints.SingleAsync()).HandledAt);
            await db.Claims.ExecuteUpdateAsync(set => set.SetProperty(c => c.State, ClaimState.Suspended));
        }

        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(app, own, Path)).StatusCode); // no longer proved
    }

    [Fact]
    public async Task A_reader_fetches_no_message_and_is_told_no_recipient_in_clear()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        DomainClaim claim = await app.ClaimAsync("owner.example", Owner, "fbl@owner.example");
        await app.PressAsync(sender.Newsletter("one"));
        await app.ReportToAsync("fbl@owner.example");
        PortalUser rita = await app.EnsureUserAsync("reader@mail.example");
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.Members.Add(new DomainMember { ClaimId = claim.Id, UserId = rita.Id, Role = MemberRole.Reader, CreatedAt = app.Time.GetUtcNow() });
            db.FeedbackSettings.Add(new FeedbackSettings { ClaimId = claim.Id, WantsClear = true, ClearAllowed = true });
            await db.SaveChangesAsync();
        }

        app.Time.Advance(TimeSpan.FromSeconds(10));
        string own = await KeyAsync(app, Owner), reader = await KeyAsync(app, "reader@mail.example");
        JsonElement toOwner = (await JsonAsync(app, own, Path)).GetProperty("complaints")[0], toReader = (await JsonAsync(app, reader, Path)).GetProperty("complaints")[0];
        string report = $"{Path}/{toOwner.GetProperty("id").GetString()}/report";

        Assert.Equal(PressKit.Mailbox, toOwner.GetProperty("recipient").GetString());
        Assert.Matches("^[a-z2-7]{16}@provider\\.example$", toReader.GetProperty("recipient").GetString());
        Assert.DoesNotContain("alice", await (await SendAsync(app, reader, Path + ".csv")).Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(app, reader, report)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, own, report)).StatusCode);
    }

    [Fact]
    public async Task A_fetched_report_is_not_signed_for_an_address_that_has_not_agreed()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", Owner, "victim@elsewhere.example");
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.FeedbackAddresses.ExecuteUpdateAsync(set => set.SetProperty(a => a.ConfirmedAt, (DateTimeOffset?)null));
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one")), KeptState.Counted);
        app.Time.Advance(TimeSpan.FromSeconds(10));
        string key = await KeyAsync(app, Owner);
        string id = (await JsonAsync(app, key, Path)).GetProperty("complaints")[0].GetProperty("id").GetString()!;

        string report = await (await SendAsync(app, key, $"{Path}/{id}/report")).Content.ReadAsStringAsync();

        Assert.Contains("To: <postmaster@owner.example>", report, StringComparison.Ordinal);
        Assert.DoesNotContain("victim@elsewhere.example", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_shown_once_and_only_its_hash_is_kept()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await app.ClaimAsync("owner.example", Owner);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage made = await owner.SubmitAsync(await owner.GetAsync("/account/keys"), "form.form", ("Name", "unsubscriber"));
        string key = made.Document.QuerySelector(".copy-value")!.TextContent;

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(app, key, Path)).StatusCode);
        Assert.Equal(OutboxKind.Notice, (await app.MailInStateAsync(Owner, OutboxState.Queued)).Kind); // a key that a stranger made outlives the password
        PortalPage later = await owner.GetAsync("/account/keys");
        Assert.DoesNotContain(key, later.Html, StringComparison.Ordinal);
        Assert.Contains("unsubscriber", later.Text, StringComparison.Ordinal);
        await owner.SubmitAsync(later, "form:has(.danger)");
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(app, key, Path)).StatusCode);
    }

    [Fact]
    public async Task Wrong_keys_are_counted_by_the_network_that_an_IPv6_customer_has()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Proxy:KnownProxies:0", "127.0.0.1"));
        HttpStatusCode last = HttpStatusCode.Unauthorized;
        for (int i = 1; i <= 31 && last is HttpStatusCode.Unauthorized; i++)
            last = await GuessAsync(app, $"2001:db8:1:2::{i:x}");
        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        Assert.Equal(HttpStatusCode.Unauthorized, await GuessAsync(app, "2001:db8:1:3::1"));
    }

    private static async Task<HttpStatusCode> GuessAsync(PostmasterApp app, string from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(app.Address, Path));
        request.Headers.Add("X-Forwarded-For", from);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "pmk1_guess");
        return (await Http.SendAsync(request)).StatusCode;
    }

    [Fact]
    public async Task A_key_may_ask_only_so_often()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        await app.ClaimAsync("owner.example", Owner);
        string key = await KeyAsync(app, Owner);
        HttpResponseMessage last = await SendAsync(app, key, Path);
        for (int i = 0; i < 130 && last.StatusCode is HttpStatusCode.OK; i++)
            last = await SendAsync(app, key, Path);

        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
        Assert.NotNull(last.Headers.RetryAfter);
    }
}
