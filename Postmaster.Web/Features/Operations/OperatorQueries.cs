using System.Text;
using Microsoft.EntityFrameworkCore;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Operations;

/// <summary>The service at a glance. Ages are those of the oldest; null when there is none.</summary>
/// <param name="Kept">On disk, not read yet.</param>
/// <param name="Held">Read, waiting for the undo window to end.</param>
/// <param name="OldestOverdueAt">When the oldest complaint that should have been taken up by now was due.</param>
/// <param name="FailedToday">Mails given up on in the last 24 hours.</param>
/// <param name="UnattributedToday">Complaints of this UTC day that no claimed domain signed.</param>
/// <param name="CountedToday">Complaints counted for claimed domains this UTC day.</param>
/// <param name="Unvouched">Complaints of which the border does not say who complained, until they are deleted.</param>
public sealed record ServiceGlance(
    int Kept, int Held, DateTimeOffset? OldestKeptAt, DateTimeOffset? OldestOverdueAt, int Queued, DateTimeOffset? OldestQueuedAt, string? QueueAnswer,
    int SentToday, int FailedToday, long UnattributedToday, long CountedToday, int Unvouched, int Unreadable, int Claims, int ClaimsInForce);

/// <summary>One claim of one account.</summary>
/// <param name="FeedbackConfirmed">Null: no address named. False: named, not confirmed yet.</param>
/// <param name="Complaints">Counted in the last 30 UTC days; null while the claim is not in force.</param>
public sealed record ClaimRow(
    Guid ClaimId, string Domain, string? OwnerEmail, ClaimState State, DateTimeOffset CreatedAt, DateTimeOffset? LastSeenAt, bool? FeedbackConfirmed, long? Complaints);

/// <summary>What an operator has decided about a claim, and what its owner wants.</summary>
public sealed record ClaimSwitches(string Domain, string? Owner, bool ClearAllowed, bool WantsClear);

/// <summary>One kept complaint with the header of its message.</summary>
/// <param name="Header">As it came, with the mailbox of whoever complained taken out; outside text. Null: the message is deleted already, or its seal cannot be opened.</param>
/// <param name="HeaderCut">The header is longer than what is shown.</param>
public sealed record KeptDetail(KeptComplaint Kept, bool HasMailbox, string? Header, bool HeaderCut, IReadOnlyList<string> CountedFor);

/// <summary>What the pages of the provider's operators show. The caller has checked that the visitor is one.</summary>
public sealed class OperatorQueries(IDbContextFactory<PostmasterDb> databases, Sealer sealer, TimeProvider time)
{
    /// <summary>Octets of a message's header that a page shows: header bombs stay in the database.</summary>
    private const int MaxHeader = 16 * 1024;

    private const int ListDays = 30;

