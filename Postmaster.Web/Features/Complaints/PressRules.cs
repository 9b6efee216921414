using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>What other presses of the same mailbox mean for a complaint, asked of the database; <see cref="MailboxPresses"/> knows the same for several at once.</summary>
internal static class PressRules
{
    /// <summary>Whether a "not junk" that was pressed later is already read.</summary>
    public static Task<bool> TakenBackAsync(PostmasterDb db, KeptComplaint row, CancellationToken ct) => db.KeptComplaints.AnyAsync(
        k => k.MailboxKey == row.MailboxKey && k.MessageKey == row.MessageKey && k.Press == Press.NotSpam && k.State == KeptState.Cancelled
            && (k.PressedAt > row.PressedAt || (k.PressedAt == row.PressedAt && k.ReceivedAt >= row.ReceivedAt)), ct);

    /// <summary>Whether the mailbox has complained about the same message before.</summary>
    public static Task<bool> CountedBeforeAsync(PostmasterDb db, KeptComplaint row, CancellationToken ct) => db.KeptComplaints.AnyAsync(
        k => k.Id != row.Id && k.MailboxKey == row.MailboxKey && k.MessageKey == row.MessageKey && (k.State == KeptState.Counted || k.State == KeptState.Unattributed), ct);

    /// <summary>Whether a later "not junk" is not read yet. Which message it means is not known, so the count waits a moment for it.</summary>
    public static Task<bool> HasUnreadNotSpamAsync(PostmasterDb db, KeptComplaint row, CancellationToken ct) => db.KeptComplaints.AnyAsync(
        k => k.MailboxKey == row.MailboxKey && k.Press == Press.NotSpam && k.State == KeptState.Kept && k.PressedAt >= row.PressedAt, ct);
}
