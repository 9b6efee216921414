using System.Net;
using System.Text;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

public sealed class OperatorPagesTests
{
    private const string Staff = "op@provider.example";

    [Fact]
    public async Task The_first_page_says_at_a_glance_whether_the_service_is_well()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        using PortalVisitor staff = await app.SignedInAsync(Staff, isOperator: true);
        Assert.Contains("Everything moves", (await staff.GetAsync("/operator")).Text, StringComparison.Ordinal);

        await seed.KeptAsync(KeptState.Kept, null);
        await seed.KeptAsync(KeptState.Held, "Held");
        await seed.KeptAsync(KeptState.Unvouched, "Who?");
        await seed.MailAsync(OutboxState.Queued, "a@news.example", "451 4.3.0 try later");
        await seed.MailAsync(OutboxState.Failed, "b@news.example", "550 no");
        app.Time.Advance(TimeSpan.FromHours(2));
        await seed.UnattributedAsync(17);
        PortalPage page = await staff.GetAsync("/operator");

        foreach (string words in (string[])["Complaints wait", "Mail waits", "451 4.3.0 try later", "1 mail was given up on", "Unvouched", "Unattributed today (UTC)17"])
            Assert.Contains(words, page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_complaint_that_came_in_can_be_looked_at_without_the_mailbox()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        byte[] message = Encoding.Latin1.GetBytes(
            "Delivered-To: Alice.Secret@provider.example\r\nReturn-Path: <bounce+alice.secret=provider.example@esp.example>\r\nSubject: <script>alert(1)</script>\r\n" +
            $"X-Bomb: {new string('x', 40_000)}\r\n\r\nbody text\r\n");
        KeptComplaint unvouched = await seed.KeptAsync(KeptState.Unvouched, "<script>alert(1)</script>", message, "alice.secret@provider.example", "nobody\u001b[31m says who");
        await seed.KeptAsync(KeptState.Unreadable, null, problem: "no message in it");
        using PortalVisitor staff = await app.SignedInAsync(Staff, isOperator: true);

        PortalPage list = await staff.GetAsync("/operator/complaints?state=unvouched&door=lmtp");
        Assert.Single(list.Document.QuerySelectorAll("table.data tbody tr"));
        Assert.Contains("<script>alert(1)</script>", list.Text, StringComparison.Ordinal);
        Assert.Empty((await staff.GetAsync("/operator/complaints?door=http")).Document.QuerySelectorAll("table.data"));

        PortalPage page = await staff.GetAsync($"/operator/complaints/{unvouched.Id}");
        string header = page.Document.QuerySelector("pre.mail-header")!.TextContent;
        Assert.Contains("Delivered-To: [mailbox]", header, StringComparison.Ordinal);
        Assert.Contains("<bounce+[mailbox]@esp.example>", header, StringComparison.Ordinal);
        Assert.DoesNotContain("alice.secret", page.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("body text", page.Html, StringComparison.Ordinal);
        Assert.Contains("the header goes on", page.Text, StringComparison.Ordinal);
        Assert.Empty(page.Document.QuerySelectorAll("main script"));
        Assert.DoesNotContain('\u001b', page.Html);
        Assert.InRange(page.Html.Length, 1, 60 * 1024);
        Assert.Equal(HttpStatusCode.NotFound, (await staff.GetAsync($"/operator/complaints/{Guid.NewGuid()}")).Status);
    }

    [Fact]
    public async Task A_waiting_mail_can_be_hurried_and_taken_out_of_the_queue()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        OutboxMessage waiting = await seed.MailAsync(OutboxState.Queued, "a@news.example", "451 4.3.0 try later");
        OutboxMessage failed = await seed.MailAsync(OutboxState.Failed, "b@news.example", "550 no");
        OutboxMessage sent = await seed.MailAsync(OutboxState.Sent, "c@news.example");
        using PortalVisitor staff = await app.SignedInAsync(Staff, isOperator: true);

        PortalPage queue = await staff.GetAsync("/operator/queue");
        Assert.Equal(3, queue.Document.QuerySelectorAll("table.data tbody tr").Length);
        PortalPage hurried = await staff.SubmitAsync(queue, "form[method=post]:not(.theme-switch)", ("retry", waiting.Id.ToString()));
        Assert.Contains("The mail is due now", hurried.Text, StringComparison.Ordinal);
        Assert.True((await ReadAsync(app, waiting)).DueAt <= seed.Now);

        await staff.SubmitAsync(queue, "form[method=post]:not(.theme-switch)", ("retry", failed.Id.ToString()));
        Assert.Equal((OutboxState.Queued, (DateTimeOffset?)null), ((await ReadAsync(app, failed)).State, (await ReadAsync(app, failed)).EndedAt));

        PortalPage cancelled = await staff.SubmitAsync(queue, "form[method=post]:not(.theme-switch)", ("cancel", waiting.Id.ToString()));
        Assert.Contains("will not be sent", cancelled.Text, StringComparison.Ordinal);
        OutboxMessage gone = await ReadAsync(app, waiting);
        Assert.Equal(OutboxState.Cancelled, gone.State);
        Assert.Null(gone.SealedContent);

        PortalPage late = await staff.SubmitAsync(queue, "form[method=post]:not(.theme-switch)", ("cancel", sent.Id.ToString()));
        Assert.Contains("Nothing was changed", late.Text, StringComparison.Ordinal);
        Assert.Equal(OutboxState.Sent, (await ReadAsync(app, sent)).State);
    }

