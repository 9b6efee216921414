using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Intake;

/// <summary>The HTTP door: who may come in, with what, and what everybody else is told.</summary>
public sealed class HttpDoorTests
{
    private static readonly byte[] Mail = "From: a@b.example\r\nMessage-ID: <1@b.example>\r\n\r\nx\r\n"u8.ToArray();

    private static async Task<string> ProblemAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{response.StatusCode}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        using var json = JsonDocument.Parse(body);
        return json.RootElement.GetProperty("detail").GetString()!;
    }

    [Fact]
    public async Task Wrong_requests_are_told_what_to_do_and_nothing_is_kept()
    {
        await using PostmasterApp app = await PressKit.StartAsync();

        Assert.Contains("Authorization", await ProblemAsync(await app.PostAsync(Mail, token: null), HttpStatusCode.Unauthorized), StringComparison.Ordinal);
        Assert.Contains("Ingest:Token", await ProblemAsync(await app.PostAsync(Mail, token: PressKit.Token + "x"), HttpStatusCode.Unauthorized), StringComparison.Ordinal);
        Assert.Contains("message/rfc822", await ProblemAsync(await app.PostAsync(Mail, contentType: "text/plain"), HttpStatusCode.UnsupportedMediaType), StringComparison.Ordinal);
        Assert.Contains("X-Mailbox", await ProblemAsync(await app.PostAsync(Mail, mailbox: null), HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("X-Mailbox", await ProblemAsync(await app.PostAsync(Mail, mailbox: "nobody"), HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("X-Feedback-Type", await ProblemAsync(await app.PostAsync(Mail, type: "auth-failure"), HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("Idempotency-Key", await ProblemAsync(await app.PostAsync(Mail, key: new string('k', 201)), HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("empty", await ProblemAsync(await app.PostAsync([]), HttpStatusCode.BadRequest), StringComparison.Ordinal);

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(0, await db.KeptComplaints.CountAsync());
    }

    [Fact]
    public async Task Without_a_configured_token_nobody_comes_in()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Ingest:Token", ""));
        await ProblemAsync(await app.PostAsync(Mail, token: ""), HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00Z")]
    [InlineData("1970-01-01T00:00:09Z")]
    [InlineData("2999-01-01T00:00:00Z")]
    public async Task A_press_that_a_wrong_clock_dates_is_counted_on_the_day_it_came_in(string pressed)
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        Guid id = await app.PressAsync(Mail, at: DateTimeOffset.Parse(pressed, System.Globalization.CultureInfo.InvariantCulture));
        KeptComplaint kept = await app.InStateAsync(id, KeptState.Unattributed);
        Assert.Equal(kept.ReceivedAt, kept.PressedAt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_over_the_limit_is_refused_by_its_real_size(bool chunked)
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Intake:MaxMessageBytes", "4096"));
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Address, "/api/intake/complaints"))
        {
            Content = new ByteArrayContent(new byte[8192]),
        };
        request.Content.Headers.ContentType = new("message/rfc822");
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + PressKit.Token);
        request.Headers.TryAddWithoutValidation("X-Mailbox", PressKit.Mailbox);

        Assert.Contains("4096", await ProblemAsync(await http.SendAsync(request), HttpStatusCode.RequestEntityTooLarge), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_requests_and_too_many_guesses_are_told_when_to_come_back()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Intake:RequestsPerMinute", "2"), ("Intake:WrongTokensPerMinute", "1"));
        await app.PressAsync(Mail);
        await app.PressAsync(Mail);
        using HttpResponseMessage third = await app.PostAsync(Mail);
        await app.PostAsync(Mail, token: "guess");
        using HttpResponseMessage guess = await app.PostAsync(Mail, token: "guess");

        await ProblemAsync(third, HttpStatusCode.TooManyRequests);
        await ProblemAsync(guess, HttpStatusCode.TooManyRequests);
        Assert.True(third.Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_repeated_key_is_the_same_complaint()
    {
        await using PostmasterApp app = await PressKit.StartAsync();

        Guid[] ids = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => app.PressAsync(Mail, key: "the-key")));

        Assert.Single(ids.Distinct());
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.KeptComplaints.CountAsync());
    }

    [Fact]
    public async Task A_database_that_does_not_take_it_is_our_fault_and_asks_for_another_try()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE \"KeptBodies\" RENAME TO \"Gone\"");

        using HttpResponseMessage response = await app.PostAsync(Mail);

        Assert.Contains("again later", await ProblemAsync(response, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }
}
