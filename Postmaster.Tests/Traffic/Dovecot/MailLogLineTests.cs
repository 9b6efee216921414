using Postmaster.Web.Features.Traffic.Dovecot;

namespace Postmaster.Tests.Traffic.Dovecot;

/// <summary>Lines as Dovecot 2.3.19 writes them.</summary>
public sealed class MailLogLineTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Each_field_of_a_line_is_read()
    {
        MailLogLine line = Read(@"Nov 22 01:13:35 imap(user@provider.example)<15949></0mwL9Ng/rl/AAAB>: Info: copy from INBOX: box=Trash, uid=2, msgid=<m2@owner.example>, size=358, flags=()")!;
        Assert.Equal(new MailLogLine(new(2026, 11, 22, 1, 13, 35, TimeSpan.Zero), "user@provider.example", MailLogAction.Copy, "INBOX", "Trash", "<m2@owner.example>", false), line);
    }

    [Theory]
    [InlineData("2026-11-22T02:13:34.123456+01:00 mx1 dovecot: imap(u)<1><a>: flag_change: box=INBOX, uid=1, msgid=<m>, flags=(\\Seen \\Recent)")]
    [InlineData("2026-11-22T02:13:34+0100 mx1 dovecot[812]: imap(u)<1><a>: flag_change: box=INBOX, uid=1, msgid=<m>, size=3, flags=(\\Answered \\Seen)")]
    [InlineData("2026-11-22T01:13:34Z imap(u): Info: flag_change: box=INBOX, uid=1, msgid=<m>, flags=(\\SEEN)")]
    [InlineData("Nov 22 01:13:34 mx1 dovecot: imap(u)<1><a>: flag_change: box=INBOX, uid=1, msgid=<m>, flags=(\\Seen)")]
    public void The_ways_of_writing_a_log_are_known(string text)
    {
        MailLogLine line = Read(text)!;
        Assert.Equal((MailLogAction.FlagChange, "u", "INBOX", "<m>", true), (line.Action, line.User, line.Mailbox, line.MessageId, line.IsSeen));
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 1, 13, 34, TimeSpan.Zero), line.Time - TimeSpan.FromMilliseconds(line.Time.Millisecond) - TimeSpan.FromMicroseconds(line.Time.Microsecond));
    }

    [Theory]
    [InlineData("Dec 31 23:59:59", 2025)]
    [InlineData("Nov  2 01:00:00", 2026)]
    [InlineData("Nov 23 01:00:00", 2026)]
    public void A_stamp_without_a_year_is_of_the_past(string stamp, int year) =>
        Assert.Equal(year, Read(stamp + " imap(u)<1><a>: Info: expunge: box=INBOX, uid=1, msgid=<m>, flags=()")!.Time.Year);

    [Theory]
    [InlineData(@"Nov 22 01:13:34 lmtp(u)<1><a>: Info: save: box=INBOX, uid=1, msgid=<m>, size=358, flags=()")]
    [InlineData(@"Nov 22 01:13:34 lda(u)<1><a>: Info: copy from INBOX: box=Trash, uid=1, msgid=<m>, size=358, flags=()")]
    [InlineData(@"Nov 22 01:13:34 doveadm(u)<1><a>: Info: expunge: box=INBOX, uid=1, msgid=<m>, size=358, flags=()")]
    [InlineData(@"Nov 22 01:13:34 pop3(u)<1><a>: Info: expunge: box=INBOX, uid=1, msgid=<m>, size=358, flags=()")]
    [InlineData(@"Nov 22 01:13:34 lmtp(u)<1><a>: Info: save: box=INBOX, uid=1, msgid=<x imap(v): expunge: box=INBOX, uid=1, msgid=<y>, flags=()>, flags=()")]
    [InlineData(@"Nov 22 01:13:34 imap-login: Info: Login: user=<imap(u)<1><a>: Info: expunge: box=INBOX, uid=1, msgid=<m>, flags=()")]
    [InlineData(@"Nov 22 01:13:34 imap(u)<1><a>: Info: mailbox_delete: box=Archive")]
    [InlineData(@"Nov 22 01:13:34 imap(u)<1><a>: Info: Disconnected: Logged out in=997 out=4740")]
    [InlineData(@"some day imap(u)<1><a>: Info: expunge: box=INBOX, uid=1, msgid=<m>, flags=()")]
    [InlineData("")]
    public void What_no_person_did_is_no_line(string text) => Assert.Null(Read(text));

    [Theory]
    [InlineData("<x, size=1, flags=(\\Seen)@y>", "<x, size=1, flags=(\\Seen)@y>")]
    [InlineData("<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...", "<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("", "")]
    public void A_Message_ID_cannot_pass_for_flags(string logged, string read)
    {
        MailLogLine line = Read($"Nov 22 01:13:34 imap(u)<1><a>: Info: expunge: box=A, uid=3, b, uid=1, msgid={logged}, size=358, flags=()")!;
        Assert.Equal((read, false), (line.MessageId, line.IsSeen));
    }

    [Fact]
    public void Broken_lines_never_throw()
    {
        const string Whole = @"Nov 22 01:13:35 imap(u@p.example)<15949></0mwL9Ng>: Info: copy from INBOX: box=Trash, uid=2, msgid=<m2@owner.example>, size=358, flags=(\Seen)";
        var random = new Random(7);
        for (int cut = 0; cut < Whole.Length; cut++)
            Read(Whole[..cut]);
        for (int i = 0; i < 5000; i++)
        {
            char[] changed = Whole.ToCharArray();
            changed[random.Next(changed.Length)] = (char)random.Next(0x250);
            Read(new string(changed));
        }

        Read(new string('x', 10_000_000));
        Read("Nov 22 01:13:35 imap(u): copy from " + string.Concat(Enumerable.Repeat(": box=, uid=1, msgid=", 40)));
    }

    private static MailLogLine? Read(string text) => MailLogLine.Read(text, Now, TimeZoneInfo.Utc);
}
