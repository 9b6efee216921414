using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>What is held back is told on the pages and can be fetched there by those whose domain it is, and by nobody else.</summary>
public sealed class HeldPagesTests
{
    private const string Owner = "owner@mail.example", Address = "fbl@owner.example";

    [Fact]
    public async Task The_owner_sees_what_is_held_back_and_fetches_it_and_nobody_else_does()
    {
        var relay = new ScriptedRelay();
        await using PostmasterApp app = await PostmasterApp.StartAsync(
            PressKit.Settings(("Reports:MaxPerAddressPerDay", "1"), ("Relay:Connections", "1")), builder => builder.Services.Replace(ServiceDescriptor.Singleton<IMailRelay>(relay)));
        DomainClaim claim = await app.ClaimAsync("owner.example", Owner, Address);
        PortalUser rita = await app.EnsureUserAsync("rita@mail.example");
        await using (PostmasterDb db = await app.OpenDbAsync())
        {
            db.Members.Add(new DomainMember { ClaimId = claim.Id, UserId = rita.Id, Role = MemberRole.Reader, CreatedAt = app.Time.GetUtcNow() });
            await db.SaveChangesAsync();
        }

        await app.ClaimAsync("rival.example", "rival@mail.example", "fbl@rival.example");
        var sender = new SigningSender(app.Zone, "owner.example");
        foreach (string name in (string[])["one", "two"])
            await app.InStateAsync(await app.PressAsync(sender.Newsletter(name)), KeptState.Counted);
        Guid held = Guid.Empty;
        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await app.OpenDbAsync();
            held = await db.ReportDeliveries.Where(d => db.Outbox.Any(m => m.Id == d.OutboxId && m.HeldBy == OutboxHold.AddressDay)).Select(d => d.ComplaintId).FirstOrDefaultAsync();
            return held != Guid.Empty;
        }, () => "nothing is held back");

        using PortalVisitor owner = await app.SignedInAsync(Owner), rival = await app.SignedInAsync("rival@mail.example"), op = await app.SignedInAsync("op@provider.example", isOperator: true);
        using var nobody = new PortalVisitor(app.Address);
        foreach (string path in (string[])["/domains/owner.example/feedback", "/domains/owner.example/complaints?state=queued"])
            Assert.Contains("1 complaint waits", (await owner.GetAsync(path)).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("held back", (await rival.GetAsync("/domains/rival.example/feedback")).Text, StringComparison.Ordinal);
        Assert.Contains("held back by a limit", (await op.GetAsync("/operator/queue")).Text, StringComparison.Ordinal);
        Assert.Contains("Download the report", (await owner.GetAsync($"/domains/owner.example/complaints/{held}")).Text, StringComparison.Ordinal);

        var file = new Uri($"/domains/owner.example/complaints/{held}/report.eml", UriKind.Relative);
        byte[] octets = await owner.Http.GetByteArrayAsync(file);
        Assert.True(FeedbackReportReader.TryRead(MessageReader.Read(octets), out FeedbackReport? report, out _));
        Assert.Equal("owner.example", Assert.Single(report.ReportedDomain));
        Assert.DoesNotContain(PressKit.Mailbox, Encoding.Latin1.GetString(octets), StringComparison.Ordinal);
        using PortalVisitor reader = await app.SignedInAsync("rita@mail.example");
        PortalPage seen = await reader.GetAsync($"/domains/owner.example/complaints/{held}");
        Assert.Contains("Message-ID", seen.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Download the report", seen.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await reader.Http.GetAsync(file)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await rival.Http.GetAsync(file)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await op.Http.GetAsync(file)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await rival.Http.GetAsync(new Uri($"/domains/rival.example/complaints/{held}/report.eml", UriKind.Relative))).StatusCode);
        HttpResponseMessage turnedAway = await nobody.Http.GetAsync(file);
        Assert.NotEqual(HttpStatusCode.OK, turnedAway.StatusCode);
    }
}
