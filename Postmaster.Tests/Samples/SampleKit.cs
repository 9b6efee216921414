using System.Net;
using System.Text;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Tests.Dkim;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Samples;

namespace Postmaster.Tests.Samples;

/// <summary>A mail that is right in every way, the zone of its sender, and an inspection in one line. Tests break one thing of them.</summary>
internal static class SampleKit
{
    public const string Ip = "198.51.100.7";

    public const string Fields = "From: News <news@example.org>\r\nTo: bob@example.net\r\nSubject: Spring offer of the Example shop\r\nDate: Mon, 2 Mar 2026 09:59:58 +0000\r\n"
        + "Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\nList-Id: Spring <spring.example.org>\r\n"
        + "List-Unsubscribe: <https://example.org/u/abc>, <mailto:leave@example.org>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        + "Feedback-ID: spring:shop:offer:exampleorg\r\n";

    public const string Html = "<html><body><p>Garden chairs are cheaper until Friday, and so are all the tables that go with them in our shop.</p>"
        + "<img src=\"https://example.org/chair.png\" alt=\"A chair\"><p><a href=\"https://example.org/u/abc\">Unsubscribe</a></p></body></html>";

    public const string Plain = "Garden chairs are cheaper until Friday.\r\nUnsubscribe: https://example.org/u/abc\r\n";

    public static readonly DateTimeOffset Now = DkimKit.Now;

    public static SampleEnvelope Envelope { get; } = new(IPAddress.Parse(Ip), "mta.example.org", MailAddress.Parse("bounce@example.org"), false, "TLSv1.3", Now);

    public static string Body(string plain = Plain, string html = Html) =>
        $"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b--\r\n";

    public static string Mail(string fields = Fields, string? body = null) => fields + (body ?? Body());

    /// <summary>Signed with everything in h= that a good signer puts there.</summary>
    public static string Signed(string? mail = null, DkimSignerOptions? options = null)
    {
        var signer = new DkimSigner(DkimKit.Domain, DkimKit.Selector, DkimKit.Rsa);
        return Encoding.Latin1.GetString(signer.Sign(Encoding.Latin1.GetBytes(mail ?? Mail()), Now, options ?? new DkimSignerOptions()));
    }

    public static ZoneResolver Zone(string spf = "v=spf1 ip4:198.51.100.0/24 -all") => DkimKit.Zone()
        .AddTxt("example.org", spf)
        .AddTxt("_dmarc.example.org", "v=DMARC1; p=reject; rua=mailto:d@example.org")
        .AddTxt("_mta-sts.example.org", "v=STSv1; id=1")
        .AddTxt("_smtp._tls.example.org", "v=TLSRPTv1; rua=mailto:t@example.org")
        .AddTxt("default._bimi.example.org", "v=BIMI1; l=https://example.org/logo.svg")
        .AddMx("example.org", 10, "mx.example.org")
        .AddAddress("mx.example.org", "198.51.100.8")
        .AddAddress("mta.example.org", Ip)
        .AddPtr(Ip, "mta.example.org");

    public static Task<SampleReport> InspectAsync(string mail, SampleEnvelope? envelope, ZoneResolver? zone = null) =>
        InspectAsync(Encoding.Latin1.GetBytes(mail), envelope, zone);

    public static Task<SampleReport> InspectAsync(byte[] mail, SampleEnvelope? envelope, ZoneResolver? zone = null) =>
        Inspector(zone ?? Zone()).InspectAsync(new SampleInput(mail, envelope), CancellationToken.None);

    public static SampleInspector Inspector(ZoneResolver zone) => new(zone, new ManualTime(Now));

    public static IEnumerable<string> ToMend(SampleReport report) => report.Topics.SelectMany(t => t.Findings)
        .Where(f => f.Severity is not (SampleSeverity.Ok or SampleSeverity.Info)).Select(f => f.Code);
}
