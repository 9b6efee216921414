using Postmaster.Fbl.Authentication;
using Postmaster.Fbl.Dns;
using Postmaster.Web.Features.Complaints.Archive;
using Postmaster.Web.Features.Complaints.Fairness;

namespace Postmaster.Web.Features.Complaints;

internal static class ComplaintsServices
{
    public static IServiceCollection AddComplaints(this IServiceCollection services)
    {
        services.AddSingleton<ComplaintQueries>();
        services.AddSingleton<HandledStore>();
        services.AddSingleton<ArchiveMerger>();
        services.AddHostedService(provider => provider.GetRequiredService<ArchiveMerger>());
        services.AddSingleton(provider => new MessageAuthenticator(provider.GetRequiredService<IDnsResolver>()));
        services.AddSingleton<ComplaintReader>();
        services.AddSingleton<ComplaintAuthenticator>();
        services.AddSingleton<LoopStops>();
        services.AddSingleton<PressFairness>();
        services.AddSingleton<ComplaintCounting>();
        services.AddSingleton<Rescues>();
        services.AddSingleton<ComplaintLeases>();
        services.AddSingleton<ComplaintStore>();
        services.AddSingleton<ComplaintWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<ComplaintWorker>());
        services.AddSingleton<RetentionWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<RetentionWorker>());
        return services;
    }
}
