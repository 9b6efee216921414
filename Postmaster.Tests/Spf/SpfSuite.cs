using System.Globalization;
using System.Net;
using System.Text;
using Postmaster.Fbl.Dns;
using Postmaster.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Postmaster.Tests.Spf;

/// <summary>Reads the public suite by the rules of its own driver.</summary>
internal sealed record SpfSuite(string Description, IReadOnlyList<SpfSuiteTest> Tests, IDnsResolver Dns)
{
    private static readonly Lazy<IReadOnlyList<SpfSuite>> Read = new(() => Conformance.Find("spf") is { } folder ? Load(Path.Combine(folder, "rfc7208-tests.yml")) : []);

    /// <summary>Empty where the suite is not there.</summary>
    public static IReadOnlyList<SpfSuite> Scenarios => Read.Value;

    private static List<SpfSuite> Load(string path)
    {
        var yaml = new YamlStream();
        using var reader = new StreamReader(path);
        yaml.Load(reader);
        return [.. yaml.Documents.Select(d => Scenario((YamlMappingNode)d.RootNode))];
    }

    private static SpfSuite Scenario(YamlMappingNode root)
    {
        var tests = ((YamlMappingNode)root["tests"]).Select(t => SpfSuiteTest.Read(Text(t.Key), (YamlMappingNode)t.Value));
        var zone = new ZoneResolver();
        var silent = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, entries) in (YamlMappingNode)root["zonedata"])
            AddName(zone, silent, Text(name), (YamlSequenceNode)entries);
        return new SpfSuite(Text(root["description"]).Trim(), [.. tests], new SilentNames(zone, silent));
    }

    private static void AddName(ZoneResolver zone, HashSet<string> silent, string name, YamlSequenceNode entries)
    {
        var hasTxt = entries.OfType<YamlMappingNode>().Any(e => e.Children.ContainsKey("TXT"));
        foreach (var entry in entries)
        {
            if (entry is not YamlMappingNode map)
            {
                silent.Add(name); // TIMEOUT
                continue;
            }
            foreach (var (type, value) in map)
            {
                // An SPF record is served as TXT, unless the name has a TXT entry of its own, were it NONE.
                if (Text(type) is not "SPF" || !hasTxt)
                    AddRecord(zone, silent, name, Text(type), value);
            }
        }
    }

    private static void AddRecord(ZoneResolver zone, HashSet<string> silent, string name, string type, YamlNode value)
    {
        var text = value is YamlScalarNode ? Text(value) : null;
        if (text is "NONE")
            return;
        if (text is "TIMEOUT")
        {
            silent.Add(name);
            return;
        }
        var ttl = ZoneResolver.DefaultTtl;
        zone.Add(type switch
        {
            "SPF" or "TXT" => new TxtRecord(name, ttl, [.. (value is YamlSequenceNode list ? list.Select(Text) : [text!]).SelectMany(Strings)]),
            "A" or "AAAA" => new ARecord(name, ttl, IPAddress.Parse(text!)),
            "MX" => new MxRecord(name, ttl, ushort.Parse(Text(value[0]), CultureInfo.InvariantCulture), Text(value[1])),
            "PTR" => new PtrRecord(name, ttl, text!.TrimEnd('.')),
            "CNAME" => new CnameRecord(name, ttl, text!),
            _ => throw new FormatException(type),
        });
    }

    /// <summary>One octet a character, at most 255 in a string.</summary>
    private static IEnumerable<byte[]> Strings(string text) => Encoding.Latin1.GetBytes(text).Chunk(byte.MaxValue);

    internal static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    /// <summary>Names that time out for every type that they have no record of.</summary>
    private sealed class SilentNames(ZoneResolver zone, HashSet<string> names) : IDnsResolver
    {
        public async ValueTask<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken ct)
        {
            var answer = await zone.QueryAsync(name, type, ct);
            return answer.Status != DnsStatus.Found && names.Contains(name)
                ? answer with { Status = DnsStatus.Timeout, Problem = null }
                : answer;
        }
    }
}

internal sealed record SpfSuiteTest(string Id, string Host, string MailFrom, string Helo, IReadOnlyList<string> Results, string? Explanation)
{
    public static SpfSuiteTest Read(string id, YamlMappingNode test) => new(
        id,
        SpfSuite.Text(test["host"]),
        SpfSuite.Text(test["mailfrom"]),
        SpfSuite.Text(test["helo"]),
        test["result"] is YamlSequenceNode several ? [.. several.Select(SpfSuite.Text)] : [SpfSuite.Text(test["result"])],
        test.Children.TryGetValue("explanation", out var explanation) ? SpfSuite.Text(explanation) : null);
}
