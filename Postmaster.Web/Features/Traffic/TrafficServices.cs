using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Traffic.Commit;
using Postmaster.Web.Features.Traffic.Compliance;
using Postmaster.Web.Features.Traffic.Directory;
using Postmaster.Web.Features.Traffic.Export;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Features.Traffic.Memory;
using Postmaster.Web.Features.Traffic.Rspamd;

namespace Postmaster.Web.Features.Traffic;

internal static class TrafficServices
{
    public static IServiceCollection AddTraffic(this IServiceCollection services)
    {
        services.AddSingleton<TrafficKeys>();
        services.AddSingleton<StreamDirectory>();
        services.AddSingleton<DirectoryLoader>();
        services.AddSingleton<EventStore>();
        services.AddSingleton<MemoryRooms>();
        services.TryAddSingleton<IDeliveryMemory, DeliveryMemory>();
        services.AddSingleton<ComplaintCells>();
        services.AddSingleton<TrafficRetention>();
        services.AddHostedService(provider => provider.GetRequiredService<TrafficRetention>());
        services.AddSingleton<TellingWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<TellingWorker>());
        services.AddSingleton<EventCommitter>();
        services.AddHostedService(provider => provider.GetRequiredService<EventCommitter>());
        services.AddSingleton(provider => new EventIntake(
            provider.GetRequiredService<StreamDirectory>(),
            provider.GetRequiredService<DirectoryLoader>(),
            provider.GetRequiredService<TrafficKeys>(),
            provider.GetRequiredService<EventStore>(),
            provider.GetRequiredService<EventCommitter>(),
            provider.GetRequiredService<IDeliveryMemory>(),
            provider.GetRequiredService<IOptions<TrafficOptions>>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<EventIntake>>()));
        services.AddSingleton<FeederStore>();
        services.AddSingleton<FeederQueries>();
        services.AddSingleton<EventDoor>();
        services.AddSingleton<TrafficQueries>();
        services.AddSingleton<RspamdDoor>();
        services.AddSingleton<NumberTables>();
        services.AddSingleton<StreamStore>();
        services.AddSingleton<ComplianceQueries>();
        services.AddSingleton<DomainCheckStore>();
        services.AddHostedService<DomainCheckWorker>();
        return services;
    }

    public static void MapTraffic(this WebApplication app)
    {
        app.MapPost(EventDoor.Route, (HttpContext context, EventDoor door, CancellationToken ct) => door.PostAsync(context, ct))
            .AllowAnonymous().DisableAntiforgery();
        app.MapPost(RspamdDoor.Route, (HttpContext context, RspamdDoor door, CancellationToken ct) => door.PostAsync(context, ct))
            .AllowAnonymous().DisableAntiforgery();
        app.MapNumberFiles();
    }
}
