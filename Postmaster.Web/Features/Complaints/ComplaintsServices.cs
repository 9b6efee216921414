namespace Postmaster.Web.Features.Complaints;

internal static class ComplaintsServices
{
    public static IServiceCollection AddComplaints(this IServiceCollection services)
    {
        services.AddSingleton<ComplaintQueries>();
        return services;
    }
}
