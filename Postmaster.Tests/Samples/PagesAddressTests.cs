using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Samples;

/// <summary>One-time addresses, from the page through LMTP back to the page.</summary>
public sealed class PagesAddressTests
{
    private const string Trace = "Received: from mta3.esp.example (mta3.esp.example [192.0.2.7])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384)\r\n"
        + "\tby mx.provider.example (Postfix) with ESMTPS id 4ABC; Fri, 2 Jan 2026 10:00:01 +0000\r\n";

    [Fact]
    public async Task A_mail_to_the_address_gives_a_result_with_its_envelope()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        (PortalPage page, string address) = await owner.AddressAsync();
        Assert.Matches("^check\\+[a-z2-7]{32}@fbl\\.provider\\.example$", address);
        Assert.Contains("\"Waiting\"", (await owner.GetAsync(page.Address.AbsolutePath + "/state")).Html, StringComparison.Ordinal);

        string answer = await PagesKit.DeliverAsync(app, address.ToUpperInvariant(), [.. Encoding.ASCII.GetBytes(Trace), .. PagesKit.Mail(app)]);
        Assert.StartsWith("250 2.0.0", answer, StringComparison.Ordinal);
        page = await owner.ResultAsync(page);

        Assert.Contains("from 192.0.2.7 (mta3.esp.example), envelope sender bounce@news.example", page.Text, StringComparison.Ordinal);
        Assert.Equal("Good", page.Document.QuerySelector("details#dkim summary .badge")!.TextContent);
        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(0, await db.KeptComplaints.CountAsync());
    }

    [Fact]
    public async Task What_stands_below_a_foreign_hop_says_nothing_of_the_client()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        (PortalPage page, string address) = await owner.AddressAsync();

        await PagesKit.DeliverAsync(app, address, [.. "Received: from a by mx.stranger.example; Fri, 2 Jan 2026 10:00:02 +0000\r\n"u8, .. Encoding.ASCII.GetBytes(Trace), .. PagesKit.Mail(app)], sender: "");
        page = await owner.ResultAsync(page);

        Assert.DoesNotContain("192.0.2.7 (mta3", page.Text, StringComparison.Ordinal);
        Assert.Contains("envelope sender <>", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_takes_one_mail_in_its_time_and_unknown_ones_take_none()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        (_, string used) = await owner.AddressAsync();
        (_, string old) = await owner.AddressAsync();
        byte[] mail = PagesKit.Mail(app);

        Assert.StartsWith("250", await PagesKit.DeliverAsync(app, used, mail), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await PagesKit.DeliverAsync(app, used, mail), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await PagesKit.DeliverAsync(app, $"check+{new string('a', 32)}@fbl.provider.example", mail), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await PagesKit.DeliverAsync(app, "check+@fbl.provider.example", mail), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await PagesKit.DeliverAsync(app, "check@fbl.provider.example", mail), StringComparison.Ordinal);
        Assert.StartsWith("550 5.1.1", await PagesKit.DeliverAsync(app, used.Replace("fbl.", "", StringComparison.Ordinal), mail), StringComparison.Ordinal);
        app.Time.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        Assert.StartsWith("550 5.1.1", await PagesKit.DeliverAsync(app, old, mail), StringComparison.Ordinal);

        await using PostmasterDb db = await app.OpenDbAsync();
        Assert.Equal(1, await db.SampleBodies.CountAsync());
        Assert.All(await db.Samples.ToListAsync(), s => Assert.True(s.AddressHash!.AsSpan().IndexOf(Encoding.ASCII.GetBytes(used[6..38])) < 0));
    }

    [Fact]
    public async Task Of_two_mails_at_the_same_moment_one_is_taken()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync();
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        (_, string address) = await owner.AddressAsync();
        byte[] mail = PagesKit.Mail(app);

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PagesKit.DeliverAsync(app, address, mail)));

        Assert.Single(answers, a => a.StartsWith("250", StringComparison.Ordinal));
        Assert.All(answers.Where(a => !a.StartsWith("250", StringComparison.Ordinal)), a => Assert.StartsWith("550", a, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_kept_mail_is_checked_after_a_restart()
    {
        await using PostmasterApp app = await PostmasterApp.StartAsync(compose: builder => StopSampleWorker(builder.Services));
        using PortalVisitor owner = await app.SignedInAsync(PagesKit.Owner);
        (PortalPage page, string address) = await owner.AddressAsync();
        Assert.StartsWith("250", await PagesKit.DeliverAsync(app, address, PagesKit.Mail(app)), StringComparison.Ordinal);

        await app.RestartAsync();

        await PressKit.EventuallyAsync(async () =>
        {
            await using PostmasterDb db = await app.OpenDbAsync();
            return (await db.Samples.SingleAsync()).State == SampleState.Checked;
        }, () => "the sample was not checked");
    }

    private static void StopSampleWorker(IServiceCollection services)
    {
        ServiceDescriptor worker = services.Single(s => s.ServiceType == typeof(IHostedService) && s.ImplementationFactory?.Method.ReturnType == typeof(SampleWorker));
        services.Remove(worker);
    }
}
