using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.FeedbackLoop.Leaving;

/// <summary>The link of each mailbox that ends its reports: made when its first report goes out, the same in every report after.</summary>
internal sealed class LeaveLinks(IDbContextFactory<PostmasterDb> databases, Sealer sealer, PortalUrl portal, TimeProvider time)
{
    public const string Route = "/stop-reports";

    private const int MaxKnown = 10_000;

    /// <summary>A link, once made, stays.</summary>
    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <summary>The absolute address for a report to <paramref name="address"/>.</summary>
    /// <param name="address">As <c>MailAddress.ToString()</c> writes it.</param>
    public async Task<string> UrlAsync(string address, CancellationToken ct)
    {
        if (_known.TryGetValue(address, out string? known))
            return known;
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        byte[] kept = await FindAsync(db, address, ct) ?? await MakeAsync(db, address, ct);
        if (_known.Count >= MaxKnown)
            _known.Clear();
        return _known[address] = portal.To($"{Route}/{sealer.OpenText(kept)}");
    }

    /// <summary>Whose reports a token ends; null when it is none of ours.</summary>
    public static async Task<string?> AddressAsync(PostmasterDb db, string? token, CancellationToken ct)
    {
        if (LinkToken.HashOf(token) is not { } hash)
            return null;
        return await db.LeaveLinks.AsNoTracking().Where(l => l.TokenHash == hash).Select(l => l.Address).FirstOrDefaultAsync(ct);
    }

    private static Task<byte[]?> FindAsync(PostmasterDb db, string address, CancellationToken ct) =>
        db.LeaveLinks.AsNoTracking().Where(l => l.Address == address).Select(l => (byte[]?)l.SealedToken).FirstOrDefaultAsync(ct);

    /// <summary>Alone among its like: two reports to the same new address may be made at once.</summary>
    private async Task<byte[]> MakeAsync(PostmasterDb db, string address, CancellationToken ct)
    {
        await using IDbContextTransaction transaction = await db.BeginExclusiveAsync(ct);
        if (await FindAsync(db, address, ct) is { } made)
            return made;
        string token = LinkToken.New();
        byte[] kept = sealer.Seal(token);
        db.LeaveLinks.Add(new LeaveLink { Address = address, TokenHash = LinkToken.HashOf(token)!, SealedToken = kept, CreatedAt = time.GetUtcNow() });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return kept;
    }
}
