using Postmaster.Web.Model;

namespace Postmaster.Web.Features.Domains;

/// <summary>Looks at DNS and writes down what it said: for the button, and for all claims that are due.</summary>
public sealed class ClaimChecks(ClaimStore store, ClaimChecker checker, TimeProvider time)
{
    /// <summary>Looks at DNS at the same time, so that one slow name server does not hold up the others.</summary>
    private const int Batch = 32, AtOnce = 8;

    /// <summary>Longer than a look may take over several servers, their time-outs added up.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>Waits out the rest after the last press.</summary>
    /// <returns>False when somebody else pressed meanwhile, or the claim is gone.</returns>
    public async Task<bool> CheckNowAsync(Guid claimId, CancellationToken ct)
    {
        DomainClaim? claim = await store.TakeCheckTurnAsync(claimId, ct);
        if (claim is null)
        {
            await Task.Delay(ClaimStore.CheckPause, time, ct);
            claim = await store.TakeCheckTurnAsync(claimId, ct);
        }

        if (claim is null)
            return false;
        ClaimObservation seen = await checker.CheckAsync(claim, fresh: true, ct);
        await store.RecordAsync(claim, seen, byHand: true, ct);
        return true;
    }

    /// <summary>Looks at every claim that is due.</summary>
    /// <returns>How many were looked at.</returns>
    public async Task<int> RunDueAsync(CancellationToken ct)
    {
        var looked = 0;
        while (await store.TakeDueAsync(Batch, Lease, ct) is { Count: > 0 } due)
        {
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct }, async (claim, token) =>
            {
                ClaimObservation seen = await checker.CheckAsync(claim, fresh: false, token);
                await store.RecordAsync(claim, seen, byHand: false, token);
            });
            looked += due.Count;
        }

        return looked;
    }
}
