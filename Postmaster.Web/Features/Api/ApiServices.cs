using Postmaster.Web.Hosting;

namespace Postmaster.Web.Features.Api;

/// <summary>How much programs may ask.</summary>
internal sealed class ApiLimits : IDisposable
{
    /// <summary>A key's requests a minute: 120 stretches of 500 are more complaints than a program can act on.</summary>
    public FixedWindow Requests { get; } = FixedWindow.PerMinute(120);

    /// <summary>Guesses of a network a minute.</summary>
    public FixedWindow WrongKeys { get; } = FixedWindow.PerMinute(30);

    public void Dispose()
    {
        Requests.Dispose();
        WrongKeys.Dispose();
    }
}

internal static partial class ApiLog
{
    [LoggerMessage(5901, LogLevel.Warning, "a request to the interface of owners' programs had no right key")]
    public static partial void ApiKeyRefused(this ILogger log);
}

internal static class ApiServices
{
    public static IServiceCollection AddApi(this IServiceCollection services)
    {
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<ApiLimits>();
        services.AddSingleton<ComplaintFeed>();
        services.AddSingleton<ApiDoor>();
        return services;
    }

    public static void MapApi(this WebApplication app)
    {
        RouteGroupBuilder complaints = app.MapGroup(ApiDoor.Route).AllowAnonymous().DisableAntiforgery();
        complaints.MapGet("", (HttpContext context, string domain, ApiDoor door, CancellationToken ct) => door.ListAsync(context, domain, ct));
        complaints.MapGet("{id:guid}/report", (HttpContext context, string domain, Guid id, ApiDoor door, CancellationToken ct) => door.ReportAsync(context, domain, id, ct));
        complaints.MapMethods("{id:guid}/handled", [HttpMethods.Post, HttpMethods.Delete], (HttpContext context, string domain, Guid id, ApiDoor door, CancellationToken ct) => door.HandledAsync(context, domain, id, ct));
        app.MapGet(ApiDescription.Route, (PortalUrl portal) => ApiDescription.Get(portal)).AllowAnonymous();
        app.MapGet(ApiDoor.Route + ".csv", (HttpContext context, string domain, ApiDoor door, CancellationToken ct) => door.CsvAsync(context, domain, ct)).AllowAnonymous().DisableAntiforgery();
    }
}
