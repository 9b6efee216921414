using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Samples;

/// <summary>A line of the list. Texts are outside text.</summary>
public sealed record SampleRow(
    Guid Id, SampleState State, string? Subject, long Size, DateTimeOffset ReceivedAt, DateTimeOffset ExpiresAt, bool ByMail, bool IsShared, int ToFix, int ToLookAt, int NotKnown);

/// <summary>One sample with what its page shows.</summary>
/// <param name="Report">Null until checked; that of the last check while it is checked again.</param>
/// <param name="Message">Empty while the mail has not come.</param>
/// <param name="ShareNonce">Null while nothing is shared.</param>
public sealed record SampleDetail(SampleRow Row, SampleReport? Report, DateTimeOffset? CheckedAt, ReadOnlyMemory<byte> Message, KeptEnvelope? Envelope, Guid? ShareNonce)
{
    /// <summary>Null while nobody has tried to unsubscribe. The owner's alone.</summary>
    public OneClickTrial? OneClick { get; init; }
}

/// <summary>Reads samples for those they belong to, and for whoever has the link of a shared one. Nobody else, operators included.</summary>
public sealed class SampleQueries(IDbContextFactory<PostmasterDb> databases, Sealer sealer, TimeProvider time)
{
    /// <summary>Rows of a page of the list.</summary>
    public const int PageSize = 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>The viewer's samples that have not expired.</summary>
    internal static IQueryable<Sample> Of(PostmasterDb db, SampleViewer viewer, DateTimeOffset now)
    {
        IQueryable<Sample> living = db.Samples.Where(s => s.ExpiresAt > now);
        return viewer.AccountId is { } account
            ? living.Where(s => s.OwnerId == account)
            : living.Where(s => s.OwnerId == null && s.VisitorKey != null && s.VisitorKey == viewer.VisitorKey);
    }

    /// <summary>Newest first.</summary>
    /// <param name="page">From 1.</param>
    public async Task<(IReadOnlyList<SampleRow> Rows, bool HasNext)> ListAsync(SampleViewer viewer, int page, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<Sample> rows = await Newest(db, viewer).Skip((page - 1) * PageSize).Take(PageSize + 1).ToListAsync(ct);
        return ([.. rows.Take(PageSize).Select(Row)], rows.Count > PageSize);
    }

    /// <summary>The viewer's checked samples other than one, newest first, to compare it with.</summary>
    public async Task<IReadOnlyList<SampleRow>> OthersAsync(SampleViewer viewer, Guid than, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        List<Sample> rows = await Newest(db, viewer).Where(s => s.Id != than && s.CheckedAt != null).Take(PageSize).ToListAsync(ct);
        return [.. rows.Select(Row)];
    }

    /// <summary>Null when there is no such sample for the viewer.</summary>
    public async Task<SampleDetail?> FindAsync(SampleViewer viewer, Guid id, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await DetailAsync(db, Of(db, viewer, time.GetUtcNow()).Where(s => s.Id == id), ct);
    }

    /// <summary>The sample that a link shows; null when the link is unknown, revoked or too old.</summary>
    public async Task<SampleDetail?> FindSharedAsync(string? token, CancellationToken ct)
    {
        if (token is not { Length: SampleTokens.Length })
            return null;
        byte[] hash = SampleTokens.Hash(token);
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await DetailAsync(db, db.Samples.Where(s => s.ShareHash == hash && s.ExpiresAt > now), ct);
    }

    /// <summary>Null when there is no such sample for the viewer.</summary>
    public async Task<SampleState?> StateAsync(SampleViewer viewer, Guid id, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await Of(db, viewer, time.GetUtcNow()).Where(s => s.Id == id).Select(s => (SampleState?)s.State).FirstOrDefaultAsync(ct);
    }

    /// <summary>Gives the worker a moment, so that most visitors see the result at once.</summary>
    public async Task WaitAsync(SampleViewer viewer, Guid id, TimeSpan longest, CancellationToken ct)
    {
        for (TimeSpan waited = TimeSpan.Zero; waited < longest && await StateAsync(viewer, id, ct) is SampleState.Kept; waited += LookEvery)
            await Task.Delay(LookEvery, ct);
    }

    /// <summary>Whether a mail to a one-time address would be taken.</summary>
    public async Task<bool> IsOpenAsync(string token, CancellationToken ct)
    {
        byte[] hash = SampleTokens.Hash(token);
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        return await db.Samples.AnyAsync(s => s.AddressHash == hash && s.State == SampleState.Waiting && s.ExpiresAt > now, ct);
    }

    private IOrderedQueryable<Sample> Newest(PostmasterDb db, SampleViewer viewer) =>
        Of(db, viewer, time.GetUtcNow()).AsNoTracking().OrderByDescending(s => s.CreatedAt).ThenByDescending(s => s.Id);

    private async Task<SampleDetail?> DetailAsync(PostmasterDb db, IQueryable<Sample> one, CancellationToken ct)
    {
        if (await one.AsNoTracking().FirstOrDefaultAsync(ct) is not { } sample)
            return null;
        SampleBody? body = await db.SampleBodies.AsNoTracking().FirstOrDefaultAsync(b => b.SampleId == sample.Id, ct);
        return new SampleDetail(
            Row(sample),
            sample.SealedReport is null ? null : JsonSerializer.Deserialize<SampleReport>(sealer.Open(sample.SealedReport)),
            sample.CheckedAt,
            body is null ? ReadOnlyMemory<byte>.Empty : sealer.Open(body.SealedRaw),
            body?.SealedEnvelope is null ? null : JsonSerializer.Deserialize<KeptEnvelope>(sealer.Open(body.SealedEnvelope)),
            sample.ShareNonce)
        {
            OneClick = sample.SealedOneClick is null ? null : JsonSerializer.Deserialize<OneClickTrial>(sealer.Open(sample.SealedOneClick)),
        };
    }

    private SampleRow Row(Sample s) => new(
        s.Id, s.State, s.SealedSubject is null ? null : sealer.OpenText(s.SealedSubject), s.Size, s.ReceivedAt, s.ExpiresAt, s.AddressHash is not null, s.ShareHash is not null,
        s.ToFix, s.ToLookAt, s.NotKnown);
}
