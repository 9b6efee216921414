using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Traffic.Directory;

/// <summary>Keeps the directory true to the database: loaded before the first event and once a day, the claims looked at every second while events come.</summary>
internal sealed class DirectoryLoader(
    StreamDirectory directory, ClaimQueries claims, IDbContextFactory<PostmasterDb> databases, IOptions<TrafficOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>Streams not seen for so long give up their place among <see cref="TrafficOptions.MaxStreamsPerKind"/>; their rows stay.</summary>
    private const int ActiveDays = 30;

    private const int RetentionMargin = 2;

    private static readonly TimeSpan ClaimsStandFor = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private (int, long) _claimsVersion = (-1, -1);
    private DateOnly _loaded;
    private long _looked;

    /// <summary>Call before a batch is read.</summary>
    public async ValueTask EnsureAsync(CancellationToken ct)
    {
        if (IsFresh())
            return;
        await _oneAtATime.WaitAsync(ct);
        try
        {
            if (!IsFresh())
                await LookAsync(ct);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private bool IsFresh() => _loaded == Today() && time.GetElapsedTime(Interlocked.Read(ref _looked)) < ClaimsStandFor;

    private async Task LookAsync(CancellationToken ct)
    {
        (int, long) version = await claims.MapVersionAsync(ct);
        DateOnly today = Today();
        if (_loaded != today)
            await LoadAsync(today, await claims.MapAsync(ct), ct);
        else if (version != _claimsVersion)
            directory.Use(await claims.MapAsync(ct));
        _claimsVersion = version;
        _loaded = today;
        Interlocked.Exchange(ref _looked, time.GetTimestamp());
    }

    private async Task LoadAsync(DateOnly today, ClaimMap map, CancellationToken ct)
    {
        await using PostmasterDb db = await databases.CreateDbContextAsync(ct);
        DateOnly active = today.AddDays(-ActiveDays);
        // What the retention may delete before the next load is looked up again when it has mail.
        DateOnly kept = today.AddDays(RetentionMargin - options.Value.DayDays);
        List<MailDomain> domains = await db.MailDomains.AsNoTracking().Where(d => d.LastDay >= kept).ToListAsync(ct);
        List<MailStream> streams = await db.MailStreams.AsNoTracking().Where(s => s.LastDay >= active || (s.Value == "" && s.LastDay >= kept)).ToListAsync(ct);
        directory.Load(domains, streams, map);
    }

    private DateOnly Today() => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
}
