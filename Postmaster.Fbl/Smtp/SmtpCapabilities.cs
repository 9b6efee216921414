using System.Globalization;

namespace Postmaster.Fbl.Smtp;

/// <summary>What the peer offered in its reply to EHLO (RFC 5321 §4.1.1.1); <see cref="None"/> after HELO.</summary>
internal sealed record SmtpCapabilities
{
    public static readonly SmtpCapabilities None = new();

    public bool Pipelining { get; private init; }

    public bool EightBitMime { get; private init; }

    public bool SmtpUtf8 { get; private init; }

    /// <summary>Delivery status notifications (RFC 3461).</summary>
    public bool Dsn { get; private init; }

    public bool StartTls { get; private init; }

    public bool Size { get; private init; }

    /// <summary>Octets; null when there is no fixed maximum (RFC 1870 §4: none given, or 0).</summary>
    public long? MaxSize { get; private init; }

    public IReadOnlySet<string> AuthMechanisms { get; private init; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    public static SmtpCapabilities Read(SmtpReply reply)
    {
        var capabilities = None;
        foreach (var line in reply.Lines.Skip(1))
        {
            // RFC 4954 §3 and its forerunners: some peers still write "AUTH=PLAIN" as well.
            var words = (line.StartsWith("AUTH=", StringComparison.OrdinalIgnoreCase) ? "AUTH " + line[5..] : line).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            capabilities = words.Length == 0 ? capabilities : words[0].ToUpperInvariant() switch
            {
                "PIPELINING" => capabilities with { Pipelining = true },
                "8BITMIME" => capabilities with { EightBitMime = true },
                "SMTPUTF8" => capabilities with { SmtpUtf8 = true },
                "DSN" => capabilities with { Dsn = true },
                "STARTTLS" => capabilities with { StartTls = true },
                "SIZE" => capabilities with { Size = true, MaxSize = words.Length > 1 ? ReadSize(words[1]) : null },
                "AUTH" => capabilities with { AuthMechanisms = capabilities.AuthMechanisms.Concat(words.Skip(1)).ToHashSet(StringComparer.OrdinalIgnoreCase) },
                _ => capabilities,
            };
        }

        return capabilities;
    }

    private static long? ReadSize(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0 ? size : null;
}
