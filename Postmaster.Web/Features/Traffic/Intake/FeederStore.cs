using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Postmaster.Web.Data;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Intake;

/// <summary>What became of a feeder that an operator wanted.</summary>
public abstract record NewFeeder
{
    private NewFeeder()
    {
    }

    /// <param name="Token">Shown now and never again: only its hash is kept.</param>
    public sealed record Made(string Name, string Token) : NewFeeder;

    /// <param name="Reason">A sentence for the operator.</param>
    public sealed record Refused(string Reason) : NewFeeder;
}

/// <summary>The rows of the feeders.</summary>
public sealed class FeederStore(IDbContextFactory<PostmasterDb> databases, TimeProvider time, ILogger<FeederStore> log) : IDisposable
{
    public const int MaxName = 64;

    /// <summary>Machines and programs of one provider; each is a row on pages.</summary>
    private const int MaxFeeders = 500;

    /// <summary>Octets: nobody guesses it, and so one plain hash keeps it.</summary>
    private const int TokenLength = 32;

    /// <summary>The first requests come together.</summary>
    private readonly SemaphoreSlim _making = new(1);

    private readonly ConcurrentDictionary<string, int> _ids = new(StringComparer.Ordinal);

    /// <summary>The id of a feeder that needs no token row: the default one, the milter; made when first asked for.</summary>
    public async Task<int> EnsureAsync(string name, CancellationToken ct)
    {
        if (_ids.TryGetValue(name, out int known))
            return known;
        await _making.WaitAsync(ct);
        try
        {
            return _ids.TryGetValue(name, out known) ? known : _ids.GetOrAdd(name, await FindOrMakeAsync(name, ct));
        }
        finally
        {
            _making.Release();
        }
    }

    public void Dispose() => _making.Dispose();

    /// <summary>Makes a feeder with a token of its own. One that was ended goes on under its name, with the new token.</summary>
    /// <param name="operatorName">Who does it, for the log.</param>
    public async Task<NewFeeder> CreateAsync(string? name, string operatorName, CancellationToken ct)
    {
        string wanted = name?.Trim() ?? "";
        if (wanted.Length is 0 or > MaxName || !wanted.All(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-' or '_' or '.'))
            return new NewFeeder.Refused($"A name has up to {MaxName} letters, digits, spaces, dots, hyphens and underscores, such as mx1 rspamd.");
        string token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenLength));
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        Feeder? row = await db.Feeders.FirstOrDefaultAsync(f => f.Name == wanted, ct);
        if (row is { EndedAt: null } || FeederQueries.IsBuiltIn(wanted))
            return new NewFeeder.Refused($"There is a feeder {wanted} already. Choose another name, or end that one first.");
        if (row is null && await db.Feeders.CountAsync(ct) >= MaxFeeders)
            return new NewFeeder.Refused($"There are {MaxFeeders} feeders, which is as many as may be. Use the name of one that was ended.");
        if (row is null)
            db.Feeders.Add(row = new Feeder { Name = wanted, CreatedAt = time.GetUtcNow() });
        row.TokenHash = FeederQueries.HashToken(token);
        row.EndedAt = null;
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException) when (!ct.IsCancellationRequested)
        {
            return new NewFeeder.Refused($"Somebody has made a feeder {wanted} at this moment. Choose another name.");
        }

        log.FeederMade(row.Id, wanted, operatorName);
        return new NewFeeder.Made(wanted, token);
    }

    /// <summary>Its token lets nobody in from now on; what it told stays. False when it has none or was ended before.</summary>
    public async Task<bool> EndAsync(int id, string operatorName, CancellationToken ct)
    {
        DateTimeOffset now = time.GetUtcNow();
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        bool ended = await db.Feeders.Where(f => f.Id == id && f.TokenHash != null && f.EndedAt == null).ExecuteUpdateAsync(set => set.SetProperty(f => f.EndedAt, now), ct) == 1;
        if (ended)
            log.FeederEnded(id, operatorName);
        return ended;
    }

    private async Task<int> FindOrMakeAsync(string name, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        if (await IdAsync(db, name, ct) is { } id)
            return id;
        db.Feeders.Add(new Feeder { Name = name, CreatedAt = time.GetUtcNow() });
        try
        {
            await db.SaveChangesAsync(ct);
        }
        catch (DbUpdateException) when (!ct.IsCancellationRequested)
        {
            // Another machine was first.
        }

        return await IdAsync(db, name, ct) ?? throw new InvalidOperationException("The feeder's row could not be made.");
    }

    private static Task<int?> IdAsync(PostmasterDb db, string name, CancellationToken ct) =>
        db.Feeders.AsNoTracking().Where(f => f.Name == name).Select(f => (int?)f.Id).FirstOrDefaultAsync(ct);
}
