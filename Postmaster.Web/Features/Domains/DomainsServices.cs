namespace Postmaster.Web.Features.Domains;

internal static class DomainsServices
{
    public static IServiceCollection AddDomains(this IServiceCollection services)
    {
        services.AddSingleton<DomainAccess>();
        services.AddSingleton<DomainQueries>();
        services.AddSingleton<ClaimQueries>();
        services.AddSingleton<OwnershipQueries>();
        services.AddSingleton<MemberQueries>();
        services.AddSingleton<FeedbackAddressQueries>();
        services.AddSingleton<ClaimAdmission>();
        services.AddSingleton<ClaimChecker>();
        services.AddSingleton<ClaimNotices>();
        services.AddSingleton<ClaimStore>();
        services.AddSingleton<ClaimChecks>();
        services.AddHostedService<ClaimRecheckWorker>();
        services.AddSingleton<MemberStore>();
        services.AddSingleton<InvitationStore>();
        services.AddSingleton<FeedbackAddressMail>();
        services.AddSingleton<FeedbackAddressStore>();
        return services;
    }

    public static void MapDomains(this WebApplication app)
    {
    }
}
