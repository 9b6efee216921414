using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Complaints;
using Postmaster.Tests.Support;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Cfbl;

/// <summary>Mail that names addresses, signed by whomever a test wants.</summary>
internal static partial class CfblKit
{
    public const string Address = "fbl@shop.example";

    private static readonly DkimPrivateKey Key = DkimPrivateKey.CreateRsa(2048);
    private static readonly string[] Both = ["From", "Subject", "CFBL-Address", "CFBL-Feedback-ID"];

    /// <summary>The product with the switch on.</summary>
    public static async Task<PostmasterApp> StartAsync(params (string Key, string? Value)[] more)
    {
        PostmasterApp app = await PressKit.StartAsync([("Cfbl:Mode", "on"), .. more]);
        foreach (string domain in (string[])["shop.example", "esp.example", "other.example"])
            app.Zone.AddTxt($"s1._domainkey.{domain}", Key.PublicKeyRecord);
        return app;
    }

    /// <summary>A mail of shop.example.</summary>
    /// <param name="cfbl">The CFBL fields, each with CRLF.</param>
    public static byte[] Mail(string name, string cfbl = $"CFBL-Address: {Address}\r\nCFBL-Feedback-ID: 111:\r\n 222\r\n", string from = "shop.example") => Encoding.UTF8.GetBytes(
        $"From: News <news@{from}>\r\nTo: alice@provider.example\r\nSubject: Dear alice\r\nMessage-ID: <{name}@{from}>\r\nList-Unsubscribe: <https://{from}/u?alice@provider.example>\r\n{cfbl}\r\nHello alice@provider.example\r\n");

    public static byte[] SignedBy(this byte[] mail, string domain, params string[] fields) => new DkimSigner(DomainName.Parse(domain), "s1", Key).Sign(
        mail, new DateTimeOffset(2026, 1, 2, 10, 0, 0, TimeSpan.Zero), new DkimSignerOptions { SignedFields = fields.Length == 0 ? Both : fields });

    /// <summary>A complaint about a mail of shop.example that names its own address.</summary>
    public static Task<CfblInvitation> ComplainAsync(this PostmasterApp app, string name, KeptState end = KeptState.Unattributed) =>
        app.ComplainAsync(Mail(name).SignedBy("shop.example"), end);

    /// <summary>Presses the button and waits until it is counted; returns the message's first invitation.</summary>
    public static async Task<CfblInvitation> ComplainAsync(this PostmasterApp app, byte[] mail, KeptState end = KeptState.Unattributed) => (await app.ComplainAllAsync(mail, end))[0];

    public static async Task<List<CfblInvitation>> ComplainAllAsync(this PostmasterApp app, byte[] mail, KeptState end = KeptState.Unattributed)
    {
        Guid id = await app.PressAsync(mail);
        await app.InStateAsync(id, end);
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.CfblInvitations.AsNoTracking().Where(i => i.KeptId == id).OrderBy(i => i.Number).ToListAsync();
    }

    public static async Task<CfblContact> ContactAsync(this PostmasterApp app)
    {
        await using PostmasterDb db = await app.OpenDbAsync();
        return await db.CfblContacts.AsNoTracking().SingleAsync();
    }

    /// <summary>The reports that the relay has for the address, once there are so many.</summary>
    public static async Task<IReadOnlyList<(RawMessage Mail, FeedbackReport Report)>> ReportsAsync(this PostmasterApp app, int count, string to = Address)
    {
        await PressKit.EventuallyAsync(() => Task.FromResult(app.ReportsTo(to).Count >= count), () => $"{app.ReportsTo(to).Count} reports came");
        IReadOnlyList<(RawMessage, FeedbackReport)> reports = app.ReportsTo(to);
        Assert.Equal(count, reports.Count);
        return reports;
    }

    /// <summary>The path of the link in a report's text.</summary>
    public static string Link(RawMessage report)
    {
        Assert.True(report.Root.Parts[0].TryDecode(100_000, out byte[] text));
        return LinkPattern().Match(Encoding.UTF8.GetString(text)).Value is { Length: > 0 } path ? path : throw new InvalidOperationException("The report has no link.");
    }

    [GeneratedRegex("/cfbl/[0-9a-f]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LinkPattern();
}
