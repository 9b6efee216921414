using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Traffic.Events;
using Postmaster.Web.Features.Traffic.Rspamd;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic.Rspamd;

/// <summary>What rspamd's metadata_exporter sends, as it sends it, is counted.</summary>
public sealed class RspamdDoorTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_report_counts_once_for_each_recipient_and_for_its_streams()
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        await app.ClaimAsync("owner.example");
        using HttpResponseMessage answer = await PostAsync(app, Report("no action"));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Dictionary<(StreamKind, string), TrafficCounts> counts = await app.CountsAsync("owner.example");
        TrafficCounts whole = counts[(StreamKind.Whole, "")];
        Assert.Equal((2, 0, 2, 2, 2), (whole[TrafficCounter.DeliveredInbox], whole[TrafficCounter.DeliveredSpam], whole[TrafficCounter.DkimPass], whole[TrafficCounter.SpfPass], whole[TrafficCounter.DmarcPass]));
        Assert.Equal((2, 0, 2, 0), (whole[TrafficCounter.TlsKnown], whole[TrafficCounter.Tls], whole[TrafficCounter.ReverseKnown], whole[TrafficCounter.ReverseBad]));
        Assert.Equal(2, whole.Recipients.Estimate);
        Assert.Equal(2, counts[(StreamKind.Selector, "s1")][TrafficCounter.DeliveredInbox]);
        Assert.Equal(2, counts[(StreamKind.ListId, "spring.owner.example")][TrafficCounter.DeliveredInbox]);
        Assert.Equal(2, counts[(StreamKind.Ip, "192.0.2.17")][TrafficCounter.DeliveredInbox]);
    }

    [Theory]
    [InlineData("no action", false, EventKind.Delivered, MailFolder.Inbox, null)]
    [InlineData("greylist", false, EventKind.Delivered, MailFolder.Inbox, null)]
    [InlineData("add header", false, EventKind.Delivered, MailFolder.Spam, null)]
    [InlineData("rewrite subject", false, EventKind.Delivered, MailFolder.Spam, null)]
    [InlineData("quarantine", false, EventKind.Delivered, MailFolder.Spam, null)]
    [InlineData("soft reject", true, EventKind.Deferred, null, null)]
    [InlineData("discard", false, EventKind.Rejected, null, RejectReason.Spam)]
    [InlineData("reject", false, EventKind.Rejected, null, RejectReason.Spam)]
    [InlineData("reject", true, EventKind.Rejected, null, RejectReason.Policy)]
    public void Each_action_is_what_the_mail_server_does_with_it(string action, bool forced, EventKind kind, MailFolder? folder, RejectReason? reason)
    {
        TrafficEvent first = Events(Report(action, forced))[0];
        Assert.Equal((kind, folder, reason), (first.Kind, first.Folder, first.Reason));
        Assert.Equal(("192.0.2.17", "mta7.example.net", "news@owner.example", "known@provider.example", "owner.example"), (first.Ip, first.Helo, first.MailFrom, first.Rcpt, first.FromDomain));
    }

    [Fact]
    public void A_refusal_forced_for_DMARC_says_so()
    {
        TrafficEvent first = Events(Report("reject", forced: true, symbols: """{"name":"DMARC_POLICY_REJECT","options":["owner.example : No valid DKIM","reject"]},{"name":"R_DKIM_NA"}"""))[0];
        Assert.Equal((RejectReason.Dmarc, AuthenticationWord.Fail), (first.Reason, first.Dmarc));
        Assert.Empty(first.Dkim!);
    }

    [Fact]
    public void Every_signature_is_named_with_its_result()
    {
        TrafficEvent first = Events(Report("no action", symbols: """
            {"name":"R_DKIM_ALLOW","options":["owner.example:s=s1","esp.example:s=k2"]},{"name":"R_DKIM_REJECT","options":["old.example:s=x"]},{"name":"R_DKIM_PERMFAIL","options":["gone.example"]},
            {"name":"R_SPF_SOFTFAIL","options":["~all"]},{"name":"DMARC_POLICY_ALLOW_WITH_FAILURES"},{"name":"RDNS_NONE"}
            """))[0];
        Assert.Equal(
            [
                new SignatureEvent("owner.example", "s1", AuthenticationWord.Pass), new SignatureEvent("esp.example", "k2", AuthenticationWord.Pass),
                new SignatureEvent("old.example", "x", AuthenticationWord.Fail), new SignatureEvent("gone.example", null, AuthenticationWord.PermError),
            ],
            first.Dkim);
        Assert.Equal((AuthenticationWord.SoftFail, AuthenticationWord.Pass, false), (first.Spf, first.Dmarc, first.ReverseLeadsBack));
    }

    [Fact]
    public void The_stock_formatter_is_understood_too()
    {
        TrafficEvent only = Assert.Single(Events("""
            {"symbols":[{"score":-0.2,"options":["owner.example:s=s1"],"groups":["policies","dkim"],"group":"policies","name":"R_DKIM_ALLOW"},{"name":"RDNS_NONE","groups":["headers"],"score":1,"group":"headers"},
            {"name":"RDNS_DNSFAIL","groups":["headers"],"score":0,"group":"headers"},{"name":"R_SPF_NA","score":0}],"fuzzy":[],"from":"unknown","qid":"unknown","rspamd_server":"mx1",
            "header_from":["\"Owner, Inc\" <news@owner.example>"],"header_to":["a@provider.example"],"header_subject":["x"],"header_date":"unknown","scan_time":22,"ip":"192.0.2.17",
            "message_id":"undef","score":6.3,"rcpt":["a@provider.example"],"subject":"x","action":"add header","user":"unknown"}
            """));
        Assert.Equal((MailFolder.Spam, "owner.example", null, null, null), (only.Folder, only.FromDomain, only.MailFrom, only.MessageId, only.Helo));
        Assert.Equal((AuthenticationWord.None, AuthenticationWord.Unknown, null), (only.Spf, only.Dmarc, only.ReverseLeadsBack));
        Assert.Equal("s1", Assert.Single(only.Dkim!).Selector);
    }

    [Theory]
    [InlineData("""{"action":"no action","user":"me@provider.example","ip":"192.0.2.17","rcpt":["a@b.example"]}""")]
    [InlineData("""{"action":"no action","ip":"10.0.0.3","rcpt":["a@b.example"]}""")]
    [InlineData("""{"action":"no action","ip":"127.0.0.1","rcpt":["a@b.example"]}""")]
    [InlineData("""{"action":"no action","ip":"192.0.2.17","rcpt":"unknown"}""")]
    public async Task Mail_of_ones_own_users_and_machines_is_answered_200_and_not_counted(string report)
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        using HttpResponseMessage answer = await PostAsync(app, report);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("\"accepted\":0", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("From: none of it")]
    [InlineData("\"<ceo@bank.example>\" <x@evil.example>, <y@bank.example>")]
    [InlineData("a@one.example, b@two.example")]
    public void With_several_authors_or_none_there_is_no_author_domain(string from) =>
        Assert.Null(Events(Report("no action").Replace("\\\"Owner, Inc\\\" <news@owner.example>", from.Replace("\"", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal))[0].FromDomain);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"action\":7}")]
    [InlineData("{\"action\":\"no action\"")]
    [InlineData("Received: from x by y")]
    public async Task What_is_no_report_is_refused(string body)
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        using HttpResponseMessage answer = await PostAsync(app, body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("rspamd:wrong")]
    [InlineData("no colon")]
    [InlineData(EventKit.Token + ":")]
    public async Task A_wrong_password_is_refused(string pair)
    {
        await using PostmasterApp app = await EventKit.StartAsync();
        using HttpResponseMessage answer = await PostAsync(app, Report("no action"), pair);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Empty(await app.CountsAsync("owner.example"));
    }

    [Fact]
    public void Broken_reports_never_throw()
    {
        string whole = Report("no action");
        for (int cut = 0; cut < whole.Length; cut++)
            RspamdReport.Read(Encoding.UTF8.GetBytes(whole[..cut]));
        var random = new Random(4);
        byte[] octets = Encoding.UTF8.GetBytes(whole);
        for (int i = 0; i < 3000; i++)
        {
            byte[] changed = [.. octets];
            for (int n = random.Next(1, 4); n > 0; n--)
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            if (RspamdReport.Read(changed) is { } report)
                TrafficEventWriter.Lines(RspamdEvents.Of(report, Now));
        }
    }

    [Theory]
    [InlineData("message_id", "\"\\ud83d\"")]
    [InlineData("helo", "\"x\\udfff\"")]
    [InlineData("header_from", "[\"\\ud800\", \"A <a@news.example>\"]")]
    public void An_escape_that_stands_for_no_character_costs_its_field_and_not_the_mail(string field, string value)
    {
        TrafficEvent read = Assert.Single(Events($$"""{"action":"no action","ip":"192.0.2.1","rcpt":["u@p.example"],"{{field}}":{{value}}}"""));
        Assert.Equal(EventKind.Delivered, read.Kind);
    }

    [Fact]
    public void A_name_that_stands_for_no_character_is_no_report()
    {
        Assert.Null(RspamdReport.Read("""{"\ud800":1,"action":"no action"}"""u8.ToArray()));
    }

    private static IReadOnlyList<TrafficEvent> Events(string report) => RspamdEvents.Of(RspamdReport.Read(Encoding.UTF8.GetBytes(report))!, Now);

    /// <summary>As the formatter of deploy/rspamd writes it.</summary>
    private static string Report(string action, bool forced = false, string? symbols = null) => $$"""
        {"header_from":["\"Owner, Inc\" <news@owner.example>"],"from":"news@owner.example","message_id":"m1@owner.example","ip":"192.0.2.17","symbols":[{{symbols ?? """
        {"name":"R_DKIM_ALLOW","options":["owner.example:s=s1"]},{"name":"R_SPF_ALLOW","options":["+ip4:192.0.2.17"]},{"name":"DMARC_POLICY_ALLOW","options":["owner.example","reject"]}
        """}}],"passthrough":{{(forced ? "true" : "false")}},"list_id":"Spring <spring.owner.example>","tls":"none","action":"{{action}}",
        "rcpt":["known@provider.example","other@provider.example"],"size":944,"helo":"mta7.example.net","hostname":"mta7.example.net"}
        """;

    private static async Task<HttpResponseMessage> PostAsync(PostmasterApp app, string report, string pair = "rspamd:" + EventKit.Token)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Listened, RspamdDoor.Route)) { Content = new StringContent(report, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        return await http.SendAsync(request);
    }
}
