using System.Globalization;
using System.Net;
using Postmaster.Fbl.Dns;

namespace Postmaster.Tests.Spf;

/// <param name="Zone">Name, then type, then what stands there: a text, an address, a host name (MX are all of one preference).</param>
/// <param name="Silent">Names that do not answer.</param>
internal sealed record SpfCase(
    string Ip, string Sender, string Helo, IReadOnlyDictionary<string, Dictionary<string, List<string>>> Zone, IReadOnlySet<string> Silent)
{
    public string Record => string.Join(" | ", Zone.Where(z => z.Value.ContainsKey("TXT")).Select(z => $"{z.Key}: {string.Join(" & ", z.Value["TXT"])}"));

    public ZoneResolver Resolver()
    {
        var zone = new ZoneResolver();
        foreach (var (name, types) in Zone)
        {
            foreach (var (type, values) in types)
            {
                foreach (var value in values)
                    zone.Add(Read(name, type, value));
            }
        }
        foreach (var name in Silent)
            zone.Fail(name, DnsStatus.Timeout);
        return zone;
    }

    private static DnsRecord Read(string name, string type, string value) => type switch
    {
        "TXT" => new TxtRecord(name, ZoneResolver.DefaultTtl, [System.Text.Encoding.Latin1.GetBytes(value)]),
        "MX" => new MxRecord(name, ZoneResolver.DefaultTtl, 10, value),
        "PTR" => new PtrRecord(name, ZoneResolver.DefaultTtl, value),
        "CNAME" => new CnameRecord(name, ZoneResolver.DefaultTtl, value),
        _ => new ARecord(name, ZoneResolver.DefaultTtl, IPAddress.Parse(value)),
    };
}

/// <summary>Clients, senders and small zones by the thousand: records with every mechanism, some with faults, some over a limit. The same seed, the same cases.</summary>
internal sealed class SpfCases(int seed)
{
    private static readonly string[] Domains = ["example.org", "one.example.net", "two.example.net", "three.example.net", "four.example.net"];

    private static readonly string[] Hosts = ["mx.example.org", "mta.example.net", "alias.example.net", "six.example.net", "nothing.example.net"];

    private static readonly string[] Qualifiers = ["", "", "", "+", "-", "~", "?"];

    private static readonly string[] Macros = ["%{i}.x.example.net", "%{ir}.%{v}.x.example.net", "%{l}.%{d2}", "%{h}", "%{d1r}.example.net", "%{o}", "%{l1r-}.x.example.net", "%{S}.x.example.net"];

    /// <summary>Terms that break a record, or look as if they did.</summary>
    private static readonly string[] Faults =
    [
        "ip4:192.0.2.256", "ip4:192.0.2.0/33", "ip6:2001:db8::/129", "ip4", "ipv4:192.0.2.1", "a:", "a/33", "mx//129", "include", "include:", "all:x", "all/8",
        "exists", "exists:%{x}.example.net", "exists:%", "a:example..net", "redirect=", "redirect=one.example.net redirect=two.example.net", "exp=a.example exp=b.example",
        "unknown", "unknown:x", "unknown=x", "un-known.1_x=%{d}", "1unknown=x", "=x", "a=b", "ip4:1.2.3", "ip6:1:2", "a:%{d}", "a:%{d", "ptr/24", "ptr:", "A", "ALL", "Ip4:192.0.2.0/24", "ip4:192.0.2.0/024",
    ];

    /// <summary>What exp= leads to, good and bad.</summary>
    private static readonly string[] Explanations =
    [
        "%{i} is no host of %{o}", "%{c} may not send as %{s} (%{h}, %{v})", "%{l} of %{d2}, asked by %{ir}, %{l1r-}", "100%% wrong,%_see%-http://example.org/%{S}", "plain words", "bad %{x}", "bad 100%", "",
    ];

    private readonly Random _random = new(seed);

    private readonly Random _words = new(seed);

    public IEnumerable<SpfCase> Make(int count)
    {
        for (var i = 0; i < count; i++)
            yield return Make();
    }

