using System.Text;
using Postmaster.Tests.Support;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Tests.Traffic;

/// <summary>A line of the schema: every field, every limit, and what is refused with which words.</summary>
public sealed class EventReaderTests
{
    private const string Kind = "\"kind\":\"delivered\"", Time = "\"time\":\"2026-11-21T10:00:00Z\"";
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 10, 30, 0, TimeSpan.Zero);
    private readonly EventReader _reader = new();

    public EventReaderTests() => _reader.Believe(Now.AddDays(-31), Now.AddHours(1));

    private EventProblem Read(byte[] line)
    {
        // Not at the start of the buffer, so that wrong offsets show.
        byte[] octets = [.. "before\n"u8, .. line, .. "\nafter"u8];
        return _reader.Read(octets, 7, line.Length);
    }

    private string Problem(string line) => Read(Encoding.UTF8.GetBytes(line)).Words;

    private EventLine Good(string fields)
    {
        Assert.Equal("", Problem($"{{{Kind},{Time}{(fields.Length > 0 ? "," : "")}{fields}}}"));
        return _reader.Line;
    }

    private string Bad(string fields) => Problem($"{{{Kind},{Time},{fields}}}");

    private string Text(Slice slice) => Encoding.UTF8.GetString(_reader.Line[slice]);

    [Theory]
    [InlineData("delivered", EventKind.Delivered)]
    [InlineData("rejected", EventKind.Rejected)]
    [InlineData("deferred", EventKind.Deferred)]
    [InlineData("trap", EventKind.Trap)]
    [InlineData("complaint", EventKind.Complaint)]
    [InlineData("not_spam", EventKind.NotSpam)]
    [InlineData("read", EventKind.Read)]
    [InlineData("deleted_read", EventKind.DeletedRead)]
    [InlineData("deleted_unread", EventKind.DeletedUnread)]
    [InlineData("unsubscribed", EventKind.Unsubscribed)]
    public void Every_kind_is_read(string word, EventKind kind)
    {
        Assert.Equal("", Problem($$"""{"kind":"{{word}}",{{Time}}}"""));
        Assert.Equal(kind, _reader.Line.Kind);
    }

    [Theory]
    [InlineData("unknown_user", RejectReason.UnknownUser)]
    [InlineData("spam", RejectReason.Spam)]
    [InlineData("policy", RejectReason.Policy)]
    [InlineData("dmarc", RejectReason.Dmarc)]
    [InlineData("rate", RejectReason.Rate)]
    [InlineData("reputation", RejectReason.Reputation)]
    [InlineData("content", RejectReason.Content)]
    [InlineData("no_ptr", RejectReason.NoPtr)]
    [InlineData("other", RejectReason.Other)]
    public void Every_reason_is_read(string word, RejectReason reason) => Assert.Equal(reason, Good($"\"reason\":\"{word}\"").Reason);

    [Fact]
    public void Every_field_is_read()
    {
        EventLine line = Good(
            """
            "ip":"2001:db8::7","helo":"mx.example","mail_from":"a@b.example","rcpt":"u@p.example","from_domain":"b.example",
            "dkim":[{"domain":"b.example","selector":"s1","result":"pass"},{"domain":"c.example","result":"fail"}],"spf":"softfail","dmarc":"none",
            "tls":"TLSv1.3","size":12345,"folder":"spam","reason":"spam","list_id":"<l.example>","feedback_id":"a:b:c:d","msgtype":"promo",
            "message_id":"<1@b.example>","mailbox":"m@p.example","one_click":true,"format":"no-date","reverse":"fail"
            """);
        Assert.Equal(Now.AddMinutes(-30).UtcTicks, line.Time);
        Assert.Equal(("2001:db8::7", "mx.example", "a@b.example", "u@p.example", "b.example"), (Text(line.Ip), Text(line.Helo), Text(line.MailFrom), Text(line.Rcpt), Text(line.FromDomain)));
        Assert.Equal(("<l.example>", "a:b:c:d", "promo", "<1@b.example>", "m@p.example"), (Text(line.ListId), Text(line.FeedbackId), Text(line.MessageType), Text(line.MessageId), Text(line.Mailbox)));
        Assert.Equal(
            [("b.example", "s1", AuthenticationWord.Pass), ("c.example", "", AuthenticationWord.Fail)],
            line.Signatures.ToArray().Select(s => (Text(s.Domain), Text(s.Selector), s.Result)));
        Assert.Equal((AuthenticationWord.SoftFail, AuthenticationWord.None, Answer.Yes, 12345), (line.Spf, line.Dmarc, line.Tls, line.Size));
        Assert.Equal((MailFolder.Spam, RejectReason.Spam, Answer.Yes, Answer.No, Answer.No), (line.Folder, line.Reason, line.OneClick, line.FormatOk, line.ReverseOk));
    }

    [Fact]
    public void What_is_left_out_or_null_is_not_known_and_nothing_stays_of_the_line_before()
    {
        Every_field_is_read();
        EventLine line = Good("\"dkim\":null,\"ip\":null,\"spf\":null,\"size\":null,\"tls\":null,\"one_click\":null");
        Assert.False(line.DkimKnown);
        Assert.Equal((0, -1, Answer.Unknown, Answer.Unknown), (line.SignatureCount, line.Size, line.Tls, line.OneClick));
        Assert.Equal((AuthenticationWord.Unknown, AuthenticationWord.Unknown, MailFolder.Inbox, RejectReason.Other), (line.Spf, line.Dmarc, line.Folder, line.Reason));
        Assert.All((Slice[])[line.Ip, line.Helo, line.MailFrom, line.Rcpt, line.FromDomain, line.ListId, line.FeedbackId, line.MessageType, line.MessageId, line.Mailbox], s => Assert.Equal("", Text(s)));
    }

    [Fact]
    public void An_empty_list_of_signatures_is_known() => Assert.True(Good("\"dkim\":[]").DkimKnown);

    [Theory]
    [InlineData("\"TLSv1.2\"", Answer.Yes)]
    [InlineData("true", Answer.Yes)]
    [InlineData("false", Answer.No)]
    [InlineData("\"none\"", Answer.No)]
    [InlineData("\"\"", Answer.No)]
    public void Tls_is_a_version_or_yes_or_no(string value, Answer answer) => Assert.Equal(answer, Good("\"tls\":" + value).Tls);

    [Theory]
    [InlineData("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z")]
    [InlineData("2026-11-21t10:00:00z", "2026-11-21T10:00:00Z")]
    [InlineData("2026-11-21T12:30:00+02:30", "2026-11-21T10:00:00Z")]
    [InlineData("2026-11-21T10:00:00.25Z", "2026-11-21T10:00:00.2500000Z")]
    [InlineData("2026-11-21T10:00:00.1234567899-00:00", "2026-11-21T10:00:00.1234567Z")]
    [InlineData("2026-10-31T23:59:60Z", "2026-10-31T23:59:59Z")] // RFC 3339 §5.6: a leap second
    public void Times_are_rfc_3339(string text, string utc)
    {
        Assert.Equal("", Problem($$"""{{{Kind}},"time":"{{text}}"}"""));
        Assert.Equal(DateTimeOffset.Parse(utc, System.Globalization.CultureInfo.InvariantCulture).UtcTicks, _reader.Line.Time);
    }

    [Theory]
    [InlineData("2026-11-21 10:00:00Z")]
    [InlineData("2026-11-21T10:00:00")]
    [InlineData("2026-11-21T10:00Z")]
    [InlineData("2026-02-29T10:00:00Z")]
    [InlineData("2026-13-01T10:00:00Z")]
    [InlineData("2026-11-21T24:00:00Z")]
    [InlineData("2026-11-21T10:00:00.Z")]
    [InlineData("2026-11-21T10:00:00+2:00")]
    [InlineData("2026-11-21T10:00:00+24:00")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("0001-01-01T00:00:00+23:59")]
    [InlineData("yesterday")]
    [InlineData("")]
    public void What_is_no_time_is_refused(string text) => Assert.Equal("time is not a time such as 2026-11-21T10:00:00Z", Problem($$"""{{{Kind}},"time":"{{text}}"}"""));

    [Theory]
    [InlineData("1970-01-01T00:00:00Z", "time is too long ago")]
    [InlineData("2026-10-21T10:29:59Z", "time is too long ago")]
    [InlineData("2026-10-21T10:30:00Z", "")]
    [InlineData("2026-11-21T11:30:00Z", "")]
    [InlineData("2026-11-21T11:30:01Z", "time is in the future")]
    [InlineData("2100-01-01T00:00:00Z", "time is in the future")]
    [InlineData("9999-12-31T23:59:59Z", "time is in the future")]
    public void Times_outside_what_is_believed_are_refused(string text, string words) => Assert.Equal(words, Problem($$"""{{{Kind}},"time":"{{text}}"}"""));

    [Theory]
    [InlineData("", "the line is not a JSON object")]
    [InlineData("[]", "the line is not a JSON object")]
    [InlineData("null", "the line is not a JSON object")]
    [InlineData("\"kind\"", "the line is not a JSON object")]
    [InlineData("kind=delivered", "the line is not a JSON object")]
    [InlineData("{", "the line is not JSON")]
    [InlineData("{\"kind\":}", "the line is not JSON")]
    [InlineData("{'kind':'read'}", "the line is not JSON")]
    [InlineData("{} {}", "the line is not JSON")]
    [InlineData("{\"a\":1,}", "the line is not JSON")]
    [InlineData("{/* */}", "the line is not JSON")]
    [InlineData("{\"a\":NaN}", "the line is not JSON")]
    [InlineData("{\"a\":\"\u0000\"}", "the line is not JSON")]
    [InlineData("{}", "kind is missing")]
    [InlineData("{\"kind\":null}", "kind is missing")]
    [InlineData("{\"kind\":\"read\"}", "time is missing")]
    [InlineData("{\"Kind\":\"read\"}", "kind is missing")]
    [InlineData("{\"kind\":\"eaten\"}", "kind is none of the words of the schema")]
    [InlineData("{\"kind\":\"READ\"}", "kind is none of the words of the schema")]
    [InlineData("{\"kind\":1}", "kind has the wrong type")]
    public void What_is_no_event_is_refused(string line, string words) => Assert.Equal(words, Problem(line));

    [Theory]
    [InlineData("\"ip\":7", "ip has the wrong type")]
    [InlineData("\"ip\":{}", "ip has the wrong type")]
    [InlineData("\"ip\":\"\"", "ip is not an IP address")]
    [InlineData("\"ip\":\"192.0.2\"", "ip is not an IP address")]
    [InlineData("\"ip\":\"192.0.2.256\"", "ip is not an IP address")]
    [InlineData("\"ip\":\"192.0.2.07\"", "ip is not an IP address")]
    [InlineData("\"ip\":\"192.0.2.1.\"", "ip is not an IP address")]
    [InlineData("\"ip\":\".192.0.2\"", "ip is not an IP address")]
    [InlineData("\"ip\":\"0x7f.1\"", "ip is not an IP address")]
    [InlineData("\"ip\":\"[::1]\"", "ip is not an IP address")]
    [InlineData("\"ip\":\"fe80::1%eth0\"", "ip is not an IP address")]
    [InlineData("\"ip\":\"mx.example\"", "ip is not an IP address")]
    [InlineData("\"mail_from\":[\"a\"]", "mail_from has the wrong type")]
    [InlineData("\"rcpt\":true", "rcpt has the wrong type")]
    [InlineData("\"dkim\":\"pass\"", "dkim has the wrong type")]
    [InlineData("\"dkim\":{}", "dkim has the wrong type")]
    [InlineData("\"dkim\":[\"pass\"]", "dkim has the wrong type")]
    [InlineData("\"dkim\":[null]", "dkim has the wrong type")]
    [InlineData("\"dkim\":[{}]", "dkim.result is missing")]
    [InlineData("\"dkim\":[{\"result\":\"pass\"}]", "dkim.domain is missing")]
    [InlineData("\"dkim\":[{\"domain\":\"a.example\",\"result\":null}]", "dkim.result is missing")]
    [InlineData("\"dkim\":[{\"domain\":7,\"result\":\"pass\"}]", "dkim.domain has the wrong type")]
    [InlineData("\"dkim\":[{\"domain\":\"a.example\",\"result\":\"good\"}]", "dkim.result is none of the words of the schema")]
    [InlineData("\"dkim\":[{\"domain\":\"a.example\",\"domain\":\"b.example\",\"result\":\"pass\"}]", "dkim.domain stands twice")]
    [InlineData("\"dkim\":[{\"domain\":\"a.example\",\"result\":\"pass\",\"more\":[]}]", "the line is nested deeper than 3")]
    [InlineData("\"spf\":\"maybe\"", "spf is none of the words of the schema")]
    [InlineData("\"spf\":1", "spf has the wrong type")]
    [InlineData("\"dmarc\":\"PASS\"", "dmarc is none of the words of the schema")]
    [InlineData("\"tls\":1.3", "tls has the wrong type")]
    [InlineData("\"size\":\"12\"", "size has the wrong type")]
    [InlineData("\"size\":-1", "size is not a number of octets")]
    [InlineData("\"size\":1.5", "size is not a number of octets")]
    [InlineData("\"size\":1e99", "size is not a number of octets")]
    [InlineData("\"size\":2147483648", "size is not a number of octets")]
    [InlineData("\"size\":99999999999999999999", "size is not a number of octets")]
    [InlineData("\"folder\":\"Archive\"", "folder is none of the words of the schema")]
    [InlineData("\"reason\":\"because\"", "reason is none of the words of the schema")]
    [InlineData("\"one_click\":\"yes\"", "one_click has the wrong type")]
    [InlineData("\"format\":\"\"", "format is none of the words of the schema")]
    [InlineData("\"reverse\":\"ok\"", "reverse is none of the words of the schema")]
    [InlineData("\"helo\":\"\\ud800\"", "helo has an escape that stands for no character")]
    [InlineData("\"kind\":\"read\"", "kind stands twice")]
    [InlineData("\"\\u006bind\":\"read\"", "kind stands twice")]
    [InlineData("\"ip\":null,\"ip\":\"192.0.2.1\"", "ip stands twice")]
    [InlineData("\"x\":1,\"x\":2", "a field stands twice")]
    [InlineData("\"x\":1,\"y\":2,\"\\u0078\":3", "a field stands twice")]
    [InlineData("\"x\":[[[1]]]", "the line is nested deeper than 3")]
    [InlineData("\"x\":{\"a\":{\"b\":{\"c\":1}}}", "the line is nested deeper than 3")]
    public void A_field_that_is_wrong_is_named(string fields, string words) => Assert.Equal(words, Bad(fields));

    [Theory]
    [InlineData("\"x\":{\"a\":[1,2]}")]
    [InlineData("\"x\":[[],[1]],\"y\":{\"kind\":\"read\"},\"z\":null")]
    [InlineData("\"dkim\":[{\"domain\":\"a.example\",\"result\":\"pass\",\"more\":1,\"most\":null}]")]
    public void Fields_of_other_names_are_ignored(string fields) => Assert.Equal(EventKind.Delivered, Good(fields).Kind);

    [Fact]
    public void Escapes_are_read_as_what_they_stand_for()
    {
        EventLine line = Good("""  "l\u0069st_id":"a\u00e9\ud83d\ude00\n","mail_from":"\"a b\"@b.example","dkim":[{"d\u006fmain":"\u0061.example","result":"p\u0061ss"}]  """);
        Assert.Equal(("aé😀\n", "\"a b\"@b.example", "a.example"), (Text(line.ListId), Text(line.MailFrom), Text(line.Signatures[0].Domain)));
    }

    [Theory]
    [InlineData("mail_from", 320)]
    [InlineData("rcpt", 320)]
    [InlineData("mailbox", 320)]
    [InlineData("helo", 1024)]
    [InlineData("from_domain", 1024)]
    [InlineData("list_id", 998)]
    [InlineData("feedback_id", 998)]
    [InlineData("msgtype", 998)]
    [InlineData("message_id", 998)]
    [InlineData("tls", 64)]
    [InlineData("format", 64)]
    public void A_text_has_its_limit(string field, int limit)
    {
        Good($"\"{field}\":\"{new string('a', limit)}\"");
        Assert.Equal(field + " is too long", Bad($"\"{field}\":\"{new string('a', limit + 1)}\""));
    }

    [Fact]
    public void Lists_fields_and_lines_have_their_limits()
    {
        static string Signatures(int count) => "\"dkim\":[" + string.Join(',', Enumerable.Repeat("{\"domain\":\"a.example\",\"result\":\"pass\"}", count)) + "]";
        static string Fields(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"x{i}\":0"));
        static string Line(int length) => $"{{{Kind},{Time},\"x\":\"".PadRight(length - 2, 'a') + "\"}";

        Assert.Equal(20, Good(Signatures(20)).SignatureCount);
        Assert.Equal("dkim has more than 20 signatures", Bad(Signatures(21)));
        Good(Fields(32));
        Assert.Equal("the line has more than 32 fields that are not part of the schema", Bad(Fields(33)));
        Assert.Equal("", Problem(Line(65536)));
        Assert.Equal("the line is longer than 65536 octets", Problem(Line(65537)));
        Assert.Equal("the line is longer than 65536 octets", Problem(Line(1_000_000)));
    }

    [Fact]
    public void What_is_not_utf8_is_refused() =>
        Assert.Equal("the line is not UTF-8", Read([.. "{\"helo\":\""u8, 0xC3, 0x28, .. "\"}"u8]).Words);

    [Fact]
    public void Whatever_is_cut_changed_or_made_up_it_is_answered_and_the_next_line_is_read()
    {
        string good = $$"""{{{Kind}},{{Time}},"ip":"192.0.2.7","dkim":[{"domain":"a.example","selector":"s\u0031","result":"pass"}],"x":{"y":[1]},"size":7}""";
        new ParserFuzz
        {
            Seed = 20261122,
            Samples = [good, $$"""{{{Kind}},"time":"2026-11-21T12:30:00.123+02:30","tls":true,"mail_from":"","rcpt":"\ud83d\ude00@p.example","one_click":false,"dkim":[]}"""],
            Alphabet = ["{", "}", "[", "]", "\"", ":", ",", "\\u00", "\\ud8", "0", "-", "1e9", "null", "true", "\"dkim\"", "\"time\"", "\"kind\"", "\"x\"", "\"read\"", "\0", "\u00c3", " "],
            Rounds = 5000,
        }.Run(line =>
        {
            if (!Read(line).IsProblem)
                Assert.InRange(_reader.Line.SignatureCount, 0, EventLimits.Signatures);
        });

        Assert.Equal("", Problem(good));
        Assert.Equal("s1", Text(_reader.Line.Signatures[0].Selector));
    }

    [Fact]
    public void What_the_writer_writes_the_reader_reads()
    {
        var written = new TrafficEvent
        {
            Kind = EventKind.DeletedUnread, Time = Now.AddMinutes(-1), Ip = "192.0.2.7", Helo = "mx\r\n.example", MailFrom = "", Rcpt = "ü\"\\@p.example", FromDomain = "b.example",
            Dkim = [new SignatureEvent("a.example", null, AuthenticationWord.Fail), new SignatureEvent("b.example", "s1", AuthenticationWord.Pass)],
            Spf = AuthenticationWord.TempError, Dmarc = AuthenticationWord.Pass, Tls = "none", Size = long.MaxValue, Folder = MailFolder.Spam, Reason = RejectReason.NoPtr,
            ListId = new string('é', 2000), FeedbackId = "x\ud800y", MessageType = "promo", MessageId = "<1@b.example>", Mailbox = "m@p.example",
            OneClick = false, Format = "ok", ReverseLeadsBack = true,
        };
        ReadOnlyMemory<byte> lines = TrafficEventWriter.Lines([written, written]);
        Assert.Equal(2, lines.Span.Count((byte)'\n'));
        Assert.Equal("", Read(lines[..lines.Span.IndexOf((byte)'\n')].ToArray()).Words);
        EventLine line = _reader.Line;
        Assert.Equal((EventKind.DeletedUnread, "mx\r\n.example", "ü\"\\@p.example"), (line.Kind, Text(line.Helo), Text(line.Rcpt)));
        Assert.Equal((AuthenticationWord.TempError, AuthenticationWord.Pass, Answer.No, Answer.No, Answer.Yes, Answer.Yes), (line.Spf, line.Dmarc, line.Tls, line.OneClick, line.FormatOk, line.ReverseOk));
        Assert.Equal(("b.example", AuthenticationWord.Pass), (Text(line.Signatures[0].Domain), line.Signatures[0].Result));
        Assert.Equal((499, RejectReason.NoPtr, MailFolder.Spam), (Text(line.ListId).Length, line.Reason, line.Folder));
        Assert.True(line.Has(EventField.MailFrom));
    }
}
