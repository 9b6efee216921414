using System.Net;
using System.Text;
using AngleSharp.Dom;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Samples;

/// <summary>The sample pages as a visitor without script uses them, and as those try whom a sample does not belong to.</summary>
public sealed class PagesTests
{
    [Fact]
    public async Task A_pasted_mail_gives_a_verdict_a_topic()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);

        PortalPage page = await owner.PasteAsync(PagesKit.Text(PagesKit.Mail(app)));

        Assert.Contains("Offer one", page.Text, StringComparison.Ordinal);
        IElement dkim = page.Document.QuerySelector("details#dkim")!;
        Assert.Equal("Good", dkim.QuerySelector("summary .badge")!.TextContent);
        Assert.False(dkim.HasAttribute("open"));
        PortalPage list = await owner.GetAsync("/samples");
        Assert.Contains("Offer one", list.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_uploaded_mail_keeps_its_octets_and_a_broken_one_opens_with_the_octets_marked()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        byte[] mail = PagesKit.Mail(app);

        PortalPage good = await owner.UploadAsync(mail);
        Assert.Equal("Good", good.Document.QuerySelector("details#dkim summary .badge")!.TextContent);

        PortalPage broken = await owner.UploadAsync([.. mail, .. "a footer that was not signed\r\n"u8]);
        IElement dkim = broken.Document.QuerySelector("details#dkim")!;
        Assert.True(dkim.HasAttribute("open"));
        Assert.NotEqual("Good", dkim.QuerySelector("summary .badge")!.TextContent);
        Assert.NotEmpty(dkim.QuerySelectorAll("pre.evidence mark"));
        Assert.Contains("RFC 6376", dkim.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_token_is_refused()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);

        Assert.Equal(HttpStatusCode.BadRequest, (await owner.UploadAsync(PagesKit.Mail(app), withToken: false)).Status);

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(0, await db.Samples.CountAsync());
    }

    [Theory]
    [InlineData("", "There was no mail")]
    [InlineData("just words, no header", "no header of a mail")]
    public async Task What_is_no_mail_is_refused_in_words(string text, string words)
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        Assert.Contains(words, (await owner.PasteAsync(text)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3000)] // larger than a mail may be
    [InlineData(200_000)] // larger than the form may be
    public async Task What_is_too_large_is_refused_in_words(int size)
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["Samples:MaxBytes"] = "2000" });
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);

        PortalPage page = await owner.UploadAsync(Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + new string('x', size)));

        Assert.Contains("larger than the 2 KB", page.Text, StringComparison.Ordinal);
        Assert.StartsWith("550", await PagesKit.DeliverAsync(app, "check+none@fbl.provider.example", PagesKit.Mail(app)), StringComparison.Ordinal);
        (_, string address) = await owner.AddressAsync();
        Assert.StartsWith("552", await PagesKit.DeliverAsync(app, address, Encoding.ASCII.GetBytes("Subject: x\r\n\r\n" + new string('x', size))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_else_sees_a_sample_operators_included()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        PortalPage page = await owner.PasteAsync(PagesKit.Text(PagesKit.Mail(app)));
        string path = page.Address.AbsolutePath;

        using PortalVisitor other = await app.SignedInAsync("other@mail.example"), staff = await app.SignedInAsync("op@provider.example", isOperator: true), nobody = app.NewVisitor();
        foreach (PortalVisitor stranger in (PortalVisitor[])[other, staff])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(path)).Status);
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(path + "/state")).Status);
            Assert.DoesNotContain("Offer one", (await stranger.GetAsync("/samples")).Html, StringComparison.Ordinal);
            foreach (string form in (string[])["again", "share", "delete"])
            {
                // The form of the owner's page with the stranger's own token.
                PortalPage own = await stranger.GetAsync("/samples");
                string token = own.Form("form.mail-form").QuerySelector("[name=__RequestVerificationToken]")!.GetAttribute("value")!;
                using var content = new FormUrlEncodedContent([new("_handler", form), new("__RequestVerificationToken", token)]);
                Assert.True((await stranger.Http.PostAsync(new Uri(path, UriKind.Relative), content)).StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest);
            }

            // Comparing is no way around.
            PortalPage mine = await stranger.PasteAsync("Subject: mine\r\n\r\nx\r\n");
            Assert.DoesNotContain("Offer one", (await stranger.GetAsync($"{mine.Address.AbsolutePath}?with={path.Split('/')[^1]}")).Html, StringComparison.Ordinal);
        }

        Assert.Equal("/sign-in", (await nobody.GetAsync(path)).Address.AbsolutePath);
        Assert.Equal("/sign-in", (await nobody.GetAsync("/samples")).Address.AbsolutePath);
        PortalPage still = await owner.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, still.Status);
        Assert.Null(still.Document.QuerySelector(".copy-value[aria-labelledby='copy-link']"));
    }

    [Fact]
    public async Task A_shared_link_shows_the_result_and_nothing_to_press_until_it_is_ended()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner), nobody = app.NewVisitor();
        PortalPage page = await owner.PasteAsync(PagesKit.Text(PagesKit.Mail(app)));

        page = await owner.SubmitAsync(page, "form:has([value=share])");
        string link = new Uri(page.Document.QuerySelector(".copy-value")!.TextContent).AbsolutePath;
        PortalPage shared = await nobody.GetAsync(link);
        Assert.Contains("Offer one", shared.Text, StringComparison.Ordinal);
        Assert.NotNull(shared.Document.QuerySelector("details#dkim"));
        Assert.Empty(shared.Document.QuerySelectorAll("main form"));
        Assert.Equal("no-referrer", shared.Header("Referrer-Policy"));
        Assert.Contains("no-store", shared.Header("Cache-Control")!, StringComparison.Ordinal);

        page = await owner.SubmitAsync(page, "form:has([value=revoke])");
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync(link)).Status);
        page = await owner.SubmitAsync(page, "form:has([value=share])");
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync(link)).Status);
        string second = new Uri(page.Document.QuerySelector(".copy-value")!.TextContent).AbsolutePath;
        Assert.Equal(HttpStatusCode.OK, (await nobody.GetAsync(second)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync("/samples/shared/" + new string('a', 32))).Status);

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.DoesNotContain(second.Split('/')[^1], Encoding.Latin1.GetString((await db.Samples.SingleAsync()).ShareHash!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deleted_and_expired_samples_are_gone_for_everybody()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner), nobody = app.NewVisitor();
        PortalPage first = await owner.PasteAsync(PagesKit.Text(PagesKit.Mail(app))), second = await owner.PasteAsync("Subject: second\r\n\r\nx\r\n");
        second = await owner.SubmitAsync(second, "form:has([value=share])");
        string link = new Uri(second.Document.QuerySelector(".copy-value")!.TextContent).AbsolutePath;

        PortalPage list = await owner.SubmitAsync(first, "form:has([value=delete])");
        Assert.Contains("deleted", list.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await owner.GetAsync(first.Address.AbsolutePath)).Status);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.SampleBodies.CountAsync());

        app.Time.Advance(TimeSpan.FromDays(30) + TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.NotFound, (await nobody.GetAsync(link)).Status);
        Assert.Equal(1, await app.Services.GetRequiredService<SampleStore>().SweepAsync(CancellationToken.None));
        Assert.Equal(0, await db.SampleBodies.CountAsync());
    }

    [Fact]
    public async Task Two_mails_are_compared_topic_by_topic()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        byte[] mail = PagesKit.Mail(app);
        PortalPage broken = await owner.UploadAsync([.. mail, .. "footer\r\n"u8]), good = await owner.UploadAsync(mail);

        PortalPage compared = await owner.SubmitAsync(good, "form.compare-form", ("with", broken.Address.AbsolutePath.Split('/')[^1]));

        string changes = compared.Document.QuerySelector("section:has(#changes)")!.TextContent;
        Assert.Contains("DKIM", changes, StringComparison.Ordinal);
        Assert.Contains("Before", changes, StringComparison.Ordinal);
        PortalPage same = await owner.GetAsync($"{good.Address.AbsolutePath}?with={(await owner.UploadAsync(mail)).Address.AbsolutePath.Split('/')[^1]}");
        Assert.Contains("Nothing changed", same.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checking_again_asks_DNS_as_it_is_now()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        byte[] mail = new SigningSender(new Postmaster.Fbl.Dns.ZoneResolver(), "later.example").Newsletter("one");
        PortalPage before = await owner.UploadAsync(mail);
        Assert.NotEqual("Good", before.Document.QuerySelector("details#dkim summary .badge")!.TextContent);

        _ = new SigningSender(app.Zone, "later.example"); // publishes the key
        PortalPage after = await owner.ResultAsync(await owner.SubmitAsync(before, "form:has([value=again])"));

        Assert.Equal("Good", after.Document.QuerySelector("details#dkim summary .badge")!.TextContent);
    }

    [Fact]
    public async Task Neither_mail_nor_subject_nor_report_stands_readable_in_the_database()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        await owner.UploadAsync(PagesKit.Mail(app, "xyzzyplugh"));

        await using PostmasterDb db = await app.OpenDbAsync();
        Sample sample = await db.Samples.SingleAsync();
        SampleBody body = await db.SampleBodies.SingleAsync();
        Assert.All((byte[][])[sample.SealedSubject!, sample.SealedReport!, body.SealedRaw], octets => Assert.True(octets.AsSpan().IndexOf("xyzzyplugh"u8) < 0));
    }
}
