using System.Text;
using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>Mail that wants to loop, to break the reader or to be believed, and DNS that does not answer.</summary>
public sealed class HostileMailTests
{
    private static async Task<(PostmasterApp App, SigningSender Sender)> StartAsync(params (string Key, string? Value)[] more)
    {
        PostmasterApp app = await PressKit.StartAsync(more);
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        return (app, sender);
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-replied\r\n")]
    [InlineData("Auto-Submitted: auto-generated (rejected)\r\n")]
    [InlineData("Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n")]
    [InlineData("Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n")]
    [InlineData(ReportMark.FieldName + ": fbl.provider.example\r\n")]
    public async Task A_message_that_could_loop_counts_and_is_reported_to_nobody(string fields)
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;

        KeptComplaint counted = await app.InStateAsync(await app.PressAsync(sender.Newsletter("one", fields: fields)), KeptState.Counted);

        Assert.NotNull(counted.NotReported);
        await AssertCountedAndSilentAsync(app);
    }

    private static async Task AssertCountedAndSilentAsync(PostmasterApp app)
    {
        Assert.Equal(1, await app.CountAsync("owner.example"));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.False(await db.Outbox.AnyAsync(m => m.Kind == OutboxKind.FeedbackReport));
        Assert.NotNull((await db.Complaints.SingleAsync()).NotReported);
    }

