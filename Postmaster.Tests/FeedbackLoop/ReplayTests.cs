using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>Reports that are sent once more, and reports to try one's programs with.</summary>
public sealed class ReplayTests
{
    private const string Address = "fbl@owner.example", Owner = "owner@mail.example";

    private static async Task<(PostmasterApp App, SigningSender Sender, DomainClaim Claim, Complaint Complaint)> StartAsync(string? address = Address)
    {
        PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        DomainClaim claim = await app.ClaimAsync("owner.example", Owner, address);
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one")), KeptState.Counted);
        if (address is not null)
            await app.MailInStateAsync(address, OutboxState.Sent);
        await using PostmasterDb db = await app.OpenDbAsync();
        return (app, sender, claim, await db.Complaints.AsNoTracking().SingleAsync());
    }

    private static async Task<ReplayOutcome> ReplayAsync(PostmasterApp app, DomainClaim claim, params Guid[] complaints) =>
        await app.Services.GetRequiredService<ReplayStore>().ReplayAsync(claim.Id, claim.OwnerId, complaints, CancellationToken.None);

    private static List<RawMessage> MailsTo(PostmasterApp app, string to) =>
        [.. app.RelayedMails().Where(m => string.Equals(m.To, to, StringComparison.Ordinal)).Select(m => MessageReader.Read(m.Bytes))];

