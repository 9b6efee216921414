using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Support;
using Postmaster.Tests.Traffic;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Operations.Health;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Pages;

/// <summary>Operators give out tokens, take them back, and see who is silent.</summary>
public sealed class FeederPageTests
{
    private const string Staff = "op@provider.example", Create = "form[method=post]:has(#feeder-name)", End = "form[method=post]:has(table.data)";

    [Fact]
    public async Task A_token_is_shown_once_works_and_stands_in_the_database_as_a_hash()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        using PortalVisitor staff = await app.SignedInAsync(Staff, isOperator: true);
        PortalPage made = await staff.SubmitAsync(await staff.GetAsync("/operator/feeders"), Create, ("Create.Name", " mx1 rspamd "));
        string token = made.Document.QuerySelector("code.copy-value")!.TextContent;

        Assert.True(token.Length >= 40, token);
        PortalPage again = await staff.GetAsync("/operator/feeders");
        Assert.Contains("mx1 rspamd", again.Text, StringComparison.Ordinal);
        Assert.Contains("Never heard", again.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(token, again.Html, StringComparison.Ordinal);
        using HttpResponseMessage taken = await app.PostEventsAsync(app.Delivered("owner.example"), token: token);
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        await using PostmasterDb db = await app.OpenDbAsync();
        Feeder row = await db.Feeders.SingleAsync(f => f.Name == "mx1 rspamd");
        Assert.Equal(FeederQueries.HashToken(token), row.TokenHash);
        Assert.Equal(1, row.Events);
        Assert.Contains("Talks", (await staff.GetAsync("/operator/feeders")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ended_feeder_is_refused_and_its_name_gets_a_new_token()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        using PortalVisitor staff = await app.SignedInAsync(Staff, isOperator: true);
        string first = await MakeAsync(staff, "mx1");
        string id = (await staff.GetAsync("/operator/feeders")).Document.QuerySelector("button[name=end]")!.GetAttribute("value")!;
        PortalPage ended = await staff.SubmitAsync(await staff.GetAsync("/operator/feeders"), End, ("end", id));
        Assert.Contains("its token lets nobody in any more", ended.Text, StringComparison.Ordinal);
        Assert.Null(ended.Document.QuerySelector("button[name=end]"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(app, first));

        string second = await MakeAsync(staff, "mx1");
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await StatusAsync(app, first), await StatusAsync(app, second)));
    }

    [Theory]
    [InlineData("mx1")]
    [InlineData("Default")]
    [InlineData("milter")]
    [InlineData("a<b>")]
    [InlineData("mx\nforged line")]
    [InlineData("  ")]
    public async Task A_name_that_is_taken_or_no_name_is_refused(string name)
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        using PortalVisitor staff = await app.SignedInAsync(Staff, isOperator: true);
        await MakeAsync(staff, "mx1");
        PortalPage page = await staff.SubmitAsync(await staff.GetAsync("/operator/feeders"), Create, ("Create.Name", name));
        Assert.Null(page.Document.QuerySelector("code.copy-value"));
        Assert.NotNull(page.Document.QuerySelector("[role=alert]"));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.Feeders.CountAsync());
    }

    [Fact]
    public async Task Others_can_neither_see_the_feeders_nor_make_one()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        using PortalVisitor staff = await app.SignedInAsync(Staff, isOperator: true), owner = await app.SignedInAsync("ann@owner.example"), stranger = app.NewVisitor();
        Assert.Equal(HttpStatusCode.Forbidden, (await owner.GetAsync("/operator/feeders")).Status);
        Assert.Equal("/sign-in", (await stranger.GetAsync("/operator/feeders")).Address.AbsolutePath);
        PortalPage page = await staff.GetAsync("/operator/feeders");
        using HttpResponseMessage posted = await owner.PostAsync(page, Create, ("Create.Name", "mine"));
        Assert.NotEqual(HttpStatusCode.OK, posted.StatusCode);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Empty(await db.Feeders.ToListAsync());
    }

    [Fact]
    public async Task A_silent_feeder_is_named_on_the_pages_and_by_the_health_check()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        using PortalVisitor staff = await app.SignedInAsync(Staff, isOperator: true);
        await app.IngestAsync(app.Delivered("owner.example"));
        Assert.Contains("Everything moves", (await staff.GetAsync("/operator")).Text, StringComparison.Ordinal);
        Assert.Equal(FindingSeverity.Ok, (await HealthAsync(app)).Severity);

        app.Time.Advance(TimeSpan.FromHours(3));
        Assert.Contains("default has sent nothing for 3 h", (await staff.GetAsync("/operator")).Text, StringComparison.Ordinal);
        Assert.Contains("Silent", (await staff.GetAsync("/operator/feeders")).Text, StringComparison.Ordinal);
        HealthItem health = await HealthAsync(app);
        Assert.Equal((FindingSeverity.Warning, "silent: default for 3 hours (see /operator/feeders)"), (health.Severity, health.Text));
    }

    private static async Task<HealthItem> HealthAsync(PostmasterApp app)
    {
        var check = ActivatorUtilities.CreateInstance<HealthCheck>(app.Services, ActivatorUtilities.CreateInstance<RelayProbe>(app.Services));
        return (await check.RunAsync(CancellationToken.None)).Items.Single(i => i.Name is "feeders");
    }

    private static async Task<string> MakeAsync(PortalVisitor staff, string name) =>
        (await staff.SubmitAsync(await staff.GetAsync("/operator/feeders"), Create, ("Create.Name", name))).Document.QuerySelector("code.copy-value")!.TextContent;

    private static async Task<HttpStatusCode> StatusAsync(PostmasterApp app, string token)
    {
        using HttpResponseMessage answer = await app.PostEventsAsync(app.Delivered("owner.example"), token: token);
        return answer.StatusCode;
    }
}
