using System.Globalization;
using System.Text;

namespace Postmaster.Benchmarks;

/// <summary>Events as a provider's mail servers see them: several hundred senders of very different size, each with lists, campaigns, addresses and selectors.</summary>
internal sealed class EventMix(int seed)
{
    public const int Domains = 600, LinesOfABatch = 5000;
    private const int Mailboxes = 200_000;
    private static readonly string[] Types = ["promo", "order", "digest"];

    private static readonly (int Share, string Fields)[] Kinds =
    [
        (72, "\"kind\":\"delivered\",\"folder\":\"inbox\""), (8, "\"kind\":\"delivered\",\"folder\":\"spam\""), (4, "\"kind\":\"rejected\",\"reason\":\"unknown_user\""),
        (2, "\"kind\":\"rejected\",\"reason\":\"spam\""), (3, "\"kind\":\"deferred\""), (1, "\"kind\":\"complaint\""), (7, "\"kind\":\"read\""), (3, "\"kind\":\"deleted_unread\""),
    ];

    private readonly Random _random = new(seed);

    public static string DomainOf(int number) => string.Create(CultureInfo.InvariantCulture, $"sender{number}.example");

    /// <summary>Lines of the last hours before an instant.</summary>
    public byte[] Batch(DateTimeOffset now)
    {
        var lines = new StringBuilder(LinesOfABatch * 550);
        for (var i = 0; i < LinesOfABatch; i++)
            Append(lines, now.AddSeconds(-_random.Next(4 * 3600)));
        return Encoding.ASCII.GetBytes(lines.ToString());
    }

    private void Append(StringBuilder lines, DateTimeOffset time)
    {
        // Few send most.
        var sender = (int)(Domains * Math.Pow(_random.NextDouble(), 2.5));
        var domain = DomainOf(sender);
        var (selector, list, campaign, ip, type) = (_random.Next(2), _random.Next(5), _random.Next(8), _random.Next(4), Types[_random.Next(Types.Length)]);
        var mailbox = _random.Next(Mailboxes);
        lines.Append(
            CultureInfo.InvariantCulture,
            $$"""
            {{{Kind()}},"time":"{{time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}}","ip":"10.{{sender / 250}}.{{sender % 250}}.{{ip}}","helo":"mx{{ip}}.{{domain}}","mail_from":"bounce-{{mailbox}}@b{{ip % 2}}.{{domain}}","rcpt":"user{{mailbox}}@provider.example","from_domain":"{{domain}}","dkim":[{"domain":"{{domain}}","selector":"s{{selector}}","result":"pass"}],"spf":"pass","dmarc":"pass","tls":"TLSv1.3","size":{{_random.Next(2000, 90_000)}},"list_id":"<list{{list}}.{{domain}}>","feedback_id":"c{{campaign}}:customer{{list % 3}}:{{type}}:sender{{sender}}","msgtype":"{{type}}","message_id":"<{{_random.NextInt64():x16}}.{{mailbox}}@{{domain}}>"}
            """).Append('\n');
    }

    private string Kind()
    {
        var draw = _random.Next(100);
        foreach (var (share, fields) in Kinds)
        {
            if ((draw -= share) < 0)
                return fields;
        }

        return Kinds[0].Fields;
    }
}
