using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Mime;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Model;

namespace Postmaster.Tests.FeedbackLoop;

/// <summary>The report as it leaves: form, redaction, signature.</summary>
public sealed class ReportTests
{
    [Fact]
    public async Task The_report_has_three_parts_is_signed_by_the_provider_and_names_the_complainer_nowhere()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        byte[] stored = SigningSender.Under("Delivered-To: alice@provider.example\r\nX-Original-To: alice.smith@provider.example\r\n",
            sender.Newsletter("one", to: "Alice Smith <alice.smith@provider.example>", fields: "List-Unsubscribe: <https://owner.example/u?e=alice.smith%40provider.example>\r\n"));

        await app.InStateAsync(await app.PressAsync(stored), KeptState.Counted);
        var (mail, report) = await app.ReportToAsync("fbl@owner.example");
        string text = Encoding.Latin1.GetString(mail.Bytes.Span);

        Assert.Equal("report", mail.Root.ContentType.Subtype);
        Assert.Equal(["text/plain", "message/feedback-report", "message/rfc822"], mail.Root.Parts.Select(p => p.ContentType.ToString()));
        Assert.Equal("FW: Offer one", mail.Headers.First("Subject")!.Decoded);
        Assert.Equal("auto-generated", mail.Headers.First("Auto-Submitted")!.Unfolded);
        Assert.DoesNotContain("alice", text, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("@provider.example", Assert.Single(report.OriginalRcptTo), StringComparison.Ordinal);
        Assert.Contains("/domains/owner.example", text, StringComparison.Ordinal);

        var signer = app.Services.GetRequiredService<ProviderSigner>();
        app.Zone.AddTxt(signer.TxtName, await signer.TxtValueAsync(CancellationToken.None));
        DkimResult result = Assert.Single(await new DkimVerifier(app.Zone).VerifyAsync(mail, app.Time.GetUtcNow(), CancellationToken.None));
        Assert.Equal(DkimStatus.Pass, result.Status);
        Assert.Equal("fbl.provider.example", result.Domain!.Ascii);
    }

    [Fact]
    public async Task The_same_complainer_has_the_same_pseudonym_in_every_report_to_an_owner()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");

        foreach (string name in (string[])["one", "two"])
            await app.InStateAsync(await app.PressAsync(sender.Newsletter(name)), KeptState.Counted);
        await PressKit.EventuallyAsync(() => Task.FromResult(app.ReportsTo("fbl@owner.example").Count == 2), () => "not both reports came");

        Assert.Single(app.ReportsTo("fbl@owner.example").SelectMany(r => r.Report.OriginalRcptTo).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Without_bodies_the_report_carries_the_header_alone()
    {
        await using PostmasterApp app = await PressKit.StartAsync(("Reports:IncludeBody", "false"));
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");

        await app.InStateAsync(await app.PressAsync(sender.Newsletter("one", body: "the secret body\r\n")), KeptState.Counted);
        var (mail, report) = await app.ReportToAsync("fbl@owner.example");

        Assert.True(report.OriginalIsHeadersOnly);
        Assert.DoesNotContain("the secret body", Encoding.Latin1.GetString(mail.Bytes.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_of_the_mail_cannot_add_a_field_to_the_report()
    {
        await using PostmasterApp app = await PressKit.StartAsync();
        var sender = new SigningSender(app.Zone, "owner.example");
        await app.ClaimAsync("owner.example", "owner@mail.example", "fbl@owner.example");
        byte[] evil = sender.Sign("From: a@owner.example\r\nSubject: =?utf-8?Q?x=0D=0ABcc:_victim@x.example?=\r\nMessage-ID: <evil@owner.example>\r\n\r\nx\r\n");

        await app.InStateAsync(await app.PressAsync(SigningSender.Under("Return-Path: <a\rBcc: victim@x.example@owner.example>\r\n", evil)), KeptState.Counted);
        var (mail, report) = await app.ReportToAsync("fbl@owner.example");

        Assert.Null(mail.Headers.First("Bcc"));
        Assert.Null(report.OriginalMailFrom);
    }
}
