namespace Postmaster.Web.Features.Intake;

internal static class IntakeServices
{
    public static WebApplicationBuilder AddIntake(this WebApplicationBuilder builder) => builder;

    public static void MapIntake(this WebApplication app)
    {
    }
}
