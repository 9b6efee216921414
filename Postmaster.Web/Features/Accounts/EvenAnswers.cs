namespace Postmaster.Web.Features.Accounts;

/// <summary>
/// Stops the clock from telling whether an address has an account: hashing a password or writing a row takes longer than not doing so,
/// so answers about addresses never come before a floor that is above either.
/// </summary>
internal static class EvenAnswers
{
    private static readonly TimeSpan _floor = TimeSpan.FromMilliseconds(300);

    public static async Task WithFloorAsync(Task work, CancellationToken ct)
    {
        Task floor = Task.Delay(_floor, ct);
        try
        {
            await work;
        }
        finally
        {
            await floor;
        }
    }

    public static async Task<T> WithFloorAsync<T>(Task<T> work, CancellationToken ct)
    {
        await WithFloorAsync((Task)work, ct);
        return await work;
    }
}
