using System.Buffers;
using Postmaster.Fbl.Mime;
using Postmaster.Fbl.Names;
using Postmaster.Fbl.Text;

namespace Postmaster.Fbl.Bounces;

/// <summary>
/// Reads bounces that are words alone: an opening by which the program is known, then for each recipient a line with the address and lines with
/// what the last server said, then the message that comes back.
/// </summary>
internal static class PlainBounceReader
{
    /// <summary>Lines that are read; the words of a bounce are few.</summary>
    private const int MaxLines = 400;

    /// <summary>Characters of a line, and of what is kept as diagnostic.</summary>
    private const int MaxLine = 2000, MaxDiagnostic = 500;

    /// <summary>Characters of the whole that are searched for words of failure, once for each recipient.</summary>
    private const int MaxWords = 8000;

    private static readonly SearchValues<char> AddressStop = SearchValues.Create(" \t:,;'\")<>");

    /// <summary>Null when the mail is no bounce of a known form.</summary>
    public static BouncedMail? Read(RawMessage mail)
    {
        if (BounceParts.Text(mail.Root) is not { } text)
            return null;
        List<string> lines = Lines(text);
        foreach (var form in PlainForm.All)
        {
            if (lines.FindIndex(line => StartsWithAny(line, form.Openings)) is >= 0 and var opening)
                return Read(mail, text, form, lines, opening);
        }

        return null;
    }

    private static BouncedMail? Read(RawMessage mail, string text, PlainForm form, List<string> lines, int opening)
    {
        var end = lines.FindIndex(opening, line => StartsWithAny(line, form.Ends));
        List<string> said = end < 0 ? lines : lines[..end];
        var all = string.Join(' ', said.Select(line => line.Trim()));
        List<BouncedRecipient> recipients = Recipients(said, opening, all.Length <= MaxWords ? all : all[..MaxWords], FailedRecipient(mail.Headers));
        // An opening alone is no bounce: neither an address nor a code nor a word of failure stands behind it.
        return recipients.Count == 0 ? null : new BouncedMail(BounceReader.Together(recipients), form.Form, recipients, OriginalMessage.FindId(mail.Root, text));
    }

    private static List<BouncedRecipient> Recipients(List<string> lines, int opening, string all, string? named)
    {
        var recipients = new List<BouncedRecipient>();
        string? address = null;
        var diagnostic = new List<string>();
        for (var i = opening; i <= lines.Count && recipients.Count < BounceReader.MaxRecipients; i++)
        {
            string? rest = null;
            var next = i < lines.Count ? AddressOf(lines[i], out rest) : null;
            if (i == lines.Count || next is not null)
            {
                // sendmail and Exchange name the address twice: first for people, then with what the server said.
                if (address is not null && !recipients.Exists(r => string.Equals(r.Address, address, StringComparison.OrdinalIgnoreCase) && (r.Status ?? (object?)r.ReplyCode) is not null))
                    Add(recipients, address, diagnostic, all);
                (address, diagnostic) = (next, []);
                if (!string.IsNullOrWhiteSpace(rest))
                    diagnostic.Add(rest);
            }
            else if (address is not null && lines[i].Length > 0)
            {
                diagnostic.Add(lines[i].Trim());
            }
        }

        if (recipients.Count == 0 && KindOf(StatusWords.Find(all), "", all) is { } kind)
            recipients.Add(Made(kind, named, StatusWords.Find(all), Diagnostic([], all)));
        return recipients;
    }

    private static void Add(List<BouncedRecipient> recipients, string address, List<string> diagnostic, string all)
    {
        var said = string.Join(' ', diagnostic);
        var codes = StatusWords.Find(said);
        if (codes is (null, null) && !MentionsAny(said, PlainForm.GivenUp) && !MentionsAny(said, PlainForm.GivenUpForNow))
            codes = StatusWords.Find(all); // Exchange puts the codes under "Diagnostic information", sendmail into the transcript
        if (KindOf(codes, said, all) is not { } kind)
            return;
        recipients.RemoveAll(r => string.Equals(r.Address, address, StringComparison.OrdinalIgnoreCase));
        recipients.Add(Made(kind, address, codes, Diagnostic(diagnostic, all)));
    }

