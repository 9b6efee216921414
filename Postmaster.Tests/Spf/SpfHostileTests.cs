using System.Globalization;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Spf;
using static Postmaster.Tests.Spf.SpfKit;

namespace Postmaster.Tests.Spf;

/// <summary>Records made to explode: whatever they say, a check asks DNS a known number of times.</summary>
public sealed class SpfHostileTests
{
    private const int MaxTerms = 10;

    private const int NamesOfATerm = 10;

    [Fact]
    public async Task A_tree_of_includes_is_walked_until_ten()
    {
        // Ten includes in each record, each of another name: ten thousand million leaves.
        var tree = new Endless(name => "v=spf1" + Repeat(10, i => $" include:{i}.{name}"));
        await PermErrorAsync(SpfProblem.TooManyLookups, tree);
        Assert.Equal(1 + MaxTerms, tree.Queries);
    }

    [Theory]
    [InlineData("v=spf1 redirect=x.{0}")] // each one longer
    [InlineData("v=spf1 include:x.{0}")]
    [InlineData("v=spf1 redirect=%{{d}}.%{{d}}")] // each twice as long
    [InlineData("v=spf1 include:%{{i}}.%{{d}} include:%{{i}}.%{{d}}")]
    public async Task A_chain_of_records_is_followed_until_ten(string record)
    {
        var chain = new Endless(name => string.Format(CultureInfo.InvariantCulture, record, name));
        await PermErrorAsync(SpfProblem.TooManyLookups, chain);
        Assert.Equal(1 + MaxTerms, chain.Queries);
    }

    [Fact]
    public async Task Ten_times_ten_hosts_are_asked_for_and_no_more()
    {
        var zone = Zone("v=spf1" + Repeat(MaxTerms, i => $" mx:d{i}.example") + " mx -all");
        for (var i = 0; i < MaxTerms; i++)
        {
            for (ushort host = 0; host < NamesOfATerm; host++)
                zone.AddMx($"d{i}.example", host, $"h{host}.d{i}.example").AddAddress($"h{host}.d{i}.example", "198.51.100.1");
        }
        await PermErrorAsync(SpfProblem.TooManyLookups, zone);
        Assert.Equal(1 + MaxTerms + (MaxTerms * NamesOfATerm), zone.Queries.Count);
    }

    [Theory]
    [InlineData(" ptr:h.example", 1 + 1)] // of a thousand names the first ten, once for all terms
    [InlineData(" exists:%{p}.x.example", 1 + 1)]
    [InlineData(" a:%{p}.%{d}", 1 + 1)]
    [InlineData(" mx:%{p}.h.example", 1 + 1)]
    public async Task The_client_s_names_are_asked_for_once_a_check(string term, int others)
    {
        var zone = Zone("v=spf1" + Repeat(30, _ => term) + " -all exp=%{p}.why.example");
        for (var i = 0; i < 1000; i++)
            zone.AddPtr(Client, $"n{i}.h.example").AddAddress($"n{i}.h.example", "198.51.100.1");
        zone.AddAddress("unknown.x.example", "127.0.0.2").AddAddress("unknown.example.org", "198.51.100.1").AddMx("unknown.h.example", 1, "n0.h.example");
        var result = await CheckAsync(zone);
        Assert.True(Enum.IsDefined(result.Problem));
        Assert.Single(zone.Queries, q => q.Type == DnsRecordType.PTR);
        // The names, and what ten terms ask for beside them: a host, or an MX and its host.
        Assert.InRange(zone.Queries.Count, others + NamesOfATerm, others + NamesOfATerm + (2 * MaxTerms));
    }