    [Fact]
    public async Task A_mail_that_is_being_sent_right_now_is_left_alone()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        OutboxMessage leased = await seed.MailAsync(OutboxState.Queued, "a@news.example");
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.Attach(leased).Entity.LeaseUntil = seed.Now.AddMinutes(5);
            await db.SaveChangesAsync();
        }

        using PortalVisitor staff = await app.SignedInAsync(Staff, isOperator: true);
        PortalPage queue = await staff.GetAsync("/operator/queue");
        PortalPage late = await staff.SubmitAsync(queue, "form[method=post]:not(.theme-switch)", ("cancel", leased.Id.ToString()));
        Assert.Contains("Nothing was changed", late.Text, StringComparison.Ordinal);
        Assert.Equal(OutboxState.Queued, (await ReadAsync(app, leased)).State);
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_changes_nothing()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        OutboxMessage waiting = await new PortalSeed(app).MailAsync(OutboxState.Queued, "a@news.example");
        using PortalVisitor staff = await app.SignedInAsync(Staff, isOperator: true);
        using var forged = new FormUrlEncodedContent([new("_handler", "queue"), new("cancel", waiting.Id.ToString())]);

        using HttpResponseMessage answer = await staff.Http.PostAsync(new Uri("/operator/queue", UriKind.Relative), forged);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(OutboxState.Queued, (await ReadAsync(app, waiting)).State);
    }

    [Fact]
    public async Task The_claims_of_every_account_are_listed_and_found()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        var seed = new PortalSeed(app);
        await seed.ClaimAsync("owner@news.example", "news.example", feedback: "fbl@news.example");
        await seed.ClaimAsync("owner@esp.example", "news.example", feedback: "fbl@esp.example", confirmed: false);
        await seed.ClaimAsync("owner@esp.example", "xn--bcher-kva.example", ClaimState.Pending);
        await seed.CountAsync("news.example", 3, 1204);
        using PortalVisitor staff = await app.SignedInAsync(Staff, isOperator: true);

        PortalPage all = await staff.GetAsync("/operator/domains");
        Assert.Equal(3, Rows(all));
        foreach (string words in (string[])["1,204", "Not confirmed yet", "bücher.example", "owner@esp.example", "no data"])
            Assert.Contains(words, all.Text, StringComparison.Ordinal);
        Assert.Equal(1, Rows(await staff.GetAsync("/operator/domains?q=b%C3%BCcher.example")));
        Assert.Equal(2, Rows(await staff.GetAsync("/operator/domains?q=esp.example")));
        Assert.Equal(1, Rows(await staff.GetAsync("/operator/domains?state=pending")));
        Assert.Equal(0, Rows(await staff.GetAsync("/operator/domains?q=nobody")));
    }

    [Fact]
    public async Task Only_operators_see_the_operator_s_pages()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        OutboxMessage waiting = await new PortalSeed(app).MailAsync(OutboxState.Queued, "a@news.example");
        using PortalVisitor owner = await app.SignedInAsync("owner@news.example");
        using PortalVisitor anonymous = app.NewVisitor();
        foreach (string path in (string[])["/operator", "/operator/complaints", $"/operator/complaints/{Guid.NewGuid()}", "/operator/queue", "/operator/domains"])
        {
            PortalPage refused = await owner.GetAsync(path);
            Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
            Assert.DoesNotContain(waiting.To, refused.Html, StringComparison.Ordinal);
            Assert.Equal("/sign-in", (await anonymous.GetAsync(path)).Address.AbsolutePath);
        }
    }

    private static int Rows(PortalPage page) => page.Document.QuerySelectorAll("table.data tbody tr").Length;

    private static async Task<OutboxMessage> ReadAsync(PostmasterApp app, OutboxMessage mail)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return (await db.Outbox.FindAsync(mail.Id))!;
    }
}
