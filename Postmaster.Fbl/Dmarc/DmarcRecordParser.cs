using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Postmaster.Fbl.Names;

namespace Postmaster.Fbl.Dmarc;

/// <summary>
/// Reads policy records (RFC 9989 §4.8). Only the version decides whether a text is one; behind it, what is malformed gets its default
/// and is told in <see cref="DmarcRecord.Ignored"/>. Of a tag that stands there twice the first counts.
/// </summary>
public static class DmarcRecordParser
{
    /// <summary>Attack: a TXT record of 64 KB. Real ones have a few hundred octets; the rest of a longer one is not read.</summary>
    public const int MaxRecordOctets = 8 * 1024;

    /// <summary>Attack: thousands of addresses. Real records have up to a handful.</summary>
    public const int MaxReportUris = 20;

    /// <summary>RFC 9989 §4.7, v: the first tag, and exactly DMARC1; otherwise the text is none of ours.</summary>
    /// <param name="octets">The strings of one TXT record, joined without a space.</param>
    public static bool IsRecord(ReadOnlySpan<byte> octets) => TrySkipVersion(octets, out _);

    public static bool TryParse(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out DmarcRecord? record)
    {
        record = null;
        if (!TrySkipVersion(octets, out var at))
            return false;
        var text = Encoding.Latin1.GetString(octets[..Math.Min(octets.Length, MaxRecordOctets)]);
        var tags = new DmarcTags(text.AsSpan(Math.Min(at, text.Length)));
        record = new DmarcRecord(text)
        {
            Policy = tags.Read("p", PolicyOf),
            SubdomainPolicy = tags.Read("sp", PolicyOf),
            NonexistentPolicy = tags.Read("np", PolicyOf),
            PublicSuffix = tags.Read("psd", PublicSuffixOf) ?? DmarcPublicSuffix.Unknown,
            Testing = tags.Read("t", YesOrNo) ?? false,
            DkimAlignment = tags.Read("adkim", ModeOf) ?? DmarcAlignmentMode.Relaxed,
            SpfAlignment = tags.Read("aspf", ModeOf) ?? DmarcAlignmentMode.Relaxed,
            AggregateReports = ReadUris(tags, "rua"),
            FailureReports = ReadUris(tags, "ruf"),
            FailureOptions = tags.ReadText("fo", FailureOptionsOf) ?? "0",
            Percent = tags.Read("pct", PercentOf),
            HasValidPolicies = tags.Has("p") && !tags.IsMalformed("p") && !tags.IsMalformed("sp") && !tags.IsMalformed("np"),
            Ignored = tags.Ignored,
        };
        return true;
    }

    /// <summary>RFC 9989 §4.8: dmarc-version, up to the semicolon behind it or to the end.</summary>
    private static bool TrySkipVersion(ReadOnlySpan<byte> octets, out int at)
    {
        at = 0;
        if (octets.IsEmpty || octets[0] is not ((byte)'v' or (byte)'V'))
            return false;
        at = SkipSpace(octets, 1);
        if (at == octets.Length || octets[at] != '=')
            return false;
        at = SkipSpace(octets, at + 1);
        if (!octets[at..].StartsWith("DMARC1"u8))
            return false;
        at = SkipSpace(octets, at + 6);
        return at == octets.Length || octets[at] == ';';
    }

    private static int SkipSpace(ReadOnlySpan<byte> octets, int at)
    {
        while (at < octets.Length && octets[at] is (byte)' ' or (byte)'\t')
            at++;
        return at;
    }

    // RFC 9989 §4.8: the words of values are ABNF strings, so of either case.
    private static DmarcPolicy? PolicyOf(string value) => value.ToLowerInvariant() switch
    {
        "none" => DmarcPolicy.None,
        "quarantine" => DmarcPolicy.Quarantine,
        "reject" => DmarcPolicy.Reject,
        _ => null,
    };

    private static DmarcPublicSuffix? PublicSuffixOf(string value) => value switch
    {
        "y" or "Y" => DmarcPublicSuffix.Yes,
        "n" or "N" => DmarcPublicSuffix.No,
        "u" or "U" => DmarcPublicSuffix.Unknown,
        _ => null,
    };

    private static bool? YesOrNo(string value) => value switch
    {
        "y" or "Y" => true,
        "n" or "N" => false,
        _ => null,
    };

    private static DmarcAlignmentMode? ModeOf(string value) => value switch
    {
        "r" or "R" => DmarcAlignmentMode.Relaxed,
        "s" or "S" => DmarcAlignmentMode.Strict,
        _ => null,
    };

    private static int? PercentOf(string value)
        => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent is >= 0 and <= 100 ? percent : null;

    /// <summary>RFC 9989 §4.8, dmarc-fo: each option once, and not both 0 and 1.</summary>
    private static string? FailureOptionsOf(string value)
    {
        var options = string.Concat(value.ToLowerInvariant().Split(':', StringSplitOptions.TrimEntries).Select(o => o is "0" or "1" or "d" or "s" ? o : "?"));
        var good = !options.Contains('?', StringComparison.Ordinal) && options.Distinct().Count() == options.Length
            && !(options.Contains('0', StringComparison.Ordinal) && options.Contains('1', StringComparison.Ordinal));
        return good ? options : null;
    }

    private static List<DmarcReportUri> ReadUris(DmarcTags tags, string name)
    {
        var uris = new List<DmarcReportUri>();
        if (tags.Text(name) is not { } list)
            return uris;
        foreach (var entry in list.Split(',', StringSplitOptions.TrimEntries))
        {
            if (uris.Count < MaxReportUris && UriOf(entry) is { } uri)
                uris.Add(uri);
            else
                tags.Ignore(name + "=" + entry);
        }
        return uris;
    }

    private static DmarcReportUri? UriOf(string text)
    {
        // RFC 9989 §4.8, obs-dmarc-report-size; a URI itself has its exclamation marks encoded.
        var size = text.LastIndexOf('!');
        var uri = size < 0 ? text : text[..size];
        var colon = uri.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || colon == uri.Length - 1 || !char.IsAsciiLetter(uri[0]) || uri.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return null;
        foreach (var c in uri.AsSpan(0, colon))
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.'))
                return null;
        }
        if (!uri.AsSpan(0, colon).Equals("mailto", StringComparison.OrdinalIgnoreCase))
            return new DmarcReportUri(uri, null);
        var mailbox = uri[(colon + 1)..].Split('?')[0];
        return MailAddress.TryParse(Uri.UnescapeDataString(mailbox), out var address, out _) ? new DmarcReportUri(uri, address) : null;
    }
}
