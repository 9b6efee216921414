using System.Globalization;
using Postmaster.Web.Features.Traffic.Dovecot;
using Postmaster.Web.Features.Traffic.Events;

namespace Postmaster.Tests.Traffic.Dovecot;

/// <summary>What the lines of a log say that people did, and the traps: moves, clean-ups, clients that mark as read what they delete.</summary>
public sealed class MailboxHabitsTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);
    private readonly MailboxHabits _habits = new(new MailboxNames(["Papierkorb"], ["Werbung"]));
    private readonly List<TrafficEvent> _told = [];
    private DateTimeOffset _now = Start;

    [Fact]
    public void Opening_a_mail_is_reading()
    {
        Log(@"flag_change: box=INBOX, uid=1, msgid=<m1>, size=9, flags=(\Seen \Recent)");
        Assert.Equal(["read m1"], Told());
    }

    [Fact]
    public void A_mail_moved_to_the_trash_is_deleted_once_whatever_follows()
    {
        Log("copy from INBOX: box=Trash, uid=2, msgid=<m1>, size=9, flags=()");
        Log("expunge: box=INBOX, uid=1, msgid=<m1>, size=9, flags=()");
        Log(@"copy from INBOX: box=INBOX.Trash, uid=3, msgid=<m2>, size=9, flags=(\Seen)");
        Log(@"delete: box=INBOX, uid=2, msgid=<m2>, size=9, flags=(\Deleted \Seen)");
        Log(@"expunge: box=INBOX, uid=2, msgid=<m2>, size=9, flags=(\Deleted \Seen)");
        _now += TimeSpan.FromHours(30);
        Log(@"delete: box=Trash, uid=2, msgid=<m1>, size=9, flags=(\Deleted)");
        Log(@"expunge: box=Trash, uid=2, msgid=<m1>, size=9, flags=(\Deleted)");
        Assert.Equal(["deleted_unread m1", "deleted_read m2"], Told());
    }

    [Theory]
    [InlineData("", "deleted_unread m1")]
    [InlineData(@" \Seen", "deleted_read m1")]
    public void A_mail_marked_and_expunged_is_deleted_once(string flags, string told)
    {
        Log($@"delete: box=INBOX, uid=3, msgid=<m1>, size=9, flags=(\Deleted{flags})");
        _now += TimeSpan.FromHours(2);
        Log($@"expunge: box=INBOX, uid=3, msgid=<m1>, size=9, flags=(\Deleted{flags})");
        Assert.Equal([told], Told());
    }

    [Fact]
    public void A_mark_taken_back_and_a_mail_fetched_back_at_once_are_no_deletions()
    {
        Log(@"delete: box=INBOX, uid=3, msgid=<m1>, size=9, flags=(\Deleted)");
        Log("undelete: box=INBOX, uid=3, msgid=<m1>, size=9, flags=()");
        Log("copy from INBOX: box=Trash, uid=2, msgid=<m2>, size=9, flags=()");
        Log("expunge: box=INBOX, uid=4, msgid=<m2>, size=9, flags=()");
        Log("copy from Trash: box=INBOX, uid=5, msgid=<m2>, size=9, flags=()");
        Assert.Empty(Told());
    }

    [Theory]
    [InlineData("copy from INBOX: box=Archive, uid=2, msgid=<m1>, size=9, flags=()")]
    [InlineData("copy from INBOX: box=Junk, uid=2, msgid=<m1>, size=9, flags=()")]
    [InlineData("save: box=Archive, uid=2, msgid=<m1>, size=9, flags=()")]
    public void A_move_is_no_deletion_also_by_copy_and_by_upload(string put)
    {
        Log(put);
        _now += TimeSpan.FromHours(20);
        Log(@"delete: box=INBOX, uid=3, msgid=<m1>, size=9, flags=(\Deleted)");
        Log(@"expunge: box=INBOX, uid=3, msgid=<m1>, size=9, flags=(\Deleted)");
        Assert.Empty(Told());
    }

    [Fact]
    public void A_mail_uploaded_to_the_trash_is_deleted_and_one_uploaded_to_its_own_mailbox_may_be()
    {
        Log("save: box=Papierkorb, uid=2, msgid=<m1>, size=9, flags=()");
        Log(@"delete: box=INBOX, uid=3, msgid=<m1>, size=9, flags=(\Deleted)");
        Log(@"save: box=INBOX, uid=9, msgid=<m2>, size=9, flags=(\Seen)");
        Log(@"delete: box=INBOX, uid=9, msgid=<m2>, size=9, flags=(\Deleted \Seen)");
        Assert.Equal(["deleted_unread m1", "deleted_read m2"], Told());
    }

    [Theory]
    [InlineData("copy from Junk: box=Trash, uid=2, msgid=<m1>, size=9, flags=()")]
    [InlineData("copy from Werbung: box=Papierkorb, uid=2, msgid=<m1>, size=9, flags=()")]
    [InlineData("expunge: box=INBOX.Spam, uid=2, msgid=<m1>, size=9, flags=()")]
    [InlineData("expunge: box=Trash, uid=2, msgid=<m1>, size=9, flags=()")]
    [InlineData(@"flag_change: box=Junk, uid=2, msgid=<m1>, size=9, flags=(\Seen)")]
    [InlineData(@"flag_change: box=INBOX, uid=2, msgid=<m1>, size=9, flags=(\Flagged)")]
    [InlineData("expunge: box=Drafts, uid=2, msgid=<m1>, size=9, flags=()")]
    [InlineData("expunge: box=INBOX, uid=2, msgid=, size=9, flags=()")]
    public void Cleaning_up_junk_and_trash_says_nothing(string line)
    {
        Log(line);
        Assert.Empty(Told());
    }

    [Fact]
    public void A_mail_taken_out_of_junk_is_rescued_unless_the_user_had_put_it_there()
    {
        Log("copy from Junk: box=INBOX, uid=2, msgid=<m1>, size=9, flags=()");
        Log("expunge: box=Junk, uid=1, msgid=<m1>, size=9, flags=()");
        Log("copy from INBOX: box=Junk, uid=2, msgid=<m2>, size=9, flags=()");
        Log("copy from Junk: box=INBOX, uid=2, msgid=<m2>, size=9, flags=()");
        Log("save: box=Spam, uid=2, msgid=<m3>, size=9, flags=()");
        Log("copy from Spam: box=INBOX, uid=2, msgid=<m3>, size=9, flags=()");
        Log("copy from Junk: box=INBOX, uid=2, msgid=<m4>, size=9, flags=()");
        Log("copy from INBOX: box=Junk, uid=2, msgid=<m4>, size=9, flags=()");
        Log("copy from Junk: box=Spam, uid=2, msgid=<m5>, size=9, flags=()");
        Assert.Equal(["not_spam m1"], Told());
    }

    [Fact]
    public void A_mail_that_is_marked_as_read_by_being_deleted_was_not_read()
    {
        Log(@"flag_change: box=INBOX, uid=1, msgid=<m1>, size=9, flags=(\Seen)");
        Log(@"delete: box=INBOX, uid=1, msgid=<m1>, size=9, flags=(\Seen \Deleted)");
        Log(@"flag_change: box=INBOX, uid=2, msgid=<m2>, size=9, flags=(\Seen)");
        _now += TimeSpan.FromSeconds(5);
        Log(@"delete: box=INBOX, uid=2, msgid=<m2>, size=9, flags=(\Seen \Deleted)");
        Assert.Equal(["deleted_unread m1", "read m2", "deleted_read m2"], Told());
    }

    [Theory]
    [InlineData(20, 20)]
    [InlineData(21, 0)]
    [InlineData(5000, 0)]
    public void A_clean_up_of_many_at_once_is_nobodys_opinion(int mails, int counted)
    {
        for (int i = 0; i < mails; i++)
            Log($@"delete: box=INBOX, uid={i + 1}, msgid=<m{i}>, size=9, flags=(\Deleted)", TimeSpan.FromMilliseconds(1));
        for (int i = 0; i < mails; i++)
            Log($@"expunge: box=INBOX, uid={i + 1}, msgid=<m{i}>, size=9, flags=(\Deleted)", TimeSpan.FromMilliseconds(1));
        Log("copy from INBOX: box=Trash, uid=1, msgid=<later>, size=9, flags=()", TimeSpan.FromMinutes(1));
        Assert.Equal(counted + 1, Told().Count);
    }

    [Fact]
    public void Mails_deleted_one_by_one_count_though_they_are_expunged_together()
    {
        for (int i = 0; i < 40; i++)
            Log($@"delete: box=INBOX, uid={i + 1}, msgid=<m{i}>, size=9, flags=(\Deleted)", TimeSpan.FromSeconds(3));
        for (int i = 0; i < 40; i++)
            Log($@"expunge: box=INBOX, uid={i + 1}, msgid=<m{i}>, size=9, flags=(\Deleted)", TimeSpan.Zero);
        Assert.Equal(40, Told().Count);
    }

    [Fact]
    public void All_marked_as_read_at_once_is_no_reading_and_does_not_hide_another_users()
    {
        for (int i = 0; i < 100; i++)
            Log($@"flag_change: box=INBOX, uid={i + 1}, msgid=<m{i}>, size=9, flags=(\Seen)", TimeSpan.Zero);
        Log(@"flag_change: box=INBOX, uid=1, msgid=<other>, size=9, flags=(\Seen)", TimeSpan.Zero, "v");
        Assert.Equal(["read other"], Told());
    }

    [Fact]
    public void Nothing_is_told_before_it_has_settled()
    {
        Log(@"flag_change: box=INBOX, uid=1, msgid=<m1>, size=9, flags=(\Seen)");
        Assert.Empty(_habits.Settled(_now + TimeSpan.FromSeconds(5), Address));
        TrafficEvent told = Assert.Single(_habits.Settled(_now + TimeSpan.FromSeconds(10), Address));
        Assert.Equal((EventKind.Read, "<m1>", "u@p.example"), (told.Kind, told.MessageId, told.Mailbox));
        Assert.Empty(Told());
    }

    private void Log(string what, TimeSpan? after = null, string user = "u")
    {
        _now += after ?? TimeSpan.FromMilliseconds(300);
        string stamp = _now.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        _habits.Take(MailLogLine.Read($"{stamp} mx dovecot: imap({user})<1><s>: {what}", _now, TimeZoneInfo.Utc) ?? throw new InvalidOperationException(what));
        _told.AddRange(_habits.Settled(_now, Address));
    }

    private List<string> Told() =>
        [.. _told.Concat(_habits.Settled(DateTimeOffset.MaxValue, Address)).Select(e => $"{EventWords.Of(e.Kind)} {e.MessageId!.Trim('<', '>')}")];

    private static string Address(string user) => user + "@p.example";
}