    private SpfCase Make()
    {
        var ip = _random.Next(4) == 0 ? Address6() : Address();
        var zone = new Dictionary<string, Dictionary<string, List<string>>>(StringComparer.Ordinal);
        foreach (var host in (string[])["mx.example.org", "mta.example.net", "example.org", "one.example.net"])
            Add(zone, host, "A", _random.Next(3) == 0 && ip.Contains('.', StringComparison.Ordinal) ? ip : Address());
        Add(zone, "six.example.net", "AAAA", _random.Next(2) == 0 && ip.Contains(':', StringComparison.Ordinal) ? ip : Address6());
        Add(zone, "alias.example.net", "CNAME", "mta.example.net");
        for (var i = _random.Next(10) == 0 ? _random.Next(9, 13) : _random.Next(3); i > 0; i--)
            Add(zone, "example.org", "MX", i <= Hosts.Length ? Hosts[i - 1] : string.Create(CultureInfo.InvariantCulture, $"mx{i}.example.org"));
        Add(zone, "one.example.net", "MX", "mta.example.net");
        for (var i = _random.Next(3); i > 0; i--)
            Add(zone, Reverse(ip), "PTR", Hosts[(2 * i) - 1 - _random.Next(2)]);
        if (_random.Next(2) == 0)
            Add(zone, ip.Contains('.', StringComparison.Ordinal) ? ip + ".x.example.net" : "anna.example.org", "A", "127.0.0.2");
        foreach (var domain in Domains)
            AddRecords(zone, domain);
        foreach (var name in (string[])["why.example.net", "why.example.org", "why.example.org"])
        {
            var text = Explanations[_words.Next(Explanations.Length)];
            if (_words.Next(5) > 0 && !(zone.TryGetValue(name, out var types) && types["TXT"].Contains(text))) // RFC 2181 §5: no record stands there twice
                Add(zone, name, "TXT", text);
        }
        var silent = new HashSet<string>(StringComparer.Ordinal);
        if (_random.Next(12) == 0)
            silent.Add(_random.Next(2) == 0 ? Pick(Domains) : "silent.example.net");
        var sender = _random.Next(12) switch { 0 => "", 1 => "anna-b.c@example.org", 2 => "anna@Example.ORG", 3 => "anna@none.example", 4 => "example.org", _ => "anna@example.org" };
        return new SpfCase(ip, sender, _random.Next(4) == 0 ? "one.example.net" : "mta.example.net", zone, silent);
    }

    private void AddRecords(Dictionary<string, Dictionary<string, List<string>>> zone, string domain)
    {
        switch (_random.Next(30))
        {
            case 0:
                return; // nothing there
            case 1:
                Add(zone, domain, "TXT", "v=spf10 -all");
                return;
            case 2:
                Add(zone, domain, "TXT", "v=spf1 ?all");
                break; // and a second one
            default:
                break;
        }
        if (_random.Next(3) == 0)
            Add(zone, domain, "TXT", "a note");
        var terms = new List<string> { _random.Next(12) == 0 ? "V=SPF1" : "v=spf1" };
        for (var i = _random.Next(20) == 0 ? 12 : _random.Next(1, 6); i > 0; i--)
            terms.Add(Pick(Qualifiers) + Mechanism());
        if (_random.Next(6) == 0)
            terms.Add(Pick(Faults));
        if (_random.Next(3) > 0)
            terms.Add(Pick(Qualifiers) + "all");
        else if (_random.Next(2) == 0)
            terms.Add("redirect=" + Pick(Domains));
        if (_words.Next(8) > 0)
            terms.Add("exp=" + (_words.Next(4) switch { 0 => "why.example.org", 1 => "why.%{d2}", _ => "why.example.net" }));
        Add(zone, domain, "TXT", string.Join(_random.Next(10) == 0 ? "  " : " ", terms));
    }

    private string Mechanism() => _random.Next(11) switch
    {
        0 or 1 => string.Create(CultureInfo.InvariantCulture, $"ip4:{Address()}/{_random.Next(20, 33)}"),
        2 => string.Create(CultureInfo.InvariantCulture, $"ip6:{Address6()}/{_random.Next(40, 129)}"),
        3 => "a" + Prefix(),
        4 => "a:" + Pick(Hosts) + Prefix(),
        5 => "mx" + Prefix(),
        6 => "mx:" + Pick(Domains) + Prefix(),
        7 or 8 => "include:" + Pick(Domains),
        9 => _random.Next(2) == 0 ? "ptr" : "ptr:example.net",
        _ => "exists:" + Pick(Macros),
    };

    private string Prefix() => _random.Next(5) switch { 0 => "/24", 1 => "//48", 2 => "/25//64", _ => "" };

    private string Address() => string.Create(CultureInfo.InvariantCulture, $"192.0.{_random.Next(2, 4)}.{_random.Next(1, 255)}");

    private string Address6() => string.Create(CultureInfo.InvariantCulture, $"2001:db8:{_random.Next(1, 3)}::{_random.Next(1, 99)}");

    private string Pick(string[] of) => of[_random.Next(of.Length)];

    private static string Reverse(string ip) => new PtrRecord(ReverseName.Of(IPAddress.Parse(ip)), TimeSpan.Zero, "x").Name;

    private static void Add(Dictionary<string, Dictionary<string, List<string>>> zone, string name, string type, string value)
    {
        if (!zone.TryGetValue(name, out var types))
            zone[name] = types = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        if (!types.TryGetValue(type, out var values))
            types[type] = values = [];
        values.Add(value);
    }
}