    [Fact]
    public async Task A_report_is_sent_once_more_under_a_mark_and_its_page_says_so()
    {
        var (app, _, claim, complaint) = await StartAsync();
        await using PostmasterApp __ = app;
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        string path = $"/domains/owner.example/complaints/{complaint.Id}";

        PortalPage after = await owner.SubmitAsync(await owner.GetAsync(path), "form:has(input[value=again])");
        Assert.Contains("on its way", after.Text, StringComparison.Ordinal);
        await PressKit.EventuallyAsync(() => Task.FromResult(MailsTo(app, Address).Count == 2), () => "the report did not come again");

        List<RawMessage> mails = MailsTo(app, Address);
        Assert.Single(mails, m => m.Headers.First(ReportComposer.ReplayField)?.Unfolded is "yes");
        Assert.Equal(2, mails.Select(m => m.Headers.First("Message-ID")!.Unfolded).Distinct(StringComparer.Ordinal).Count());
        Assert.Contains("sent again on request", (await owner.GetAsync(path)).Text, StringComparison.Ordinal);
        Assert.Contains("had reports sent again", (await owner.GetAsync("/domains/owner.example/history")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_message_a_report_cannot_be_sent_again()
    {
        var (app, _, claim, complaint) = await StartAsync();
        await using PostmasterApp __ = app;
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.KeptBodies.ExecuteDeleteAsync();

        ReplayOutcome outcome = await ReplayAsync(app, claim, complaint.Id);

        Assert.Equal((0, 1), (outcome.Queued, outcome.Gone));
    }

    [Fact]
    public async Task A_complaint_of_last_month_is_not_told_of_again()
    {
        var (app, _, claim, complaint) = await StartAsync();
        await using PostmasterApp __ = app;
        app.Time.Advance(ReplayStore.Window + TimeSpan.FromMinutes(1));

        ReplayOutcome outcome = await ReplayAsync(app, claim, complaint.Id);

        Assert.Equal((0, 1), (outcome.Queued, outcome.Gone));
    }

    [Fact]
    public async Task Only_the_confirmed_address_gets_it_and_nobody_without_one()
    {
        var (app, _, claim, complaint) = await StartAsync(address: null);
        await using PostmasterApp __ = app;
        Assert.Equal(SendRefusal.NoAddress, (await ReplayAsync(app, claim, complaint.Id)).Refusal);
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.FeedbackAddresses.Add(new FeedbackAddress { ClaimId = claim.Id, Address = Address, RateKey = Address, RequestedBy = claim.OwnerId, RequestedAt = app.Time.GetUtcNow() });
            await db.SaveChangesAsync();
        }

        Assert.Equal(SendRefusal.NoAddress, (await ReplayAsync(app, claim, complaint.Id)).Refusal);
        await using (PostmasterDb db = await app.OpenDbAsync())
            await db.FeedbackAddresses.ExecuteUpdateAsync(set => set.SetProperty(a => a.ConfirmedAt, app.Time.GetUtcNow()));

        // What was counted before the address was confirmed can be fetched.
        Assert.Equal(1, (await ReplayAsync(app, claim, complaint.Id)).Queued);
        await app.MailInStateAsync(Address, OutboxState.Sent);
    }

    [Fact]
    public async Task Another_claim_s_complaints_are_not_sent_however_their_ids_were_learned()
    {
        var (app, _, _, complaint) = await StartAsync();
        await using PostmasterApp __ = app;
        DomainClaim other = await app.ClaimAsync("other.example", "eve@evil.example", "fbl@evil.example");

        ReplayOutcome outcome = await ReplayAsync(app, other, complaint.Id);

        Assert.Equal(0, outcome.Queued);
        Assert.Empty(MailsTo(app, "fbl@evil.example"));
    }

    [Fact]
    public async Task Chosen_complaints_are_marked_and_all_of_a_filter_are_sent_again()
    {
        var (app, sender, _, _) = await StartAsync();
        await using PostmasterApp __ = app;
        foreach (string name in (string[])["two", "three"])
            await app.InStateAsync(await app.PressAsync(sender.Newsletter(name)), KeptState.Counted);
        await PressKit.EventuallyAsync(() => Task.FromResult(MailsTo(app, Address).Count == 3), () => "not all reports came");
        using PortalVisitor owner = await app.SignedInAsync(Owner);
        PortalPage list = await owner.GetAsync("/domains/owner.example/complaints?range=7d");
        string chosen = list.Document.QuerySelector("input[name=chosen]")!.GetAttribute("value")!;

        PortalPage marked = await owner.FollowAsync(await owner.PostAsync(list, "form:has(select[name=act])", ("chosen", chosen), ("act", "handled")));
        Assert.Contains("1 complaint marked as handled", marked.Text, StringComparison.Ordinal);
        Assert.Contains("1 complaint in", (await owner.GetAsync("/domains/owner.example/complaints?range=7d&handled=yes")).Text, StringComparison.Ordinal);
        PortalPage unhandled = await owner.GetAsync("/domains/owner.example/complaints?range=7d&handled=no");
        await owner.PostAsync(unhandled, "form:has(input[value=all])");

        await PressKit.EventuallyAsync(() => Task.FromResult(MailsTo(app, Address).Count == 5), () => $"{MailsTo(app, Address).Count} mails came");
    }

    [Fact]
    public async Task A_test_report_says_that_it_is_one_and_can_be_asked_for_only_so_often()
    {
        var (app, _, claim, _) = await StartAsync();
        await using PostmasterApp __ = app;
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.SubmitAsync(await owner.GetAsync("/domains/owner.example/feedback"), "form:has(input[value=test-report])");
        Assert.Contains("The test report is on its way", page.Text, StringComparison.Ordinal);
        await PressKit.EventuallyAsync(() => Task.FromResult(MailsTo(app, Address).Count == 2), () => "the test report did not come");
        RawMessage mail = Assert.Single(MailsTo(app, Address), m => m.Headers.First(ReportComposer.TestField) is not null);

        Assert.Contains("THIS IS A TEST", Encoding.Latin1.GetString(mail.Bytes.Span), StringComparison.Ordinal);
        Assert.NotNull(mail.Headers.First("List-Unsubscribe"));
        Assert.Equal(SendRefusal.TooMany, await app.Services.GetRequiredService<ReplayStore>().TestAsync(claim.Id, CancellationToken.None));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.Complaints.CountAsync());
    }
}
