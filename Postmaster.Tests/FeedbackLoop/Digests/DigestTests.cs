using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.FeedbackLoop.Digests;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop.Digests;

/// <summary>The day's complaints in one mail: to whom, when, what it tells, how it ends.</summary>
public sealed class DigestTests
{
    private const string Domain = "owner.example", Owner = "ann@owner.example", Fbl = "fbl@owner.example", Page = "/domains/owner.example/feedback/digest";

    [Fact]
    public async Task The_confirmed_feedback_address_gets_a_digest_with_a_table_and_leaves_it_by_one_click()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        await app.ClaimAsync(Domain, Owner, Fbl);
        var sender = new SigningSender(app.Zone, Domain);
        using PortalVisitor ann = await app.SignedInAsync(Owner);
        Assert.Contains("Saved", (await ann.SubmitAsync(await ann.GetAsync(Page), "form:has(#hour)", ("Hour", "7"))).Text, StringComparison.Ordinal);
        string list = "List-Id: <weekly.owner.example>\r\n";
        foreach ((string name, string fields) in ((string, string)[])[("one", list), ("two", list), ("three", "")])
            await app.InStateAsync(await app.PressAsync(sender.Newsletter(name, fields: fields)), KeptState.Counted);

        RawMessage mail = await DigestAsync(app, Fbl, 1);
        Assert.StartsWith("3 complaints about owner.example until ", mail.Headers.First("Subject")!.Decoded, StringComparison.Ordinal);
        string text = Decoded(mail.Root.Parts[0]), table = Decoded(mail.Root.Parts[1]);
        Assert.Contains("3 more than the day before, which had 0.", text, StringComparison.Ordinal);
        Assert.Contains("     2  weekly.owner.example", text, StringComparison.Ordinal);
        Assert.Contains("     3  abuse", text, StringComparison.Ordinal);
        Assert.Contains("- three@owner.example", text, StringComparison.Ordinal);
        Assert.Equal("text/csv", mail.Root.Parts[1].ContentType.ToString());
        Assert.StartsWith("id,feedback_type,domain,", table, StringComparison.Ordinal);
        Assert.Equal(4, table.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("@provider.example,one@owner.example,weekly.owner.example", table, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", text + table, StringComparison.OrdinalIgnoreCase);

        var signer = app.Services.GetRequiredService<ProviderSigner>();
        app.Zone.AddTxt(signer.TxtName, await signer.TxtValueAsync(default));
        DkimResult signed = Assert.Single(await new DkimVerifier(app.Zone).VerifyAsync(mail, app.Time.GetUtcNow(), default));
        Assert.Equal(DkimStatus.Pass, signed.Status);
        Assert.Contains("list-unsubscribe-post", signed.SignedFields, StringComparer.OrdinalIgnoreCase);
        Assert.Equal("List-Unsubscribe=One-Click", mail.Headers.First("List-Unsubscribe-Post")!.Unfolded);

        var leave = new Uri(mail.Headers.First("List-Unsubscribe")!.Unfolded.Trim('<', '>'));
        using PortalVisitor nobody = app.NewVisitor();
        Assert.Equal("End the daily digest?", (await nobody.GetAsync(leave.PathAndQuery)).Heading);
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(nobody, leave, ("List-Unsubscribe", "No")));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(nobody, new Uri(leave.ToString()[..^1] + (leave.ToString()[^1] == '0' ? '1' : '0')), ("List-Unsubscribe", "One-Click")));
        Assert.Null((await OnlyAsync(app)).EndedAt);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(nobody, leave, ("List-Unsubscribe", "One-Click")));
        Assert.NotNull((await OnlyAsync(app)).EndedAt);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(nobody, leave, ("List-Unsubscribe", "One-Click")));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(["asked for a daily digest", "ended the reports to the feedback address", "left the daily digest", "refused reports by invitation for ever"], (await db.AuditEntries.Select(a => a.What).ToListAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Another_address_gets_nothing_but_the_link_until_it_agrees()
    {
        const string Other = "boss@elsewhere.example";
        await using PostmasterApp app = await PressKit.StartAsync();
        await app.ClaimAsync(Domain, Owner);
        using PortalVisitor ann = await app.SignedInAsync(Owner), nobody = app.NewVisitor();
        await ann.SubmitAsync(await ann.GetAsync(Page), "form:has(#hour)", ("Address", Other));
        PortalMail link = await app.NextMailAsync(Other);
        await app.InStateAsync(await app.PressAsync(new SigningSender(app.Zone, Domain).Newsletter("one")), KeptState.Counted);
        app.Time.Advance(TimeSpan.FromDays(1));
        Assert.False(await app.Services.GetRequiredService<DigestWorker>().QueueAsync((await OnlyAsync(app)).Id, default));

        PortalPage asked = await nobody.GetAsync(link.LinkPath);
        Assert.Null((await OnlyAsync(app)).ConfirmedAt);
        Assert.Equal("The digest will be sent here", (await nobody.SubmitAsync(asked, "form:has(button.primary)")).Heading);
        await app.InStateAsync(await app.PressAsync(new SigningSender(app.Zone, Domain).Newsletter("two")), KeptState.Counted);
        RawMessage mail = await DigestAsync(app, Other, 1);
        Assert.Contains("two@owner.example", Decoded(mail.Root.Parts[0]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_refuses_is_not_asked_again()
    {
        const string Other = "boss@elsewhere.example";
        await using PostmasterApp app = await PressKit.StartAsync();
        DomainClaim claim = await app.ClaimAsync(Domain, Owner);
        var store = app.Services.GetRequiredService<DigestStore>();
        Assert.Equal(DigestRequest.Sent, await store.RequestAsync(claim.Id, claim.OwnerId, Other, 6, false, default));
        Assert.Equal(DigestRequest.TooMany, await store.RequestAsync(claim.Id, claim.OwnerId, Other, 6, false, default));
        using PortalVisitor nobody = app.NewVisitor();
        PortalPage asked = await nobody.GetAsync((await app.NextMailAsync(Other)).LinkPath);
        Assert.Equal("The request has ended", (await nobody.SubmitAsync(asked, "main form:not(:has(button.primary))")).Heading);
        app.Time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(DigestRequest.Declined, await store.RequestAsync(claim.Id, claim.OwnerId, Other, 6, false, default));
        Assert.Equal(DigestRequest.WouldLoop, await store.RequestAsync(claim.Id, claim.OwnerId, "spam@fbl.provider.example", 6, false, default));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 1)]
    public async Task A_day_without_complaints_is_silent_unless_the_owner_wants_it_told(bool alsoEmpty, int mails)
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        DomainClaim claim = await app.ClaimAsync(Domain, Owner, Fbl);
        Assert.Equal(DigestRequest.Begins, await app.Services.GetRequiredService<DigestStore>().RequestAsync(claim.Id, claim.OwnerId, Fbl, 6, alsoEmpty, default));
        Digest digest = await OnlyAsync(app);
        app.Time.Advance(digest.NextAt - app.Time.GetUtcNow() + TimeSpan.FromMinutes(2));
        await app.Services.GetRequiredService<DigestWorker>().QueueAsync(digest.Id, default);
        await PressKit.EventuallyAsync(async () => (await OnlyAsync(app)).NextAt > app.Time.GetUtcNow(), () => "its hour was not taken");
        Assert.Equal(mails, await DaysAsync(app));
        if (alsoEmpty)
            Assert.StartsWith("0 complaints", (await app.NextMailAsync(Fbl)).Subject, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_machines_send_one_digest_and_a_night_without_any_loses_nothing()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        DomainClaim claim = await app.ClaimAsync(Domain, Owner, Fbl);
        await app.Services.GetRequiredService<DigestStore>().RequestAsync(claim.Id, claim.OwnerId, Fbl, 6, false, default);
        var sender = new SigningSender(app.Zone, Domain);
        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one")), KeptState.Counted);
        await using PostmasterApp second = await app.StartSecondMachineAsync(PressKit.Settings());
        Digest digest = await OnlyAsync(app);
        app.Time.Advance(digest.NextAt - app.Time.GetUtcNow() + TimeSpan.FromMinutes(2));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => (i % 2 == 0 ? app : second).Services.GetRequiredService<DigestWorker>().QueueAsync(digest.Id, default))));
        Assert.Equal(1, await DaysAsync(app));

        await app.InStateAsync(await app.PressAsync(sender.Newsletter("two")), KeptState.Counted);
        app.Time.Advance(TimeSpan.FromDays(3));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => (i % 2 == 0 ? app : second).Services.GetRequiredService<DigestWorker>().QueueAsync(digest.Id, default))));
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal([1, 1], await db.DigestDays.OrderBy(d => d.Day).Select(d => d.Complaints).ToListAsync());
    }

    private static async Task<RawMessage> DigestAsync(PostmasterApp app, string to, int count)
    {
        Digest digest = await OnlyAsync(app);
        app.Time.Advance(digest.NextAt - app.Time.GetUtcNow() + TimeSpan.FromMinutes(2));
        await app.Services.GetRequiredService<DigestWorker>().QueueAsync(digest.Id, default);
        List<PortalMail> mails = [];
        await PressKit.EventuallyAsync(() =>
        {
            app.Wake();
            mails = [.. app.RelayedMails().Where(m => string.Equals(m.To, to, StringComparison.Ordinal) && (m.Subject.Contains(" complaints about", StringComparison.Ordinal) || m.Subject.Contains(" complaint about", StringComparison.Ordinal)))];
            return Task.FromResult(mails.Count == count);
        }, () => $"{mails.Count} digests came");
        return MessageReader.Read(mails[^1].Bytes);
    }

    private static async Task<Digest> OnlyAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.Digests.AsNoTracking().SingleAsync();
    }

    private static async Task<int> DaysAsync(PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.DigestDays.CountAsync();
    }

    private static async Task<HttpStatusCode> PostAsync(PortalVisitor visitor, Uri target, (string Name, string Value) field)
    {
        using var form = new FormUrlEncodedContent([new(field.Name, field.Value)]);
        return (await visitor.Http.PostAsync(new Uri(target.PathAndQuery, UriKind.Relative), form)).StatusCode;
    }

    private static string Decoded(MimePart part)
    {
        Assert.True(part.TryDecode(1 << 20, out byte[] content));
        return Encoding.UTF8.GetString(content);
    }
}