    [Fact]
    public async Task The_worst_of_everything_asks_a_known_number_of_times()
    {
        // Every term needs the client's name, has ten hosts, and leads to further such records.
        var zone = Zone("v=spf1 include:in.example" + Repeat(50, _ => " mx:%{p}.x.example ptr:h.example") + " exp=%{p}.why.example")
            .AddTxt("in.example", "v=spf1" + Repeat(50, _ => " ptr:h.example mx:m.example exists:%{p}.%{ir}.%{s}.x.example"));
        for (ushort i = 0; i < NamesOfATerm; i++)
        {
            zone.AddPtr(Client, $"n{i}.h.example").AddAddress($"n{i}.h.example", "198.51.100.1");
            foreach (var owner in (string[])["m.example", "unknown.x.example"])
                zone.AddMx(owner, i, $"n{i}.mx.example").AddAddress($"n{i}.mx.example", "198.51.100.1");
        }
        var result = await CheckAsync(zone);
        Assert.Equal(SpfStatus.PermError, result.Status);
        Assert.InRange(zone.Queries.Count, 20, 1 + 1 + NamesOfATerm + (MaxTerms * (1 + NamesOfATerm)));
    }

    [Fact]
    public async Task Macros_without_end_make_one_name_of_253_characters()
    {
        var zone = Zone("v=spf1 exists:" + Repeat(100, _ => "%{s}.%{l1r-}.%{h}.") + "example -all");
        var result = await CheckAsync(zone, helo: new string('h', 60) + ".example");
        Assert.Equal(SpfStatus.Fail, result.Status);
        Assert.InRange(result.Trace!.Steps[0].Target!.Length, 180, 253);
        Assert.Equal(2, zone.Queries.Count);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1000)]
    public async Task A_huge_text_is_no_more_work_than_a_long_one(int strings)
    {
        var octets = System.Text.Encoding.ASCII.GetBytes("v=spf1" + Repeat(strings * 255 / 4, _ => " all"));
        var zone = new ZoneResolver().Add(new TxtRecord("example.org", ZoneResolver.DefaultTtl, [.. octets.Chunk(255)]));
        var result = await CheckAsync(zone);
        Assert.Equal(octets.Length > SpfRecordParser.MaxRecordOctets ? SpfProblem.RecordTooLong : SpfProblem.None, result.Problem);
        Assert.Single(zone.Queries);
    }

    [Fact]
    public async Task A_thousand_texts_beside_the_record_are_only_looked_at()
    {
        var zone = Zone("v=spf1 -all");
        for (var i = 0; i < 1000; i++)
            zone.AddTxt("example.org", string.Create(CultureInfo.InvariantCulture, $"v=spf{i}{new string('x', 200)}"));
        await ExpectAsync(SpfStatus.Fail, zone);
    }

    [Fact]
    public async Task An_explanation_of_64_kilobytes_is_cut()
    {
        var zone = Zone("v=spf1 -all exp=why.example").Add(new TxtRecord("why.example", ZoneResolver.DefaultTtl, [.. Enumerable.Repeat("%{S}%{S}"u8.ToArray(), 8000)]));
        var result = await CheckAsync(zone, sender: new string('a', 500) + "@example.org");
        Assert.Equal(SpfStatus.Fail, result.Status);
        Assert.InRange(result.Explanation?.Length ?? 0, 0, new SpfEvaluatorOptions().MaxExplanationLength);
    }

    [Fact]
    public async Task The_survey_of_a_record_s_cost_is_bounded_as_well()
    {
        var tree = new Endless(name => "v=spf1" + Repeat(10, i => $" include:{i}.{name}"));
        var cost = await new SpfEvaluator(tree).MeasureAsync(DomainName.Parse("example.org"), CancellationToken.None);
        Assert.InRange(tree.Queries, 11, 100);
        Assert.InRange(cost.Lookups, 11, 1100);
    }

    private static async Task PermErrorAsync(SpfProblem problem, IDnsResolver dns)
    {
        var result = await CheckAsync(dns);
        Assert.Equal((SpfStatus.PermError, problem), (result.Status, result.Problem));
    }

    private static string Repeat(int count, Func<int, string> term) => string.Concat(Enumerable.Range(0, count).Select(term));

    /// <summary>Every name has a record, made of the name.</summary>
    private sealed class Endless(Func<string, string> record) : IDnsResolver
    {
        public int Queries { get; private set; }

        public ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct)
        {
            Queries++;
            return ValueTask.FromResult(new DnsAnswer
            {
                Status = DnsStatus.Found,
                Name = name,
                Type = type,
                Records = [new TxtRecord(name, TimeSpan.Zero, [.. System.Text.Encoding.ASCII.GetBytes(record(name)).Chunk(255)])],
            });
        }
    }
}
