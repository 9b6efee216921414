using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Samples;

/// <summary>What became of a mail that was handed in.</summary>
public abstract record KeepSampleResult
{
    private KeepSampleResult()
    {
    }

    public sealed record Kept(Guid Id) : KeepSampleResult;

    /// <summary>The viewer keeps as many samples as are allowed.</summary>
    public sealed record TooMany : KeepSampleResult;

    /// <summary>The one-time address is unknown, used or too old.</summary>
    public sealed record NoSuchAddress : KeepSampleResult;

    /// <summary>There is no room on the disk.</summary>
    public sealed record StorageFull : KeepSampleResult;
}

/// <summary>Keeps samples, gives out addresses and links, deletes. Whoever changes a sample names its owner; another's does not exist.</summary>
public sealed class SampleStore(
    IDbContextFactory<PostmasterDb> databases, Sealer sealer, SampleTokens tokens, SampleSignal signal, IOptions<SamplesOptions> options, TimeProvider time,
    ILogger<SampleStore> log)
{
    /// <summary>Keeps a mail that was pasted or uploaded.</summary>
    public async Task<KeepSampleResult> KeepAsync(SampleViewer viewer, ReadOnlyMemory<byte> mail, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await IsFullAsync(db, viewer, ct))
            return new KeepSampleResult.TooMany();
        DateTimeOffset now = time.GetUtcNow();
        var sample = new Sample
        {
            OwnerId = viewer.AccountId, VisitorKey = viewer.VisitorKey, State = SampleState.Kept, CreatedAt = now, ReceivedAt = now,
            ExpiresAt = now + Retention(viewer.AccountId), DueAt = now, Size = mail.Length,
        };
        db.Samples.Add(sample);
        db.SampleBodies.Add(new SampleBody { SampleId = sample.Id, SealedRaw = sealer.Seal(mail.Span) });
        return await SaveAsync(db, sample.Id, mail.Length, byMail: false, ct);
    }

    /// <summary>Gives out a one-time address; null when the viewer keeps as many samples as are allowed.</summary>
    public async Task<Guid?> GiveAddressAsync(SampleViewer viewer, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await IsFullAsync(db, viewer, ct))
            return null;
        DateTimeOffset now = time.GetUtcNow();
        var id = Guid.CreateVersion7();
        db.Samples.Add(new Sample
        {
            Id = id, OwnerId = viewer.AccountId, VisitorKey = viewer.VisitorKey, State = SampleState.Waiting, CreatedAt = now, ReceivedAt = now,
            ExpiresAt = now + options.Value.AddressLifetime, DueAt = now, AddressHash = SampleTokens.Hash(await tokens.OfAddressAsync(id, ct)),
        });
        await db.SaveChangesAsync(ct);
        log.SampleAddressGiven(id);
        return id;
    }

    /// <summary>Keeps a mail that came to a one-time address, which is used up in the same commit.</summary>
    public async Task<KeepSampleResult> ReceiveAsync(string token, ReadOnlyMemory<byte> mail, KeptEnvelope envelope, CancellationToken ct)
    {
        byte[] hash = SampleTokens.Hash(token), raw = sealer.Seal(mail.Span);
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await db.Samples.AsNoTracking().FirstOrDefaultAsync(s => s.AddressHash == hash && s.State == SampleState.Waiting && s.ExpiresAt > now, ct) is not { } waiting)
            return new KeepSampleResult.NoSuchAddress();
        DateTimeOffset expires = now + Retention(waiting.OwnerId);
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            int taken = await db.Samples.Where(s => s.Id == waiting.Id && s.State == SampleState.Waiting).ExecuteUpdateAsync(set => set
                .SetProperty(s => s.State, SampleState.Kept).SetProperty(s => s.ReceivedAt, now).SetProperty(s => s.ExpiresAt, expires)
                .SetProperty(s => s.DueAt, now).SetProperty(s => s.Size, mail.Length), ct);
            if (taken == 0)
                return new KeepSampleResult.NoSuchAddress();
            db.SampleBodies.Add(new SampleBody { SampleId = waiting.Id, SealedRaw = raw, SealedEnvelope = sealer.Seal(JsonSerializer.SerializeToUtf8Bytes(envelope)) });
            KeepSampleResult result = await SaveAsync(db, waiting.Id, mail.Length, byMail: true, ct);
            if (result is KeepSampleResult.Kept)
            {
                await transaction.CommitAsync(ct);
                signal.Wake();
            }

            return result;
        }
        catch (Exception full) when (db.IsStorageFull(full))
        {
            return new KeepSampleResult.StorageFull();
        }
    }

    /// <summary>Has a sample looked at again, with DNS as it is now; false when it is not the viewer's or is being looked at.</summary>
    public async Task<bool> CheckAgainAsync(SampleViewer viewer, Guid id, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        bool due = await SampleQueries.Of(db, viewer, now).Where(s => s.Id == id && (s.State == SampleState.Checked || s.State == SampleState.Failed))
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.State, SampleState.Kept).SetProperty(s => s.DueAt, now).SetProperty(s => s.Attempts, 0), ct) == 1;
        if (due)
            signal.Wake();
        return due;
    }

    /// <summary>Makes the link that shows a sample to whoever has it; one that was made before no longer works.</summary>
    public async Task<bool> ShareAsync(SampleViewer viewer, Guid id, CancellationToken ct)
    {
        var nonce = Guid.NewGuid();
        byte[] hash = SampleTokens.Hash(await tokens.OfLinkAsync(id, nonce, ct));
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await SampleQueries.Of(db, viewer, now).Where(s => s.Id == id && s.State != SampleState.Waiting)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.ShareHash, hash).SetProperty(s => s.ShareNonce, nonce), ct) == 1;
    }

    /// <summary>Makes the link worthless at once.</summary>
    public async Task<bool> RevokeAsync(SampleViewer viewer, Guid id, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await SampleQueries.Of(db, viewer, now).Where(s => s.Id == id && s.ShareHash != null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.ShareHash, (byte[]?)null).SetProperty(s => s.ShareNonce, (Guid?)null), ct) == 1;
    }

    /// <summary>Keeps the result of the last press of the one-click button.</summary>
    public async Task<bool> KeepTrialAsync(SampleViewer viewer, Guid id, OneClickTrial trial, CancellationToken ct)
    {
        byte[] kept = sealer.Seal(JsonSerializer.SerializeToUtf8Bytes(trial));
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await SampleQueries.Of(db, viewer, now).Where(s => s.Id == id).ExecuteUpdateAsync(set => set.SetProperty(s => s.SealedOneClick, kept), ct) == 1;
    }

    public async Task<bool> DeleteAsync(SampleViewer viewer, Guid id, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await SampleQueries.Of(db, viewer, now).Where(s => s.Id == id).ExecuteDeleteAsync(ct) == 1;
    }

    /// <summary>Deletes what has expired; returns how many.</summary>
    public async Task<int> SweepAsync(CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        int deleted = await db.Samples.Where(s => s.ExpiresAt <= now).ExecuteDeleteAsync(ct);
        if (deleted > 0)
            log.SamplesDeleted(deleted);
        return deleted;
    }

    private async Task<bool> IsFullAsync(PostmasterDb db, SampleViewer viewer, CancellationToken ct) =>
        await SampleQueries.Of(db, viewer, time.GetUtcNow()).CountAsync(ct) >= options.Value.MaxKept;

    private TimeSpan Retention(Guid? account) => account is null ? options.Value.AnonymousRetention : options.Value.Retention;

    private async Task<KeepSampleResult> SaveAsync(PostmasterDb db, Guid id, int size, bool byMail, CancellationToken ct)
    {
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException full) when (db.IsStorageFull(full))
        {
            return new KeepSampleResult.StorageFull();
        }

        log.SampleKept(id, size, byMail);
        signal.Wake();
        return new KeepSampleResult.Kept(id);
    }
}
