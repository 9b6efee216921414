using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints.Fairness;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Complaints;

/// <summary>
/// What the mailboxes of some complaints have pressed before and since: read once for all of them, where <see cref="PressRules"/> asks the database for each.
/// The complaints themselves stand in it as they are at the moment, saved or not, so that each sees what became of those before it.
/// </summary>
internal sealed class MailboxPresses
{
    /// <summary>Presses that are read. Beyond it, as when a mailbox reports everything, the complaints are looked at one by one.</summary>
    private const int Most = 2000;

    private readonly Dictionary<string, List<IPress>> _byMailbox;

    private MailboxPresses(Dictionary<string, List<IPress>> byMailbox) => _byMailbox = byMailbox;

    private interface IPress
    {
        byte[]? MessageKey { get; }
        Press Press { get; }
        KeptState State { get; }
        DateTimeOffset PressedAt { get; }
        DateTimeOffset ReceivedAt { get; }
    }

    /// <param name="rows">Tracked by <paramref name="db"/>, each with mailbox and message key.</param>
    /// <returns>Null when there are too many to be read at once.</returns>
    public static async Task<MailboxPresses?> ReadAsync(PostmasterDb db, IReadOnlyCollection<KeptComplaint> rows, CancellationToken ct)
    {
        List<byte[]> mailboxes = [.. rows.Select(r => r.MailboxKey!).DistinctBy(Convert.ToHexString, StringComparer.Ordinal)];
        List<byte[]> messages = [.. rows.Select(r => r.MessageKey!).DistinctBy(Convert.ToHexString, StringComparer.Ordinal)];
        DateTimeOffset since = rows.Min(r => r.PressedAt) - FairRules.Month;
        var found = await db.KeptComplaints.AsNoTracking()
            .Where(k => mailboxes.Contains(k.MailboxKey!) && (k.PressedAt >= since || messages.Contains(k.MessageKey!)))
            .OrderBy(k => k.MailboxKey).ThenBy(k => k.PressedAt)
            .Select(k => new { k.Id, k.MailboxKey, Press = new StoredPress(k.MessageKey, k.Press, k.State, k.PressedAt, k.ReceivedAt) })
            .Take(Most + 1).ToListAsync(ct);
        if (found.Count > Most)
            return null;
        Dictionary<Guid, KeptComplaint> own = rows.ToDictionary(r => r.Id);
        return new MailboxPresses(found.GroupBy(f => Convert.ToHexString(f.MailboxKey!), StringComparer.Ordinal).ToDictionary(
            g => g.Key, g => g.Select(f => own.TryGetValue(f.Id, out KeptComplaint? row) ? new OwnPress(row) : (IPress)f.Press).ToList(), StringComparer.Ordinal));
    }

    /// <inheritdoc cref="PressRules.TakenBackAsync"/>
    public bool TakenBack(KeptComplaint row) => Of(row).Any(k => k is { Press: Press.NotSpam, State: KeptState.Cancelled } && IsSame(k, row)
        && (k.PressedAt > row.PressedAt || (k.PressedAt == row.PressedAt && k.ReceivedAt >= row.ReceivedAt)));

    /// <inheritdoc cref="PressRules.CountedBeforeAsync"/>
    public bool CountedBefore(KeptComplaint row) => Of(row).Any(k =>
        (k as OwnPress)?.Row != row && (k.State is KeptState.Counted or KeptState.Unattributed) && IsSame(k, row));

    /// <inheritdoc cref="PressRules.HasUnreadNotSpamAsync"/>
    public bool HasUnreadNotSpam(KeptComplaint row) => Of(row).Any(k => k is { Press: Press.NotSpam, State: KeptState.Kept } && k.PressedAt >= row.PressedAt);

    /// <summary>Presses of the row's mailbox between two instants, both included. What was taken back, or is the same press twice, is no press.</summary>
    public int Count(KeptComplaint row, DateTimeOffset from, DateTimeOffset to) => Of(row).Count(k => k.Press != Press.NotSpam
        && (k.State is KeptState.Kept or KeptState.Held or KeptState.Counted or KeptState.Unattributed) && k.PressedAt >= from && k.PressedAt <= to);

    private List<IPress> Of(KeptComplaint row) => _byMailbox[Convert.ToHexString(row.MailboxKey!)];

    private static bool IsSame(IPress press, KeptComplaint row) => press.MessageKey.AsSpan().SequenceEqual(row.MessageKey);

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct StoredPress(byte[]? MessageKey, Press Press, KeptState State, DateTimeOffset PressedAt, DateTimeOffset ReceivedAt) : IPress;

    /// <summary>One of the complaints that are being worked on.</summary>
    private sealed class OwnPress(KeptComplaint row) : IPress
    {
        public KeptComplaint Row => row;
        public byte[]? MessageKey => row.MessageKey;
        public Press Press => row.Press;
        public KeptState State => row.State;
        public DateTimeOffset PressedAt => row.PressedAt;
        public DateTimeOffset ReceivedAt => row.ReceivedAt;
    }
}
