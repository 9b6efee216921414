namespace Postmaster.Web.Hosting;

/// <summary>
/// Keeps a row leased while work on it goes on. A lease is short, so that what a killed process held is soon taken up by another,
/// and is renewed, so that slow work is not taken away.
/// </summary>
internal static class WorkLease
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(6);

    /// <summary>Instants as the database keeps them: a lease is compared with what was stored.</summary>
    public static DateTimeOffset From(DateTimeOffset now) => new(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMicrosecond) + Length.Ticks, TimeSpan.Zero);

    /// <summary>Does the work with renewals going on beside it; they have ended when this returns, so the row can be written.</summary>
    /// <param name="renew">False: another worker has it, and the work is cancelled.</param>
    public static async Task<T> HoldAsync<T>(Func<CancellationToken, Task<bool>> renew, Func<CancellationToken, Task<T>> work, TimeProvider time, CancellationToken ct)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(ct);
        Task renewals = RenewAsync(renew, lost, time, done.Token);
        try
        {
            return await work(lost.Token);
        }
        finally
        {
            await done.CancelAsync();
            await renewals;
        }
    }

    private static async Task RenewAsync(Func<CancellationToken, Task<bool>> renew, CancellationTokenSource lost, TimeProvider time, CancellationToken done)
    {
        using var timer = new PeriodicTimer(RenewEvery, time);
        while (true)
        {
            try
            {
                if (!await timer.WaitForNextTickAsync(done))
                    return;
                if (await renew(CancellationToken.None))
                    continue;
                await lost.CancelAsync();
                return;
            }
            catch (OperationCanceledException)
            {
                return; // the work is done
            }
            catch (Exception)
            {
                // A database that is busy for a moment must not end the work; whether the lease stands is seen when the result is written.
            }
        }
    }
}
