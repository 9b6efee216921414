using System.Globalization;
using System.Text.RegularExpressions;

namespace Postmaster.Web.Features.Traffic.Dovecot;

/// <summary>What a line of Dovecot's mail_log says happened.</summary>
internal enum MailLogAction
{
    /// <summary>Flags are as told now: read, answered, flagged.</summary>
    FlagChange,

    /// <summary>Marked as deleted.</summary>
    Delete,

    /// <summary>The mark was taken back.</summary>
    Undelete,

    /// <summary>Gone from the mailbox.</summary>
    Expunge,

    /// <summary>A copy was put into the mailbox, from <see cref="MailLogLine.Source"/>; moving is a copy and an expunge.</summary>
    Copy,

    /// <summary>Put into the mailbox by a client that uploaded it (APPEND).</summary>
    Save,
}

/// <summary>
/// A line of Dovecot's plugin mail_log (2.3), written to a file, by syslog or by journald:
/// <c>imap(USER)&lt;PID&gt;&lt;SESSION&gt;: Info: copy from INBOX: box=Trash, uid=2, msgid=&lt;m2@owner.example&gt;, size=358, flags=(\Seen)</c>.
/// </summary>
/// <param name="Source">Of a copy: the mailbox that it was made from.</param>
/// <param name="MessageId">As logged: Dovecot cuts it after 77 octets. Empty without one.</param>
internal sealed partial record MailLogLine(
    DateTimeOffset Time, string User, MailLogAction Action, string? Source, string Mailbox, string MessageId, bool IsSeen)
{
    /// <summary>Octets of a line that is looked at; the fields that come from strangers are cut by Dovecot.</summary>
    public const int MaxLength = 1024;

    /// <summary>Clocks and the writing of the log are not in step; what seems further ahead is of last year.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(2);

    /// <summary>
    /// Null for every other line, and for what no person did: only imap is people and their programs, while lmtp and lda are deliveries and the rules of Sieve,
    /// doveadm is the administrator or expiry, and POP3 says nothing of reading.
    /// </summary>
    /// <param name="now">The year of syslog's old time stamps, which have none.</param>
    /// <param name="zone">The zone of time stamps without one.</param>
    public static MailLogLine? Read(string line, DateTimeOffset now, TimeZoneInfo zone)
    {
        if (line.Length > MaxLength || Shape().Match(line) is not { Success: true } match || ReadTime(line, now, zone) is not { } time)
            return null;
        string id = match.Groups["id"].Value;
        return new MailLogLine(
            time,
            match.Groups["user"].Value,
            ActionOf(match.Groups["action"].Value),
            match.Groups["source"] is { Success: true } source ? source.Value : null,
            match.Groups["box"].Value,
            id.EndsWith("...", StringComparison.Ordinal) ? id[..^3] : id,
            match.Groups["flags"].Value.Contains("\\Seen", StringComparison.OrdinalIgnoreCase));
    }

    // Senders choose Message-IDs. So nothing before the service may hold a bracket, or a line of another service could carry one of imap in its Message-ID;
    // and size and flags, which hold no bracket, are the last fields.
    [GeneratedRegex(
        @"^[^(<]*\simap\((?<user>[^()]+)\)(?:<[^<>]*>)*: (?:Info: )?(?:(?<action>flag_change|delete|undelete|expunge|save)|(?<action>copy) from (?<source>.*?)): "
        + @"box=(?<box>.*?), uid=\d+, msgid=(?<id>.*?)(?:, size=\d+)?, flags=\((?<flags>[^()]*)\)$",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Shape();

    private static MailLogAction ActionOf(string word) => word switch
    {
        "flag_change" => MailLogAction.FlagChange,
        "delete" => MailLogAction.Delete,
        "undelete" => MailLogAction.Undelete,
        "expunge" => MailLogAction.Expunge,
        "copy" => MailLogAction.Copy,
        _ => MailLogAction.Save,
    };

    /// <summary>RFC 3339 as rsyslog and <c>journalctl -o short-iso</c> write it, Dovecot's own <c>Nov 22 01:13:34</c>, or that with the year.</summary>
    private static DateTimeOffset? ReadTime(string line, DateTimeOffset now, TimeZoneInfo zone)
    {
        int end = line.IndexOf(' ', StringComparison.Ordinal);
        if (end > 0 && char.IsAsciiDigit(line[0]))
        {
            return DateTimeOffset.TryParse(line.AsSpan(0, end), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset full) ? full.ToUniversalTime() : null;
        }

        const int Stamp = 15;
        if (line.Length < Stamp
            || !DateTime.TryParseExact(
                $"{TimeZoneInfo.ConvertTime(now, zone).Year} {line[..Stamp]}", ["yyyy MMM d HH:mm:ss", "yyyy MMM  d HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime local))
            return null;
        DateTimeOffset time = At(local, zone);
        return time > now + Ahead ? At(local.AddYears(-1), zone) : time;
    }

    private static DateTimeOffset At(DateTime local, TimeZoneInfo zone) => new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
}
