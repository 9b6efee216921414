using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Bounces;
using Postmaster.Fbl.Mime;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Features.FeedbackLoop.Groups;
using Postmaster.Web.Features.FeedbackLoop.Reports;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Bounces;

/// <summary>What became of a mail to one of our senders.</summary>
internal enum BounceReceipt
{
    Kept,

    /// <summary>Nobody waits for it.</summary>
    Dropped,

    /// <summary>There is no room on the disk.</summary>
    StorageFull,
}

/// <summary>
/// Keeps what comes back and does what follows from it, in one transaction. What somebody can do who has seen the token of a report: end that one report,
/// have it sent again a few times, and count once against its address. An address is paused by the tokens of several reports alone.
/// </summary>
internal sealed class BounceStore(
    IDbContextFactory<PostmasterDb> databases, Sealer sealer, BounceEffects effects, OperatorReplies replies, OutboxSignal outbox, IOptions<BouncesOptions> options,
    TimeProvider time, ILogger<BounceStore> log)
{
    /// <summary>Mails kept for one token and each who got its mail: whoever has it must not fill the disk.</summary>
    private const int MaxPerMail = 10;

    /// <param name="token">Null: it came to the reports' From, which has none.</param>
    /// <param name="reversePath">As the envelope says; empty for the null reverse-path.</param>
    public async Task<BounceReceipt> ReceiveAsync(string? token, string reversePath, ReadOnlyMemory<byte> raw, CancellationToken ct)
    {
        RawMessage message = MessageReader.Read(raw);
        BouncedMail said = Read(message, reversePath);
        if (token is null && said.Kind is not BounceKind.Reply)
            return Drop($"{said.Kind} to the reports' From, which waits for people alone");
        Guid id = IdOf(token ?? ReportComposer.Sender, raw.Span);
        (token, string? tag) = token is null ? default : MemberTag.Split(token);
        byte[] sealedRaw = sealer.Seal(raw.Span);
        DateTimeOffset now = time.GetUtcNow();
        try
        {
            await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
            await using var transaction = await db.BeginExclusiveAsync(ct);
            OutboxMessage? mail = token is null ? null : await db.Outbox.FirstOrDefaultAsync(m => m.BounceToken == token, ct);
            if (await RefusalAsync(db, id, token, mail, now, ct) is { } refusal)
                return refusal;
            Bounce row = said.Kind is BounceKind.Reply
                ? await replies.ForwardAsync(db, id, mail, message, reversePath, now, ct)
                : await effects.ApplyAsync(db, id, mail!, tag, said, reversePath, now, ct);
            row.SealedRaw = sealedRaw;
            db.Bounces.Add(row);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            log.BounceKept(row.Id, row.OutboxId, row.Kind, said.Form, row.Outcome);
            outbox.Wake();
            return BounceReceipt.Kept;
        }
        catch (Exception full) when (full is not OperationCanceledException && IsStorageFull(full))
        {
            return BounceReceipt.StorageFull;
        }
    }

    /// <summary>Forgets the octets of what came back long ago; returns of how many.</summary>
    public async Task<int> SweepAsync(CancellationToken ct)
    {
        DateTimeOffset before = time.GetUtcNow() - options.Value.Keep;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.Bounces.Where(b => b.ReceivedAt < before && b.SealedRaw != null).ExecuteUpdateAsync(set => set.SetProperty(b => b.SealedRaw, (byte[]?)null), ct);
    }

    /// <summary>Null when the mail is to be kept.</summary>
    private async Task<BounceReceipt?> RefusalAsync(PostmasterDb db, Guid id, string? token, OutboxMessage? mail, DateTimeOffset now, CancellationToken ct)
    {
        if (await db.Bounces.AnyAsync(b => b.Id == id, ct))
            return BounceReceipt.Kept; // the client lost our reply
        if (token is null)
            return null;
        if (mail is null)
            return Drop("its token is none of ours");
        if (now - (mail.EndedAt ?? mail.CreatedAt) > options.Value.TokenLifetime)
            return Drop("its token has expired");
        int readers = Math.Max(1, await db.GroupDeliveries.CountAsync(d => d.OutboxId == mail.Id, ct));
        return await db.Bounces.CountAsync(b => b.OutboxId == mail.Id, ct) >= MaxPerMail * readers ? Drop("too many came back for the same mail") : null;
    }

    private BouncedMail Read(RawMessage message, string reversePath)
    {
        try
        {
            return BounceReader.Read(message, reversePath.Length == 0);
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            log.BounceNotRead(bug);
            return new BouncedMail(BounceKind.Unclear, BounceForm.None, [], OriginalMessageId: null);
        }
    }

    private BounceReceipt Drop(string reason)
    {
        log.BounceDropped(reason);
        return BounceReceipt.Dropped;
    }

    private bool IsStorageFull(Exception failure)
    {
        using PostmasterDb db = databases.CreateDbContext();
        return db.IsStorageFull(failure);
    }

    private static Guid IdOf(string token, ReadOnlySpan<byte> raw)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(token));
        hash.AppendData([0]);
        hash.AppendData(raw);
        return new Guid(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
