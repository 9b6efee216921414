namespace Postmaster.Web.Features.Traffic.Dovecot;

/// <summary>What a mailbox is for. Dovecot's log does not tell special uses, so that names have to.</summary>
internal sealed class MailboxNames(IEnumerable<string> trash, IEnumerable<string> junk)
{
    /// <summary>The names that mail programs choose, and Dovecot's defaults.</summary>
    private static readonly string[] UsualTrash = ["Trash", "Deleted Messages", "Deleted Items", "Deleted", "Bin"];

    private static readonly string[] UsualJunk = ["Junk", "Spam", "Junk E-mail", "Junk Email", "Bulk Mail"];

    /// <summary>Mail of one's own.</summary>
    private static readonly string[] Own = ["Sent", "Sent Messages", "Sent Items", "Drafts", "Outbox", "Templates"];

    private readonly HashSet<string> _trash = new(UsualTrash.Concat(trash), StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _junk = new(UsualJunk.Concat(junk), StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _own = new(Own, StringComparer.OrdinalIgnoreCase);

    public bool IsTrash(string mailbox) => _trash.Contains(Plain(mailbox));

    public bool IsJunk(string mailbox) => _junk.Contains(Plain(mailbox));

    /// <summary>What happens to a mail there is of a mail that somebody was sent and has not put away yet.</summary>
    public bool IsOrdinary(string mailbox)
    {
        string plain = Plain(mailbox);
        return !_trash.Contains(plain) && !_junk.Contains(plain) && !_own.Contains(plain);
    }

    /// <summary>Below INBOX, where some servers keep everything.</summary>
    private static string Plain(string mailbox) =>
        mailbox.StartsWith("INBOX.", StringComparison.OrdinalIgnoreCase) || mailbox.StartsWith("INBOX/", StringComparison.OrdinalIgnoreCase) ? mailbox["INBOX.".Length..] : mailbox;
}