    public async Task<ServiceGlance> GlanceAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow(), dayAgo = now.AddDays(-1);
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        Dictionary<KeptState, int> kept = await db.KeptComplaints.GroupBy(k => k.State).Select(g => new { g.Key, Count = g.Count() })
            .ToDictionaryAsync(g => g.Key, g => g.Count, ct);
        Dictionary<CountKind, long> counts = await db.DailyCounts.Where(c => c.Day == today).GroupBy(c => c.Kind)
            .Select(g => new { g.Key, Sum = g.Sum(c => c.Count) }).ToDictionaryAsync(g => g.Key, g => g.Sum, ct);
        OutboxMessage? oldest = await db.Outbox.AsNoTracking().Where(m => m.State == OutboxState.Queued).OrderBy(m => m.CreatedAt).FirstOrDefaultAsync(ct);
        IQueryable<KeptComplaint> undecided = db.KeptComplaints.Where(k => k.State == KeptState.Kept || k.State == KeptState.Held);
        return new ServiceGlance(
            kept.GetValueOrDefault(KeptState.Kept), kept.GetValueOrDefault(KeptState.Held),
            await db.KeptComplaints.Where(k => k.State == KeptState.Kept).MinAsync(k => (DateTimeOffset?)k.ReceivedAt, ct),
            await undecided.Where(k => k.DueAt <= now).MinAsync(k => (DateTimeOffset?)k.DueAt, ct),
            await db.Outbox.CountAsync(m => m.State == OutboxState.Queued, ct), oldest?.CreatedAt, oldest?.LastAnswer,
            await db.Outbox.CountAsync(m => m.State == OutboxState.Sent && m.EndedAt >= dayAgo, ct),
            await db.Outbox.CountAsync(m => m.State == OutboxState.Failed && m.EndedAt >= dayAgo, ct),
            counts.GetValueOrDefault(CountKind.Unattributed), await ComplaintQueries.OfDayAsync(db, today, ct),
            kept.GetValueOrDefault(KeptState.Unvouched), kept.GetValueOrDefault(KeptState.Unreadable),
            await db.Claims.CountAsync(ct), await db.Claims.CountAsync(c => c.State == ClaimState.Proved || c.State == ClaimState.Warned, ct));
    }

    /// <summary>Every account's claims by name. Several rows may have the same name.</summary>
    /// <param name="text">A part of the name or of the owner's address; null: any.</param>
    public async Task<ListPage<ClaimRow>> ClaimsAsync(ClaimState? state, string? text, int page, int pageSize, CancellationToken ct)
    {
        int number = Math.Clamp(page, 1, 100_000);
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        var claims =
            from claim in db.Claims.AsNoTracking()
            join user in db.Users on claim.OwnerId equals user.Id
            select new { Claim = claim, user.Email };
        if (state is { } wanted)
            claims = claims.Where(c => c.Claim.State == wanted);
        if (text?.Trim() is { Length: > 0 and <= 253 } part)
        {
            // Names are stored as A-labels; people type them as they read them.
            string name = DomainName.TryParse(part, out DomainName? parsed, out _) ? parsed.Ascii : part.ToLowerInvariant();
            claims = claims.Where(c => c.Claim.Domain.Contains(name) || (c.Email != null && c.Email.Contains(part)));
        }

        int total = await claims.CountAsync(ct);
        var rows = await claims.OrderBy(c => c.Claim.Domain).ThenBy(c => c.Claim.CreatedAt).Skip((number - 1) * pageSize).Take(pageSize).ToListAsync(ct);
        List<Guid> ids = rows.ConvertAll(r => r.Claim.Id);
        List<string> names = rows.ConvertAll(r => r.Claim.Domain);
        Dictionary<Guid, bool> addresses = await db.FeedbackAddresses.Where(a => a.EndedAt == null && ids.Contains(a.ClaimId))
            .ToDictionaryAsync(a => a.ClaimId, a => a.ConfirmedAt != null, ct);
        DateOnly from = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(1 - ListDays);
        Dictionary<string, long> counts = await ComplaintQueries.SumsAsync(db, names, from, ct);
        return new ListPage<ClaimRow>(
            [.. rows.Select(r => new ClaimRow(
                r.Claim.Id, r.Claim.Domain, r.Email, r.Claim.State, r.Claim.CreatedAt, r.Claim.LastSeenAt,
                addresses.TryGetValue(r.Claim.Id, out bool confirmed) ? confirmed : null,
                r.Claim.IsInForce ? counts.GetValueOrDefault(r.Claim.Domain) : null))],
            number, pageSize, total);
    }

    /// <summary>Null when there is no such claim, or it was removed.</summary>
    public async Task<ClaimSwitches?> ClaimAsync(Guid claimId, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await (
            from claim in db.Claims.AsNoTracking()
            where claim.Id == claimId
            join s in db.FeedbackSettings on claim.Id equals s.ClaimId into chosen
            from settings in chosen.DefaultIfEmpty()
            select new ClaimSwitches(
                claim.Domain, db.Users.Where(u => u.Id == claim.OwnerId).Select(u => u.Email).FirstOrDefault(), settings != null && settings.ClearAllowed, settings != null && settings.WantsClear))
            .FirstOrDefaultAsync(ct);
    }

    /// <summary>Null when there is no such complaint, or it is deleted already.</summary>
    public async Task<KeptDetail?> KeptAsync(Guid id, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        KeptComplaint? kept = await db.KeptComplaints.AsNoTracking().FirstOrDefaultAsync(k => k.Id == id, ct);
        if (kept is null)
            return null;
        KeptBody? body = await db.KeptBodies.AsNoTracking().FirstOrDefaultAsync(b => b.KeptId == id, ct);
        List<string> domains = await db.Complaints.Where(c => c.KeptId == id).Select(c => c.Domain).Distinct().OrderBy(d => d).ToListAsync(ct);
        (string? header, bool cut) = body is null ? (null, false) : ReadHeader(body, kept.SealedMailbox);
        return new KeptDetail(kept, kept.SealedMailbox is not null, header, cut, domains);
    }

    private (string? Header, bool Cut) ReadHeader(KeptBody body, byte[]? sealedMailbox)
    {
        try
        {
            byte[] raw = sealer.Open(body.SealedRaw);
            ReadOnlySpan<byte> message = raw.AsSpan(Math.Min(body.MessageOffset, raw.Length));
            message = message[..Math.Min(body.MessageLength, message.Length)];
            int end = HeaderEnd(message);
            bool cut = end > MaxHeader;
            // Latin-1 shows every octet, whatever the mail claims to be.
            string text = Encoding.Latin1.GetString(message[..Math.Min(end, MaxHeader)]).Replace("\r\n", "\n", StringComparison.Ordinal);
            return (sealedMailbox is null ? text : WithoutMailbox(text, sealer.OpenText(sealedMailbox)), cut);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return (null, false);
        }
    }

    /// <summary>The address, and its local-part where it stands alone as in VERP and list addresses, are of nobody's business here.</summary>
    private static string WithoutMailbox(string header, string mailbox)
    {
        string local = mailbox[..Math.Max(0, mailbox.LastIndexOf('@'))];
        string domain = mailbox[(mailbox.LastIndexOf('@') + 1)..];
        header = header.Replace(mailbox, "[mailbox]", StringComparison.OrdinalIgnoreCase);
        return local.Length == 0 ? header : header.Replace($"{local}={domain}", "[mailbox]", StringComparison.OrdinalIgnoreCase);
    }

    private static int HeaderEnd(ReadOnlySpan<byte> message)
    {
        int crlf = message.IndexOf("\r\n\r\n"u8), lf = message.IndexOf("\n\n"u8);
        return (crlf, lf) switch
        {
            ( < 0, < 0) => message.Length,
            ( < 0, _) => lf,
            (_, < 0) => crlf,
            _ => Math.Min(crlf, lf),
        };
    }
}
