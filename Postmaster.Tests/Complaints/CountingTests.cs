using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Complaints;

/// <summary>From a pressed button to a number and a report, and what leads to neither.</summary>
public sealed class CountingTests
{
    [Fact]
    public async Task A_press_becomes_a_number_and_a_report_at_the_owners_address()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");

        Guid id = await app.PressAsync(sender.Newsletter("one"));
        KeptComplaint kept = await app.InStateAsync(id, KeptState.Counted);
        var (_, report) = await app.ReportToAsync("fbl@owner.example");

        Assert.Equal(Evidence.VerifiedNow, kept.Evidence);
        Assert.Equal(1, await app.CountAsync("owner.example"));
        Assert.Equal("abuse", report.FeedbackType);
        Assert.Equal(["owner.example"], report.ReportedDomain);
        Assert.Contains("dkim=pass", Assert.Single(report.AuthenticationResults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_border_whose_clock_is_behind_the_signers_loses_no_complaint()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example");
        string behind = MailDate.Format(DateTimeOffset.UtcNow.AddHours(-12));

        byte[] message = SigningSender.Under($"Received: from out.owner.example ([203.0.113.7]) by mx.provider.example; {behind}\r\n", sender.Newsletter("one"));

        await app.InStateAsync(await app.PressAsync(message), KeptState.Counted);
    }

    [Fact]
    public async Task The_same_mailbox_counts_once_for_a_message_and_another_mailbox_again()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example");
        byte[] message = sender.Newsletter("one");

        await app.InStateAsync(await app.PressAsync(message), KeptState.Counted);
        await app.InStateAsync(await app.PressAsync(message, "ALICE@provider.example"), KeptState.Duplicate);
        byte[] withLf = [.. message.Where(b => b != '\r')];
        await app.InStateAsync(await app.PressAsync(SigningSender.Under("Delivered-To: alice@provider.example\n", withLf)), KeptState.Duplicate);
        await app.InStateAsync(await app.PressAsync(message, "bob@provider.example"), KeptState.Counted);
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("two")), KeptState.Counted);

        Assert.Equal(3, await app.CountAsync("owner.example"));
    }

    [Fact]
    public async Task Presses_at_the_same_moment_count_once()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Complaints:Workers", "8"));
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        byte[] message = sender.Newsletter("one");

        Guid[] ids = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => app.PressAsync(message)));
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await app.OpenDbAsync();
            return await db.KeptComplaints.CountAsync(k => k.EndedAt != null) == ids.Length;
        }, () => "not all presses have ended");

        await using PostmasterDb check = await app.OpenDbAsync();
        Assert.Equal(1, await check.KeptComplaints.CountAsync(k => k.State == KeptState.Counted));
        Assert.Equal(11, await check.KeptComplaints.CountAsync(k => k.State == KeptState.Duplicate));
        Assert.Equal(1, await app.CountAsync("owner.example"));
        Assert.Equal(1, await check.Outbox.CountAsync(m => m.Kind == OutboxKind.FeedbackReport));
    }

    [Fact]
    public async Task A_message_that_nobody_signed_is_counted_as_unattributed_and_reported_to_nobody()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        byte[] unsigned = "From: news@owner.example\r\nSubject: x\r\nMessage-ID: <u@owner.example>\r\n\r\nHello\r\n"u8.ToArray();
        byte[] changed = sender.Newsletter("two");
        changed[^5] ^= 1;

        KeptComplaint first = await app.InStateAsync(await app.PressAsync(unsigned), KeptState.Unattributed);
        KeptComplaint second = await app.InStateAsync(await app.PressAsync(changed), KeptState.Unattributed);

        Assert.Equal("the message is not signed", first.Problem);
        Assert.Contains("fail", second.Problem, StringComparison.Ordinal);
        Assert.Equal(0, await app.CountAsync("owner.example"));
        Assert.Equal(2, await app.CountAsync(""));
        Assert.Empty(app.ReportsTo("fbl@owner.example"));
    }

    [Fact]
    public async Task A_second_From_above_the_signed_one_makes_the_message_nobodys()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");

        await app.InStateAsync(await app.PressAsync(SigningSender.Under("From: bank@bank.example\r\n", sender.Newsletter("one"))), KeptState.Unattributed);

        Assert.Equal(0, await app.CountAsync("owner.example"));
    }

    [Fact]
    public async Task Every_claimed_domain_that_signed_gets_the_complaint_and_only_its_own_name()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var brand = new SigningSender(app.Zone, "brand.example");
        var platform = new SigningSender(app.Zone, "platform.example");
        await app.ClaimAsync("brand.example", "brand@mail.example", "fbl@brand.example");
        await app.ClaimAsync("platform.example", "platform@mail.example", "abuse@platform.example");

        await app.InStateAsync(await app.PressAsync(platform.Sign(brand.Newsletter("one"))), KeptState.Counted);

        Assert.Equal(["brand.example"], (await app.ReportToAsync("fbl@brand.example")).Report.ReportedDomain);
        Assert.Equal(["platform.example"], (await app.ReportToAsync("abuse@platform.example")).Report.ReportedDomain);
        Assert.Equal(1, await app.CountAsync("brand.example"));
        Assert.Equal(1, await app.CountAsync("platform.example"));
    }

    [Fact]
    public async Task One_address_for_two_domains_gets_one_report_that_names_both()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var brand = new SigningSender(app.Zone, "brand.example");
        var platform = new SigningSender(app.Zone, "platform.example");
        await app.ClaimAsync("brand.example", "owner@mail.example", "fbl@platform.example");
        await app.ClaimAsync("platform.example", "owner@mail.example", "fbl@PLATFORM.example");

        await app.InStateAsync(await app.PressAsync(platform.Sign(brand.Newsletter("one"))), KeptState.Counted);

        Assert.Equal(["brand.example", "platform.example"], (await app.ReportToAsync("fbl@platform.example")).Report.ReportedDomain.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_accounts_with_the_same_domain_both_get_the_report_and_the_complaint_counts_once()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "one@mail.example", "one@owner.example");
        await app.ClaimAsync("owner.example", "two@mail.example", "two@owner.example");

        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one")), KeptState.Counted);
        var (_, first) = await app.ReportToAsync("one@owner.example");
        var (_, second) = await app.ReportToAsync("two@owner.example");

        Assert.Equal(1, await app.CountAsync("owner.example"));
        Assert.NotEqual(first.OriginalRcptTo, second.OriginalRcptTo); // a key of its own for each owner
    }

    [Fact]
    public async Task A_parent_covers_subdomains_until_another_account_proves_one()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "mail.owner.example");
        await app.ClaimAsync("owner.example", "parent@mail.example", "fbl@owner.example");

        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one")), KeptState.Counted);
        await app.MailInStateAsync("fbl@owner.example", OutboxState.Sent);
        await app.ClaimAsync("mail.owner.example", "child@mail.example", "fbl@mail.owner.example");
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("two")), KeptState.Counted);
        await app.MailInStateAsync("fbl@mail.owner.example", OutboxState.Sent);

        Assert.Equal(1, await app.CountAsync("owner.example"));
        Assert.Equal(1, await app.CountAsync("mail.owner.example"));
        Assert.Equal(["owner.example"], Assert.Single(app.ReportsTo("fbl@owner.example")).Report.ReportedDomain);
    }

    [Fact]
    public async Task A_claim_without_a_confirmed_address_is_counted_and_gets_no_mail()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        DomainClaim claim = await app.ClaimAsync("owner.example", "owner@mail.example");
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.FeedbackAddresses.Add(new FeedbackAddress
            {
                ClaimId = claim.Id,
                Address = "fbl@owner.example",
                RateKey = "fbl@owner.example",
                RequestedBy = claim.OwnerId,
                RequestedAt = app.Time.GetUtcNow(),
            });
            await db.SaveChangesAsync();
        }

        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one")), KeptState.Counted);

        await using PostmasterDb check = await app.OpenDbAsync();
        Assert.Equal(0, await check.Outbox.CountAsync());
    }

    [Fact]
    public async Task The_day_of_a_count_is_the_UTC_day_of_the_press()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example");

        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one"), at: new DateTimeOffset(2026, 3, 1, 0, 30, 0, TimeSpan.FromHours(2))), KeptState.Counted);

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal((new DateOnly(2026, 2, 28), 1), Assert.Single(await PressKit.DaysAsync(db, "owner.example")));
    }
}