    private static BouncedRecipient Made(BounceKind kind, string? address, (int? ReplyCode, EnhancedStatus? Status) codes, string? diagnostic) =>
        new(kind, address, OriginalAddress: null, codes.Status, codes.ReplyCode, diagnostic);

    /// <summary>Null when nothing tells of a failure.</summary>
    private static BounceKind? KindOf((int? ReplyCode, EnhancedStatus? Status) codes, string said, string all)
    {
        if (MentionsAny(all, PlainForm.StillTried))
            return BounceKind.Delayed;
        if (MentionsAny(said.Length > 0 ? said : all, PlainForm.GivenUpForNow) && codes.Status is null or { Class: 4 } or { IsFull: true } or { IsVague: true })
            return BounceKind.Temporary;
        return StatusWords.KindOf(codes.Status, codes.ReplyCode) is { } told and not BounceKind.Delivered
            ? told
            : MentionsAny(said, PlainForm.GivenUp) || MentionsAny(all, PlainForm.GivenUp) ? BounceKind.Permanent : null;
    }

    /// <summary>The line with the code, else what stands there.</summary>
    private static string? Diagnostic(List<string> said, string all)
    {
        var text = said.Find(line => StatusWords.Find(line) is not (null, null)) ?? (said.Count > 0 ? string.Join(' ', said) : all);
        text = HeaderWriter.Clean(text).Trim();
        return text.Length == 0 ? null : text.Length <= MaxDiagnostic ? text : text[..MaxDiagnostic];
    }

    /// <summary>The address that a line is about: &lt;a@b&gt; or a@b at its start, or in brackets behind a name; null when it begins no entry.</summary>
    private static string? AddressOf(string line, out string? rest)
    {
        rest = null;
        var text = line.AsSpan().Trim();
        text = text.TrimStart("(*'\"- \t");
        if (text.StartsWith("<", StringComparison.Ordinal))
        {
            var close = text.IndexOf('>');
            if (close < 2 || !IsAddress(text[1..close]))
                return null;
            rest = text[(close + 1)..].TrimStart(": \t.").ToString();
            return text[1..close].ToString();
        }

        var end = text.IndexOfAny(AddressStop);
        var word = end < 0 ? text : text[..end];
        if (IsAddress(word))
        {
            rest = text[word.Length..].TrimStart("'\"):, \t").ToString();
            return word.ToString();
        }

        // Exchange: Ann Smith (ann@x.example), Ann Smith<mailto:ann@x.example>
        var open = text.LastIndexOfAny("(<");
        if (open <= 0 || text.Length - open < 4 || text[^1] is not (')' or '>') || text.Length > 300)
            return null;
        var inner = text[(open + 1)..^1];
        if (inner.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            inner = inner["mailto:".Length..];
        return IsAddress(inner) && StatusWords.Find(text[..open]) is (null, null) ? inner.ToString() : null;
    }

    private static bool IsAddress(ReadOnlySpan<char> text) =>
        text.Length is > 2 and <= MailAddress.MaxOctets && text.Contains('@') && MailAddress.TryParse(text.ToString(), out _, out _);

    /// <summary>Exim names the address in the header.</summary>
    private static string? FailedRecipient(HeaderBlock headers)
    {
        var value = headers.First("X-Failed-Recipients")?.Unfolded;
        var end = value?.IndexOf(',', StringComparison.Ordinal) ?? -1;
        var first = (end < 0 ? value : value![..end])?.Trim();
        return first is not null && IsAddress(first) ? first : null;
    }

    private static List<string> Lines(string text)
    {
        var lines = new List<string>();
        foreach (var range in text.AsSpan().Split('\n'))
        {
            if (lines.Count == MaxLines)
                break;
            var line = text.AsSpan()[range].TrimEnd();
            lines.Add((line.Length <= MaxLine ? line : line[..MaxLine]).ToString());
        }

        return lines;
    }

    private static bool StartsWithAny(string line, string[] starts)
    {
        var text = line.AsSpan().TrimStart();
        foreach (var start in starts)
        {
            if (text.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static bool MentionsAny(string text, string[] words) => Array.Exists(words, word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
