namespace Postmaster.Web.Features.Intake;

internal static class IntakeServices
{
    public static WebApplicationBuilder AddIntake(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IntakeStore>();
        builder.Services.AddSingleton<HttpDoorLimits>();
        builder.Services.AddSingleton<HttpDoor>();
        builder.Services.AddSingleton<BorderIdentity>();
        builder.Services.AddSingleton<LmtpDoor>();
        builder.Services.AddSingleton<LmtpListener>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LmtpListener>());
        builder.Services.AddSingleton<SpoolWorker>();
        builder.Services.AddHostedService(services => services.GetRequiredService<SpoolWorker>());
        return builder;
    }

    public static void MapIntake(this WebApplication app) =>
        app.MapPost(HttpDoor.Route, (HttpContext context, HttpDoor door, CancellationToken ct) => door.PostAsync(context, ct))
            .AllowAnonymous().DisableAntiforgery();
}
