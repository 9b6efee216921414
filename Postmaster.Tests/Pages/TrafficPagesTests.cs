using System.Net;
using Microsoft.EntityFrameworkCore;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

public sealed class TrafficPagesTests
{
    private const string Owner = "owner@news.example", Domain = "news.example";

    [Fact]
    public async Task What_few_people_did_is_hidden_with_how_far_off_it_is_and_volumes_are_not()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        TrafficSeed seed = await ClaimedAsync(app);
        int whole = await seed.StreamAsync(Domain, StreamKind.Whole), list = await seed.StreamAsync(Domain, StreamKind.ListId, "weekly.news.example");
        foreach (int stream in (int[])[whole, list])
            await seed.CountAsync(stream, 1, 12, (TrafficCounter.DeliveredInbox, 4321), (TrafficCounter.Complaint, 77), (TrafficCounter.Read, 76), (TrafficCounter.RejectedUnknownUser, 55));
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        foreach (string path in (string[])["", "/streams", "/delivery", $"/streams/{list}"])
        {
            PortalPage page = await owner.GetAsync($"/domains/{Domain}{path}");
            Assert.Contains("only 12 recipients, shown from 20 on", page.Text, StringComparison.Ordinal);
            Assert.Contains("4,321", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("77", page.Text, StringComparison.Ordinal);
        }

        string csv = await owner.Http.GetStringAsync(new Uri($"/domains/{Domain}/numbers/days.csv?range=7d", UriKind.Relative));
        Assert.Contains("4321", csv, StringComparison.Ordinal);
        Assert.Contains("hidden (12 of 20 recipients)", csv, StringComparison.Ordinal);
        Assert.DoesNotContain(",77,", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_day_of_which_nobody_told_is_no_data_and_a_day_without_mail_is_zero()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        TrafficSeed seed = await ClaimedAsync(app, except: 3);
        await seed.UsualDayAsync(await seed.StreamAsync(Domain, StreamKind.Whole), 1, 900, 1);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync($"/domains/{Domain}/delivery?range=7d");

        string[] inbox = [.. page.Document.QuerySelectorAll("section:has(#volume) tbody tr td:nth-child(2)").Select(c => c.TextContent)];
        Assert.Equal("0, 810, 0, no data, 0, 0, 0", string.Join(", ", inbox));
        Assert.Contains("feeder mx1 told nothing on", page.Text, StringComparison.Ordinal);
        string[] csv = (await owner.Http.GetStringAsync(new Uri($"/domains/{Domain}/numbers/days.csv?range=7d", UriKind.Relative))).Split("\r\n");
        Assert.Contains(",no,,", csv[4], StringComparison.Ordinal);
        Assert.Contains(",yes,810,", csv[6], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feeder_that_stopped_is_named()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        TrafficSeed seed = await ClaimedAsync(app);
        await seed.FeederAsync("mx-two", 20, silent: true);
        await seed.UsualDayAsync(await seed.StreamAsync(Domain, StreamKind.Whole), 1, 900, 1);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync($"/domains/{Domain}");

        Assert.Contains("not complete: feeder mx-two silent since", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(", complete", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trap_hits_come_late_and_as_a_word()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        TrafficSeed seed = await ClaimedAsync(app);
        int whole = await seed.StreamAsync(Domain, StreamKind.Whole);
        await seed.CountAsync(whole, 0, 100, (TrafficCounter.DeliveredInbox, 9000), (TrafficCounter.Trap, 6543));
        await seed.CountAsync(whole, 5, 100, (TrafficCounter.DeliveredInbox, 9000), (TrafficCounter.Trap, 37));
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync($"/domains/{Domain}");
        Assert.Equal("tens", page.Document.QuerySelectorAll(".key-numbers dd").Select(d => d.FirstChild!.TextContent).ElementAt(3));
        foreach (string path in (string[])["", "/delivery", "/numbers/days.csv"])
        {
            string text = await owner.Http.GetStringAsync(new Uri($"/domains/{Domain}{path}", UriKind.Relative));
            Assert.DoesNotContain("6543", text, StringComparison.Ordinal);
            Assert.DoesNotContain("6,543", text, StringComparison.Ordinal);
        }

        Assert.Contains("none or very few", (await owner.GetAsync($"/domains/{Domain}/delivery?range=7d&from={Day(app, 1)}&to={Day(app, 0)}")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_beyond_the_limit_are_said_to_be_counted_together()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        TrafficSeed seed = await ClaimedAsync(app);
        await seed.UsualDayAsync(await seed.StreamAsync(Domain, StreamKind.Feedback1, "spring"), 1, 500, 0);
        await seed.UsualDayAsync(await seed.StreamAsync(Domain, StreamKind.Feedback1, MailStream.Other), 1, 9000, 0);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        PortalPage page = await owner.GetAsync($"/domains/{Domain}/streams?kind=feedback-1");

        Assert.Equal(["spring", "Other"], page.Document.QuerySelectorAll("table.streams tbody th :is(a, span:not(.note))").Select(c => c.TextContent.Trim()));
        Assert.Contains("counted together as “Other”", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_whose_name_is_a_formula_stays_text_in_a_spreadsheet_and_on_the_page()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        TrafficSeed seed = await ClaimedAsync(app);
        foreach (string evil in (string[])["=hyperlink(\"http://evil.example\")", "@sum(a1)", "+1+cmd", "-1+cmd", "<script>alert(1)</script>"])
            await seed.UsualDayAsync(await seed.StreamAsync(Domain, StreamKind.ListId, evil), 1, 500, 0);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        using HttpResponseMessage answer = await owner.Http.GetAsync(new Uri($"/domains/{Domain}/numbers/streams.csv?kind=list-id", UriKind.Relative));
        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        string[] rows = [.. (await answer.Content.ReadAsStringAsync()).Split("\r\n").Skip(1)];
        Assert.DoesNotContain(rows, r => r.TrimStart('"') is ['=' or '@' or '+' or '-', ..]);
        Assert.Empty((await owner.GetAsync($"/domains/{Domain}/streams")).Document.QuerySelectorAll("main script"));
    }

    [Fact]
    public async Task The_owner_names_a_stream_and_an_operator_overrules_its_mail_type()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        TrafficSeed seed = await ClaimedAsync(app);
        int list = await seed.StreamAsync(Domain, StreamKind.ListId, "weekly.news.example");
        await seed.UsualDayAsync(list, 1, 900, 1);
        using PortalVisitor owner = await app.SignedInAsync(Owner), op = await app.SignedInAsync("op@provider.example", isOperator: true);

        PortalPage named = await owner.SubmitAsync(await owner.GetAsync($"/domains/{Domain}/streams/{list}"), "form:has(#title)", ("Title", "The weekly\u202E"), ("Type", "Transactional"));
        Assert.Contains("Saved", named.Text, StringComparison.Ordinal);
        Assert.Contains("mail type: transactional", named.Text, StringComparison.Ordinal);
        PortalPage overruled = await op.SubmitAsync(await op.GetAsync($"/operator/streams/{list}"), "form:has(#type)", ("Type", "Marketing"));
        Assert.Contains("Saved", overruled.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await owner.GetAsync($"/operator/streams/{list}")).Status);

        PortalPage after = await owner.GetAsync($"/domains/{Domain}/streams");
        Assert.Contains("marketing", after.Document.QuerySelector("table.streams tbody")!.TextContent, StringComparison.Ordinal);
        await using PostmasterDb db = await app.OpenDbAsync();
        MailStream row = await db.MailStreams.SingleAsync(s => s.Id == list);
        Assert.Equal((MailType.Transactional, MailType.Marketing, "The weekly\uFFFD"), (row.OwnerType, row.OperatorType, row.Title));
    }

    [Fact]
    public async Task A_stream_of_another_domain_is_not_there()
    {
        await using PostmasterApp app = await PortalSeed.StartAsync();
        TrafficSeed seed = await ClaimedAsync(app);
        int foreign = await seed.StreamAsync("other.example", StreamKind.ListId, "secret-list");
        await seed.UsualDayAsync(foreign, 1, 900, 1);
        using PortalVisitor owner = await app.SignedInAsync(Owner);

        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync($"/domains/{Domain}/streams/{foreign}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync($"/domains/{Domain}/numbers/streams/{foreign}.csv")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync("/domains/other.example/streams")).Status);
    }

    private static async Task<TrafficSeed> ClaimedAsync(PostmasterApp app, params int[] except)
    {
        await new PortalSeed(app).ClaimAsync(Owner, Domain, feedback: "fbl@news.example");
        var seed = new TrafficSeed(app);
        await seed.FeederAsync("mx1", 30, silent: false, except);
        return seed;
    }

    private static string Day(PostmasterApp app, int ago) => app.Time.GetUtcNow().AddDays(-ago).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
