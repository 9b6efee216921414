using System.Globalization;
using System.Text;
using Postmaster.Web.Model;

namespace Postmaster.Tests.Traffic;

/// <summary>Batches of events, always the same for a seed, and what every counter has to be when each of them counts once.</summary>
internal sealed class MadeUpTraffic
{
    public static readonly string[] Claimed = ["one.example", "two.example", "three.example"];
    private static readonly string[] Domains = [.. Claimed, "nobody.example", "mail.two.example"];

    private static readonly (string Fields, TrafficCounter Counter)[] Kinds =
    [
        ("\"kind\":\"delivered\",\"folder\":\"inbox\"", TrafficCounter.DeliveredInbox), ("\"kind\":\"delivered\",\"folder\":\"spam\"", TrafficCounter.DeliveredSpam),
        ("\"kind\":\"rejected\",\"reason\":\"unknown_user\"", TrafficCounter.RejectedUnknownUser), ("\"kind\":\"deferred\"", TrafficCounter.Deferred),
        ("\"kind\":\"complaint\"", TrafficCounter.Complaint), ("\"kind\":\"deleted_unread\"", TrafficCounter.DeletedUnread),
    ];

    public MadeUpTraffic(int seed, int batches, int lines, DateTimeOffset now)
    {
        var random = new Random(seed);
        Batches = [.. Enumerable.Range(0, batches).Select(_ => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, lines).Select(_ => Line(random, now) + "\n"))))];
        Events = batches * lines;
    }

    public byte[][] Batches { get; }

    public long Events { get; }

    /// <summary>By domain, stream, day and counter.</summary>
    public Dictionary<(string Domain, StreamKind Kind, string Value, DateOnly Day, TrafficCounter Counter), long> Truth { get; } = [];

    private string Line(Random random, DateTimeOffset now)
    {
        string domain = Domains[random.Next(Domains.Length)], counted = domain is "mail.two.example" ? "two.example" : domain;
        (string fields, TrafficCounter counter) = Kinds[random.Next(Kinds.Length)];
        DateTimeOffset time = now.AddHours(-random.Next(60));
        var day = DateOnly.FromDateTime(time.UtcDateTime);
        int list = random.Next(4), ip = random.Next(6);
        Count(counted, StreamKind.Whole, "", day, counter);
        if (Claimed.Contains(counted))
        {
            Count(counted, StreamKind.ListId, $"l{list}.example", day, counter);
            Count(counted, StreamKind.Ip, $"192.0.{ip}.7", day, counter);
            Count(counted, StreamKind.Network, $"192.0.{ip}.0/24", day, counter);
            Count(counted, StreamKind.Selector, "s1", day, counter);
        }

        return $$"""
            {{{fields}},"time":"{{time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}}","ip":"192.0.{{ip}}.7","from_domain":"{{domain}}","list_id":"<l{{list}}.example>","message_id":"<{{random.NextInt64()}}@x>","mailbox":"u@p.example","dkim":[{"domain":"{{domain}}","selector":"s1","result":"pass"}]}
            """;
    }

    private void Count(string domain, StreamKind kind, string value, DateOnly day, TrafficCounter counter) =>
        Truth[(domain, kind, value, day, counter)] = Truth.GetValueOrDefault((domain, kind, value, day, counter)) + 1;
}
