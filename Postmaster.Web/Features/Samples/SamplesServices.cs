using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Hosting;
using Postmaster.Web.Hosting.Outward;

namespace Postmaster.Web.Features.Samples;

internal static class SamplesServices
{
    /// <summary>The policy of the pages: an account, or anybody where the operator allows it.</summary>
    public const string Policy = "samples";

    public static IServiceCollection AddSamples(this IServiceCollection services)
    {
        services.AddAuthorizationBuilder().AddPolicy(Policy, policy => policy.AddRequirements(new MayCheckSamples()));
        services.AddSingleton<IAuthorizationHandler, MayCheckSamplesHandler>();
        services.AddSingleton(provider => new SampleSurroundings
        {
            Https = provider.GetRequiredService<OutwardHttps>(), PublicSuffixOf = PublicSuffixes.Load(provider.GetRequiredService<IOptions<DnsOptions>>().Value.PublicSuffixList),
        });
        services.AddSingleton<SampleInspector>();
        services.AddSingleton<SampleTokens>();
        services.AddSingleton<SampleLimits>();
        services.AddSingleton<VisitorCookie>();
        services.AddSingleton<SampleQueries>();
        services.AddSingleton<SampleStore>();
        services.AddSingleton<SampleLeases>();
        services.AddSingleton<OneClickButton>();
        services.AddSingleton<SampleForm>();
        services.AddSingleton<ILmtpMailbox, SampleMailbox>();
        services.AddSingleton<SampleWorker>();
        services.AddHostedService(provider => provider.GetRequiredService<SampleWorker>());
        services.AddHostedService<SampleRetentionWorker>();
        return services;
    }

    public static void MapSamples(this WebApplication app)
    {
        // The form checks its antiforgery token itself, after it has set its own limit of octets.
        app.MapPost(SampleForm.Route, (HttpContext context, SampleForm form, CancellationToken ct) => form.PostAsync(context, ct))
            .RequireAuthorization(Policy).DisableAntiforgery();
        // Whoever was signed out meanwhile comes back here by GET.
        app.MapGet(SampleForm.Route, static () => Results.LocalRedirect("/samples")).AllowAnonymous();
        app.MapGet("/samples/{id:guid}/state", StateAsync).RequireAuthorization(Policy);
    }

    private static async Task<IResult> StateAsync(Guid id, HttpContext context, SampleQueries queries, VisitorCookie visitors, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        return visitors.Read(context) is { } viewer && await queries.StateAsync(viewer, id, ct) is { } state
            ? Results.Json(new { state = state.ToString() })
            : Results.Json(new { state = "Gone" }, statusCode: StatusCodes.Status404NotFound);
    }

    private sealed class MayCheckSamples : IAuthorizationRequirement;

    private sealed class MayCheckSamplesHandler(IOptions<SamplesOptions> options) : AuthorizationHandler<MayCheckSamples>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, MayCheckSamples requirement)
        {
            if (options.Value.AllowAnonymous || context.User.Identity?.IsAuthenticated == true)
                context.Succeed(requirement);
            return Task.CompletedTask;
        }
    }
}