    [Fact]
    public async Task Auto_Submitted_no_does_not_stop()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one", fields: "Auto-Submitted: no (a person)\r\n")), KeptState.Counted);
    }

    [Fact]
    public async Task A_header_beyond_the_limits_makes_an_unreadable_item_and_hides_no_other_message()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        string signatures = string.Concat(Enumerable.Repeat("DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=AAAA\r\n", 5_000));

        Guid[] ids =
        [
            await app.PressAsync(SigningSender.Under(signatures, sender.Newsletter("one"))),
            await app.PressAsync(SigningSender.Under(signatures, sender.Newsletter("two"))),
        ];

        foreach (Guid id in ids)
            await app.InStateAsync(id, KeptState.Unreadable);
    }

    [Fact]
    public async Task A_message_with_the_null_return_path_counts_and_is_reported_to_nobody()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        await app.InStateAsync(await app.PressAsync(SigningSender.Under("Return-Path: <>\r\n", sender.Newsletter("one"))), KeptState.Counted);
        await AssertCountedAndSilentAsync(app);
    }

    [Fact]
    public async Task Mail_of_the_portal_itself_and_of_the_mailboxs_own_domain_is_stopped()
    {
        var (app, _) = await StartAsync();
        await using PostmasterApp disposing = app;
        var portal = new SigningSender(app.Zone, "fbl.provider.example");
        var neighbour = new SigningSender(app.Zone, "provider.example");

        await app.InStateAsync(await app.PressAsync(portal.Newsletter("one")), KeptState.Stopped);
        await app.InStateAsync(await app.PressAsync(neighbour.Newsletter("two")), KeptState.Stopped);
    }

    [Fact]
    public async Task A_report_of_ours_that_comes_back_as_a_complaint_ends_there()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one")), KeptState.Counted);
        var (mail, _) = await app.ReportToAsync("fbl@owner.example");

        // The zone does not publish the portal's key, so nobody vouches for the report.
        await app.InStateAsync(await app.PressAsync(mail.Bytes.ToArray(), "carol@provider.example"), KeptState.Unattributed);

        Assert.Equal(1, await app.CountAsync("owner.example"));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.Outbox.CountAsync(m => m.Kind == OutboxKind.FeedbackReport));
    }

    [Fact]
    public async Task Broken_mail_ends_in_some_state_and_blocks_nothing()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        var mails = new List<byte[]>
        {
            new byte[] { 0 },
            "\r\n\r\nno header at all"u8.ToArray(),
            "no colon here\nnor here\n"u8.ToArray(),
            Encoding.Latin1.GetBytes("Subject: a\rb\0c\r\nFrom: \xff\xfe@\r\n\r\nx"),
            Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("X-Bomb: y\r\n", 50_000)) + "\r\n"),
            Encoding.Latin1.GetBytes("DKIM-Signature: " + new string('a', 200_000) + "\r\nFrom: a@b.example\r\n\r\n"),
            Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("DKIM-Signature: v=1; a=rsa-sha256; d=owner.example; s=s1; h=from; bh=x; b=y\r\n", 3000)) + "From: a@b.example\r\n\r\n"),
            Encoding.Latin1.GetBytes(Tower(2000)),
            Encoding.Latin1.GetBytes("From: a@b.example\r\nSubject: " + new string('s', 100_000) + "\r\n\r\n"),
        };

        List<Guid> ids = [];
        foreach (byte[] mail in mails)
            ids.Add(await app.PressAsync(mail));
        Guid good = await app.PressAsync(sender.Newsletter("good"));

        await app.InStateAsync(good, KeptState.Counted);
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await app.OpenDbAsync();
            return await db.KeptComplaints.CountAsync(k => ids.Contains(k.Id) && k.EndedAt != null) == ids.Count;
        }, () => "a broken mail hangs");
        await using PostmasterDb check = await app.OpenDbAsync();
        Assert.Equal(0, await check.KeptComplaints.CountAsync(k => ids.Contains(k.Id) && k.State == KeptState.Counted));
        Assert.True(await check.KeptComplaints.CountAsync(k => ids.Contains(k.Id) && k.State == KeptState.Unreadable) >= 2);
        Assert.Equal(ids.Count + 1, await check.KeptBodies.CountAsync()); // nothing is lost
        Assert.All(await check.KeptComplaints.Select(k => k.Subject ?? "").ToListAsync(), s => Assert.DoesNotContain(s, char.IsControl));
    }

    [Fact]
    public async Task DNS_without_an_answer_is_asked_again_later_and_then_the_complaint_counts()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        app.Zone.Fail(sender.KeyName, DnsStatus.ServFail);

        Guid id = await app.PressAsync(sender.Newsletter("one"));
        await TriedAsync(app, id, 1);
        app.Zone.Recover(sender.KeyName);
        app.Time.Advance(TimeSpan.FromMinutes(2));
        app.Wake();

        await app.InStateAsync(id, KeptState.Counted);
    }

    [Fact]
    public async Task DNS_that_never_answers_ends_as_unattributed_with_the_reason_kept()
    {
        var (app, sender) = await StartAsync(("Complaints:DnsTries", "3"));
        await using PostmasterApp _ = app;
        app.Zone.Fail(sender.KeyName, DnsStatus.Timeout);

        Guid id = await app.PressAsync(sender.Newsletter("one"));
        for (int tries = 1; tries < 3; tries++)
        {
            await TriedAsync(app, id, tries);
            app.Time.Advance(TimeSpan.FromHours(1));
            app.Wake();
        }

        KeptComplaint ended = await app.InStateAsync(id, KeptState.Unattributed);
        Assert.Contains("temperror", ended.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_borders_word_is_taken_for_stored_mail_without_asking_DNS()
    {
        var (app, sender) = await StartAsync();
        await using PostmasterApp _ = app;
        app.Zone.Remove(sender.KeyName);
        byte[] stored = SigningSender.Under(
            "Return-Path: <bounce+alice=provider.example@owner.example>\r\n"
            + "Received: from mx.provider.example (localhost [127.0.0.1]) by mx.provider.example with LMTP; Fri, 2 Jan 2026 10:00:09 +0000\r\n"
            + "Authentication-Results: mx.provider.example; dkim=pass header.d=owner.example header.s=s1; spf=pass smtp.mailfrom=bounce+alice=provider.example@owner.example\r\n"
            + "Received: from out.owner.example (out.owner.example [192.0.2.7]) by mx.provider.example with ESMTPS; Fri, 2 Jan 2026 10:00:07 +0000\r\n"
            + "Received: from forged (forged [203.0.113.66]) by mx.provider.example; Thu, 1 Jan 1998 00:00:00 +0000\r\n"
            + "Authentication-Results: other.example; dkim=pass header.d=elsewhere.example\r\n",
            sender.Newsletter("one"));

        KeptComplaint kept = await app.InStateAsync(await app.PressAsync(stored), KeptState.Counted);
        var (_, report) = await app.ReportToAsync("fbl@owner.example");

        Assert.Equal(Evidence.BorderResults, kept.Evidence);
        Assert.Equal("192.0.2.7", report.SourceIp?.ToString());
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 10, 0, 7, TimeSpan.Zero), report.ArrivalDate);
        Assert.EndsWith("@owner.example", report.OriginalMailFrom, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", report.OriginalMailFrom, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", Assert.Single(report.AuthenticationResults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Authentication_Results_below_a_foreign_hop_are_not_believed()
    {
        var (app, _) = await StartAsync();
        await using PostmasterApp disposing = app;
        byte[] forged = SigningSender.Under(
            "Received: from x (x [192.0.2.7]) by mail.stranger.example; Fri, 2 Jan 2026 10:00:07 +0000\r\n"
            + "Authentication-Results: mx.provider.example; dkim=pass header.d=owner.example\r\n",
            "From: a@owner.example\r\nMessage-ID: <f@owner.example>\r\n\r\nx\r\n"u8.ToArray());

        await app.InStateAsync(await app.PressAsync(forged), KeptState.Unattributed);
    }

    [Fact]
    public async Task With_a_border_that_strips_nothing_everything_is_verified_again()
    {
        var (app, _) = await StartAsync(("Provider:BorderStripsAuthenticationResults", "false"));
        await using PostmasterApp disposing = app;
        byte[] claimed = "Authentication-Results: mx.provider.example; dkim=pass header.d=owner.example\r\nFrom: a@owner.example\r\nMessage-ID: <f@owner.example>\r\n\r\nx\r\n"u8.ToArray();

        KeptComplaint kept = await app.InStateAsync(await app.PressAsync(claimed), KeptState.Unattributed);

        Assert.Equal(Evidence.VerifiedNow, kept.Evidence);
    }

    private static Task TriedAsync(PostmasterApp app, Guid id, int tries) => PressKit.EventuallyAsync(async () =>
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.KeptComplaints.AnyAsync(k => k.Id == id && k.DnsTries == tries);
    }, () => $"DNS was not tried {tries} times");

    private static string Tower(int depth)
    {
        var tower = new StringBuilder("From: a@b.example\r\n");
        for (int i = 0; i < depth; i++)
            tower.Append(System.Globalization.CultureInfo.InvariantCulture, $"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n");
        return tower.Append("\r\nend\r\n").ToString();
    }
}
