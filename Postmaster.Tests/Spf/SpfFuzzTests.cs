using System.Text;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Spf;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf;

public sealed class SpfFuzzTests
{
    private const string Rich =
        "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::/32 a:%{l1r-}.%{d2}/24//64 mx ?ptr:%{p} ~exists:%{ir}.%{v}.%{h} include:%{o}.example.org unknown=%{c} redirect=%{d} exp=%{D}";

    private static readonly string[] Pieces =
    [
        " ", "  ", "a", "mx", "ptr", "all", "include", "exists", "ip4", "ip6", "redirect=", "exp=", ":", "/", "//", "=", "%", "%{", "}", "%{d}", "%{p}", "%{l1r-}", "%%",
        "+", "-", "~", "?", "192.0.2.1", "2001:db8::1", "24", "129", "example.org", "self.example", ".", "..", "\0", "\t", "é", "v=spf1", "x",
    ];

    [Fact]
    public async Task A_record_cut_anywhere_has_a_result()
    {
        for (var length = 0; length <= Rich.Length; length++)
            await BoundedAsync(Rich[..length]);
    }

    [Fact]
    public async Task Rubbish_of_the_grammar_s_own_pieces_has_a_result()
    {
        var random = new Random(7208);
        for (var i = 0; i < 4000; i++)
        {
            var record = new StringBuilder("v=spf1 ");
            for (var n = random.Next(12); n > 0; n--)
                record.Append(Pieces[random.Next(Pieces.Length)]);
            await BoundedAsync(record.ToString());
        }
    }

    [Fact]
    public async Task Changed_octets_have_a_result()
    {
        var random = new Random(4408);
        for (var i = 0; i < 4000; i++)
        {
            var octets = Encoding.Latin1.GetBytes(Rich);
            for (var n = random.Next(1, 6); n > 0; n--)
                octets[random.Next(7, octets.Length)] = (byte)random.Next(256);
            await BoundedAsync(Encoding.Latin1.GetString(octets));
        }
    }

    [Fact]
    public async Task A_record_made_to_explode_asks_no_more_than_the_limits_allow()
    {
        // Every term of every record is a ptr, an mx of ten names, or another such record.
        var zone = new ZoneResolver();
        foreach (var name in (string[])["example.org", "self.example"])
        {
            zone.AddTxt(name, "v=spf1" + string.Concat(Enumerable.Repeat(" mx ptr include:self.example", 100)));
            for (ushort i = 0; i < 10; i++)
                zone.AddMx(name, i, $"{i}.example.org").AddAddress($"{i}.example.org", "198.51.100.1").AddPtr(Client, $"{i}.self.example");
        }
        Assert.Equal(SpfProblem.TooManyLookups, (await CheckAsync(zone)).Problem);
        Assert.InRange(zone.Queries.Count, 11, 1 + (10 * 11));
    }

    [Fact]
    public async Task Whatever_the_client_says_there_is_a_result()
    {
        var zone = Zone("v=spf1 exists:%{S}.%{L1r-}.%{H2}.example.net a:%{h} exists:%{o} -all exp=why.example.org").AddTxt("why.example.org", "%{S} %{h} %{o} %{H}");
        var random = new Random(5321);
        const string alphabet = "ab.@@-\"\\<> \r\n\0\t%{}[]:/é\u0085\ud800\udc00\u202e.";
        for (var i = 0; i < 3000; i++)
        {
            var result = await CheckAsync(zone, sender: Text() + (i % 2 == 0 ? "@example.org" : ""), helo: Text());
            Assert.DoesNotContain(result.Reason + result.Explanation, char.IsControl);
        }

        string Text() => string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => alphabet[random.Next(alphabet.Length)]));
    }

    /// <summary>Whatever stands in the record, the same check ends, with words, and asks a bounded number of times.</summary>
    private static async Task BoundedAsync(string record)
    {
        var zone = new ZoneResolver().Add(new TxtRecord("example.org", ZoneResolver.DefaultTtl, [.. Encoding.Latin1.GetBytes(record).Chunk(255)]))
            .AddTxt("self.example", "v=spf1 include:self.example").AddPtr(Client, "h.example.org").AddAddress("h.example.org", Client);
        var result = await CheckAsync(zone);
        Assert.DoesNotContain(result.Reason, char.IsControl);
        Assert.InRange(zone.Queries.Count, 1, 140);
        Assert.InRange(result.Lookups, 0, 11);
    }
}
