using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Features.Traffic.Intake;

namespace Postmaster.Web.Features.Milter;

/// <summary>The way of the milter's events into the intake, as the feeder <c>milter</c>.</summary>
internal sealed class MilterEvents(EventIntake intake, FeederStore feeders, ILogger<MilterEvents> log)
{
    public const string FeederName = "milter";

    /// <param name="key">Of this batch; the same again counts once.</param>
    /// <returns>False when it has to be tried again.</returns>
    public async Task<bool> TryAcceptAsync(string key, ReadOnlyMemory<byte> lines, CancellationToken ct)
    {
        int feeder = await feeders.EnsureAsync(FeederName, ct);
        switch (await intake.AcceptAsync(feeder, key, lines, ct))
        {
            case IntakeOutcome.Counted:
                return true;
            case IntakeOutcome.Unreadable or IntakeOutcome.TooLarge or IntakeOutcome.KeyTaken:
                log.MilterEventsRefused();
                return true; // the same again would be answered the same
            default:
                return false;
        }
    }
}
