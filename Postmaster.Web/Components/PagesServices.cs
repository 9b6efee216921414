namespace Postmaster.Web.Components;

internal static class PagesServices
{
    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        return services;
    }

    public static void UsePages(this WebApplication app)
    {
        app.UseStaticFiles();
        app.UseAntiforgery();
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapRazorComponents<App>();
    }
}
