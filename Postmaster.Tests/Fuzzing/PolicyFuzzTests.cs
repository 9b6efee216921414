using System.Globalization;
using System.Text;
using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Dmarc;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Spf;
using Postmaster.Tests.Support;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Fuzzing;

/// <summary>What domains publish about themselves, what clients say of themselves, and what hosts write about both.</summary>
public sealed class PolicyFuzzTests
{
    [Fact]
    public void Spf_records() => new ParserFuzz
    {
        Seed = 7208,
        Samples =
        [
            "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 a:%{l1r-}.%{d2}/24//64 mx ?ptr:%{p} ~exists:%{ir}.%{v}.%{h} include:%{o}.example.org unknown=%{c} redirect=%{d} exp=%{D}",
            "v=spf1 include:self.example a mx -all", "v=spf1 redirect=self.example",
        ],
        Alphabet =
        [
            " ", "  ", "a", "mx", "ptr", "all", "include:", "exists:", "ip4:", "ip6:", "redirect=", "exp=", ":", "/", "//", "=", "%", "%{", "}", "%{d}", "%{p}", "%{l1r-}", "%%", "%_", "%{S}",
            "+", "-", "~", "?", "192.0.2.1", "2001:db8::1", "24", "129", "example.org", " include:self.example", " a:%{d}.x.example", ".", "..", "\0", "\t", "\u00E9", "v=spf1 ", "x",
        ],
        Allocation = (200, 512 * 1024),
    }.RunText(record =>
    {
        var zone = new ZoneResolver().Add(new TxtRecord("example.org", ZoneResolver.DefaultTtl, [.. Encoding.Latin1.GetBytes(record).Chunk(255)]))
            .AddTxt("self.example", "v=spf1 include:self.example").AddPtr(Client, "h.example.org").AddAddress("h.example.org", Client);
        var result = ParserFuzz.Now(new SpfEvaluator(zone).CheckReversePathAsync(System.Net.IPAddress.Parse(Client), Sender, Helo, CancellationToken.None));
        Assert.False(string.IsNullOrEmpty(result.Reason) || result.Reason.Any(char.IsControl));
        Assert.InRange(zone.Queries.Count, 1, 140);
        Assert.InRange(result.Lookups, 0, 11);
    });

    [Fact]
    public void What_spf_clients_say()
    {
        var evaluator = new SpfEvaluator(Zone("v=spf1 exists:%{S}.%{L1r-}.%{H2}.example.net a:%{h} exists:%{o} -all exp=why.example.org").AddTxt("why.example.org", "%{S} %{h} %{o} %{H}"));
        new ParserFuzz
        {
            Seed = 5321,
            Samples = ["anna@example.org", "\"a b\"@example.org", "mx.example.net", "[192.0.2.1]"],
            Alphabet = ["a", "b.", "@", "@example.org", "-", "\"", "\\", "<", ">", " ", "\r\n", "\0", "\t", "%", "{", "}", "[", "]", ":", "/", "\u00E9", "\u0085", "\uD800", "\u202E", ".", "+"],
            Allocation = (200, 128 * 1024),
        }.RunText(text =>
        {
            foreach (var sender in (string[])[text, text + "@example.org"])
            {
                var result = ParserFuzz.Now(evaluator.CheckReversePathAsync(System.Net.IPAddress.Parse(Client), sender, text, CancellationToken.None));
                Assert.DoesNotContain(result.Reason + result.Explanation, char.IsControl);
            }
        });
    }

    [Fact]
    public void Dmarc_records() => new ParserFuzz
    {
        Seed = 9989,
        Samples = ["v=DMARC1; p=reject; sp=quarantine; np=none; psd=n; t=y; adkim=s; aspf=s; fo=1:d:s; pct=20; rua=mailto:a@example.org!10m,mailto:b@example.net", "v=DMARC1;rua=mailto:a@example.org"],
        Alphabet = ["v=DMARC1;", "p=reject;", "p=", "sp=x;", "t=y;", "psd=y;", "rua=", "mailto:", "a@example.org", "!10m", "!99999999999g", ",", ";", "=", ":", " ", "\t", "\0", "\u00FF", "%41", "%", "fo="],
    }.Run(octets =>
    {
        if (DmarcRecordParser.TryParse(octets, out var record))
        {
            Assert.DoesNotContain(record.Ignored, term => term.Any(char.IsControl));
            Assert.InRange(record.AggregateReports.Count, 0, 20);
        }
    });

    [Fact]
    public void Authors_for_Dmarc() => new ParserFuzz
    {
        Seed = 7489,
        Samples = ["From: Anna <anna@example.org>\r\nFrom: bob@example.net, c@d.example\r\n\r\n"],
        Alphabet = ["From:", "From: a@b.example\r\n", "<", ">", "@", ",", ";", "\"", "(", ")", "\r\n ", "\r\n", "[192.0.2.1]", "a@\u00FCx.example,", "=?utf-8?Q?a?=", "\0", "x"],
        Allocation = (500, 256 * 1024),
    }.Run(octets => Assert.NotNull(DmarcAuthors.Of(MessageReader.Read(octets).Headers)));

    [Fact]
    public void Authentication_results_fields() => new ParserFuzz
    {
        Seed = 8601,
        Samples =
        [
            "mx.example.net 1; dkim/1=pass (ok (x)) reason=\"a \\\" b\" header.d=example.org header.i=\"a b\"@example.org; auth=pass smtp.auth=anna; none",
            "\"mx\" ; none", "mx; spf=fail smtp.mailfrom=a@b",
        ],
        Alphabet = ["\"", "\\", "(", ")", ";", "=", ".", "/", " ", "\t", "x", "1", "\0", "\r\n ", "\u00E4", "none", "dkim=pass", " header.d=", "reason=", "mx ", ";a=b", " a.b=c", "()"],
    }.RunText(value =>
    {
        var read = AuthenticationResults.TryParse(value, out var results, out var problem);
        Assert.Equal(read, problem.Code is null);
        Assert.InRange(problem.Offset, 0, value.Length);
        if (read && value.Length < 1000) // and what was read can be written and read again
            Assert.True(AuthenticationResults.TryParse(results!.Write(), out _, out _), value);
    });

    [Fact]
    public void Trusted_results_among_fields() => new ParserFuzz
    {
        Seed = 7001,
        Samples = ["Authentication-Results: mx.example.net; auth=pass smtp.auth=anna\r\nReceived: from a (b) by \"mx.example.net\" (c) with x; d\r\nAuthentication-Results: mx.example.net; dkim=pass header.d=x.example\r\n\r\n"],
        Alphabet = ["Received: ", "Received: by mx.example.net\r\n", "by ", "from", "Authentication-Results: mx.example.net; dkim=pass\r\n", "\"", "(", ")", "\\", ";", "=", "\r\n", "\r\n ", " ", "\0", "\u00FF"],
        Allocation = (400, 512 * 1024),
    }.Run(octets =>
    {
        var found = TrustedResults.Find(MessageReader.Read(octets).Headers, ["mx.example.net"]);
        Assert.All(found.Fields, f => Assert.Equal("MX.EXAMPLE.NET", f.AuthservId.ToUpper(CultureInfo.InvariantCulture)));
        _ = (found.AuthenticatedUser, found.DkimPasses);
    });
}
