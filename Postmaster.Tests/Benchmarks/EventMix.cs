using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Postmaster.Benchmarks;

/// <summary>Events as a provider's mail servers see them: several hundred senders of very different size, each with lists, campaigns, addresses and selectors.</summary>
internal sealed class EventMix(int seed)
{
    public const int Domains = 600, LinesOfABatch = 5000;
    private const int Mailboxes = 200_000;
    private const string Delivery = "\"kind\":\"delivered\"";
    private static readonly string[] Types = ["promo", "order", "digest"];

    private static readonly (int Share, string Fields)[] Before =
    [
        (72, Delivery + ",\"folder\":\"inbox\""), (8, Delivery + ",\"folder\":\"spam\""), (4, "\"kind\":\"rejected\",\"reason\":\"unknown_user\""),
        (2, "\"kind\":\"rejected\",\"reason\":\"spam\""), (3, "\"kind\":\"deferred\""),
    ];

    /// <summary>What users did with messages; the shares of both tables add up to a hundred.</summary>
    private static readonly (int Share, string Fields)[] Later = [(1, "\"kind\":\"complaint\""), (7, "\"kind\":\"read\""), (3, "\"kind\":\"deleted_unread\"")];

    private readonly Random _random = new(seed);

    public static string DomainOf(int number) => string.Create(CultureInfo.InvariantCulture, $"sender{number}.example");

    /// <summary>Lines of the last hours before an instant, each with the whole identity of its message.</summary>
    public byte[] Batch(DateTimeOffset now)
    {
        var lines = new StringBuilder(LinesOfABatch * 550);
        for (var i = 0; i < LinesOfABatch; i++)
            Append(lines, Kind(_random.Next(100)), now.AddSeconds(-_random.Next(4 * 3600)), Draw(), _random.NextInt64());
        return Encoding.ASCII.GetBytes(lines.ToString());
    }

    /// <summary>The same, but what users did names only the Message-ID and the mailbox of a delivery of the same batch.</summary>
    public RememberedBatch Remembered(DateTimeOffset now)
    {
        var lines = new StringBuilder(LinesOfABatch * 500);
        var (deliveries, later) = (new List<RememberedLine>(), new List<RememberedLine>());
        for (var i = 0; i < LinesOfABatch; i++)
        {
            var (kind, time, start) = (Kind(_random.Next(100)), now.AddSeconds(-_random.Next(4 * 3600)), lines.Length);
            if (Later.Any(k => string.Equals(k.Fields, kind, StringComparison.Ordinal)) && deliveries.Count > 0)
            {
                var delivery = deliveries[_random.Next(deliveries.Count)];
                lines.Append(CultureInfo.InvariantCulture, $$"""{{{kind}},"time":"{{Text(time)}}","mailbox":"user{{delivery.Mailbox}}@provider.example","message_id":"<{{IdOf(delivery.Number, delivery.Mailbox, delivery.Sender)}}>"}""").Append('\n');
                later.Add(delivery with { Place = PlaceOfId(lines, start) });
                continue;
            }

            var (sender, mailbox) = Draw();
            Append(lines, kind, time, (sender, mailbox), i);
            if (kind.StartsWith(Delivery, StringComparison.Ordinal))
                deliveries.Add(new RememberedLine(PlaceOfId(lines, start), i, sender, mailbox));
        }

        return new RememberedBatch(Encoding.ASCII.GetBytes(lines.ToString()), [.. deliveries], [.. later]);
    }

    /// <summary>A Message-ID; the first digits of the number may be written over.</summary>
    public static string IdOf(long number, int mailbox, int sender) => string.Create(CultureInfo.InvariantCulture, $"{number:x16}.{mailbox}@{DomainOf(sender)}");

    /// <summary>Few send most.</summary>
    private (int Sender, int Mailbox) Draw() => ((int)(Domains * Math.Pow(_random.NextDouble(), 2.5)), _random.Next(Mailboxes));

    private void Append(StringBuilder lines, string kind, DateTimeOffset time, (int Sender, int Mailbox) of, long number)
    {
        var (sender, mailbox, domain) = (of.Sender, of.Mailbox, DomainOf(of.Sender));
        var (selector, list, campaign, ip, type) = (_random.Next(2), _random.Next(5), _random.Next(8), _random.Next(4), Types[_random.Next(Types.Length)]);
        lines.Append(
            CultureInfo.InvariantCulture,
            $$"""
            {{{kind}},"time":"{{Text(time)}}","ip":"10.{{sender / 250}}.{{sender % 250}}.{{ip}}","helo":"mx{{ip}}.{{domain}}","mail_from":"bounce-{{mailbox}}@b{{ip % 2}}.{{domain}}","rcpt":"user{{mailbox}}@provider.example","from_domain":"{{domain}}","dkim":[{"domain":"{{domain}}","selector":"s{{selector}}","result":"pass"}],"spf":"pass","dmarc":"pass","tls":"TLSv1.3","size":{{_random.Next(2000, 90_000)}},"list_id":"<list{{list}}.{{domain}}>","feedback_id":"c{{campaign}}:customer{{list % 3}}:{{type}}:sender{{sender}}","msgtype":"{{type}}","message_id":"<{{IdOf(number, mailbox, sender)}}>"}
            """).Append('\n');
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static int PlaceOfId(StringBuilder lines, int start)
    {
        const string Name = "\"message_id\":\"<";
        return start + lines.ToString(start, lines.Length - start).IndexOf(Name, StringComparison.Ordinal) + Name.Length;
    }

    private static string Kind(int draw)
    {
        foreach (var (share, fields) in Before.Concat(Later))
        {
            if ((draw -= share) < 0)
                return fields;
        }

        return Before[0].Fields;
    }
}

/// <summary>A line that is, or speaks of, a delivery that is remembered.</summary>
/// <param name="Place">Of its Message-ID's first octet in the batch.</param>
/// <param name="Number">Of the delivery's line.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RememberedLine(int Place, int Number, int Sender, int Mailbox);

/// <summary>A batch that can be sent again and again, each time with deliveries that are new.</summary>
internal sealed class RememberedBatch(byte[] octets, RememberedLine[] deliveries, RememberedLine[] later)
{
    /// <summary>Digits of a Message-ID that tell the sending.</summary>
    private const int Digits = 10;

    public byte[] Octets => octets;
    public IReadOnlyList<RememberedLine> Deliveries => deliveries;

    /// <summary>Makes the Message-IDs those of a sending.</summary>
    /// <param name="of">Gives the sending, past ones, that the next later event speaks of.</param>
    public void Number(long sending, Func<long> of)
    {
        foreach (var line in deliveries)
            Write(line, sending);
        foreach (var line in later)
            Write(line, of());
    }

    /// <summary>The Message-ID of a delivery of a sending.</summary>
    public static string IdOf(RememberedLine line, long sending) => EventMix.IdOf((sending << 24) | (uint)line.Number, line.Mailbox, line.Sender);

    private void Write(RememberedLine line, long sending) => sending.TryFormat(octets.AsSpan(line.Place, Digits), out _, "x10", CultureInfo.InvariantCulture);
}
