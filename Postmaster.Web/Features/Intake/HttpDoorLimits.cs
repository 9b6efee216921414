using Microsoft.Extensions.Options;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Intake;

/// <summary>How much the HTTP door lets in: by address and minute, and by octets in memory.</summary>
internal sealed class HttpDoorLimits(IOptions<IntakeOptions> options) : IDisposable
{
    private readonly FixedWindow _requests = FixedWindow.PerMinute(options.Value.RequestsPerMinute);
    private readonly FixedWindow _wrongTokens = FixedWindow.PerMinute(options.Value.WrongTokensPerMinute);

    private long _inFlight;

    /// <summary>Room in memory for so many more octets of bodies; false when all requests together would hold too much.</summary>
    public bool TryTake(long octets)
    {
        if (Interlocked.Add(ref _inFlight, octets) <= options.Value.MaxInFlightBytes)
            return true;
        Return(octets);
        return false;
    }

    public void Return(long octets) => Interlocked.Add(ref _inFlight, -octets);

    /// <summary>Null: go on; else how long to wait.</summary>
    public TimeSpan? Request(HttpContext context) => _requests.Take(Address(context));

    /// <summary>Null: one more guess is bearable; else how long to wait.</summary>
    public TimeSpan? WrongToken(HttpContext context) => _wrongTokens.Take(Address(context));

    public void Dispose()
    {
        _requests.Dispose();
        _wrongTokens.Dispose();
    }

    /// <summary>A mail server is one address, and many of them may stand in one network.</summary>
    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}
