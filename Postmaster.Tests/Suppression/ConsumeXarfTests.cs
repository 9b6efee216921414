using System.Text;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Xarf;
using Postmaster.Tests.Cli;
using Postmaster.Tests.Xarf;

namespace Postmaster.Tests.Suppression;

/// <summary>Complaints in XARF: as mail, and as the JSON alone.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ConsumeXarfTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    private static byte[] Json(string type = FeedbackType.Abuse)
    {
        Assert.True(XarfWriter.TryWrite(XarfWriterTests.Draft(Reports.Original(1).ReplaceLineEndings("\r\n") + "\r\n\r\nOffer\r\n", type), out byte[]? json, out _));
        return json;
    }

    private static byte[] Mail(byte[] json, params KeyValuePair<string, string>[] fields) => XarfMailWriter.Write(new XarfMailDraft
    {
        From = MailAddress.Parse("fbl@" + Reports.Provider),
        To = MailAddress.Parse("complaints@news.example"),
        Date = DateTimeOffset.UnixEpoch.AddYears(56),
        MessageId = "<x1@" + Reports.Provider + ">",
        Subject = "Complaint",
        Text = "A complaint.",
        Json = json,
        ExtraFields = fields,
    });

    private string Write(string name, byte[] octets)
    {
        File.WriteAllBytes(_desk.At(name), octets);
        return _desk.At(name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_complaint_unsubscribes_as_mail_and_as_json(bool inMail)
    {
        Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.List, Write("x", inMail ? Mail(Json()) : Json()));
        Assert.Equal((0, ""), (said.Exit, said.Error));
        Dictionary<string, string> row = Assert.Single(_desk.Rows());
        Assert.Equal(("abuse", "abcdefghijklmnop@mail.example", "original-rcpt-to"), (row["feedback_type"], row["recipient"], row["recipient_from"]));
        Assert.Equal(("1@news.example", "https://news.example/u?id=1&x=a,b", "cfbl-1"), (row["message_id"], row["unsubscribe_url"], row["cfbl_feedback_id"]));
        Assert.Equal(inMail ? "x1@" + Reports.Provider : "", row["report_id"]);
    }

    [Fact]
    public async Task A_test_in_xarf_unsubscribes_nobody()
    {
        Verbs said = await Verbs.RunAsync("consume", Write("x", Mail(Json(), new KeyValuePair<string, string>("X-Postmaster-Test", "yes"))));
        Assert.Empty(Desk.Rows(said.Output));
        Assert.Contains("a test report unsubscribes nobody", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bare_json_has_no_signature_even_when_fields_follow_it()
    {
        byte[] signed = Reports.Signed(Encoding.UTF8.GetString(Mail(Json())));
        foreach (byte[] octets in (byte[][])[Json(), [.. Json(), .. "\r\n"u8, .. signed]])
        {
            Verbs said = await Verbs.RunAsync("consume", "--csv", _desk.List, "--require-dkim", Reports.Provider, Write("x", octets));
            Assert.Equal(1, said.Exit);
            Assert.StartsWith("1 mail: 0 new entries", said.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Xarf_inside_of_the_reported_mail_names_nobody()
    {
        string spam = Encoding.UTF8.GetString(Mail(Json())).ReplaceLineEndings("\n");
        string report = Reports.Of(2).Replace("Content-Type: text/rfc822-headers\n\n" + Reports.Original(2), "Content-Type: message/rfc822\n\n" + spam, StringComparison.Ordinal);
        Assert.Contains("X-XARF", report, StringComparison.Ordinal);
        string onlyOriginal = "From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: user2@provider.example\n" + spam + "\n--b--\n";
        await Verbs.RunAsync("consume", "--csv", _desk.List, _desk.Write("a", report), _desk.Write("b", onlyOriginal));
        Assert.Equal(["user2@provider.example"], _desk.Rows().Select(r => r["recipient"]).Distinct(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Report_parse_shows_xarf_in_the_terms_of_arf(bool inMail)
    {
        Verbs said = await Verbs.RunAsync("report", "parse", "--json", Write("x", inMail ? Mail(Json(FeedbackType.Fraud)) : Json(FeedbackType.Fraud)));
        Assert.Equal((0, ""), (said.Exit, said.Error));
        Assert.Equal(
            ("fraud", "1@news.example", "192.0.2.7", "a:b:c:newsletter"),
            (said.Json.GetProperty("feedback_type").GetString(), said.Json.GetProperty("message_id").GetString(), said.Json.GetProperty("source_ip").GetString(), said.Json.GetProperty("feedback_id").GetString()));
        Assert.Equal("abcdefghijklmnop@mail.example", Assert.Single(said.Json.GetProperty("original_rcpt_to").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task Json_that_is_no_report_is_told_as_none()
    {
        Verbs parsed = await Verbs.RunAsync("report", "parse", "--json", _desk.Write("x", "{\"a\":1}"));
        Verbs consumed = await Verbs.RunAsync("consume", _desk.At("x"));
        Assert.Equal((1, "not-a-report"), (parsed.Exit, parsed.Json.GetProperty("problem").GetString()));
        Assert.Equal(1, consumed.Exit);
        Assert.Contains("is no feedback report", consumed.Error, StringComparison.Ordinal);
    }
}
