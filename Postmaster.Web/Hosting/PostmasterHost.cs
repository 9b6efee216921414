using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Postmaster.Web.Components;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Features.Api;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Features.FeedbackLoop.Digests;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Features.Milter;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Features.Samples.Scores;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Hosting.Outward;

namespace Postmaster.Web.Hosting;

/// <summary>What the command line decides about a server.</summary>
/// <param name="DataPath">The data folder; created when missing.</param>
/// <param name="Urls">Addresses to listen on, separated by semicolons; null: the configuration's, else <see cref="PostmasterHost.DefaultUrl"/>.</param>
/// <param name="Settings">Configuration keys that win over files and environment.</param>
public sealed record HostSettings(string DataPath, string? Urls = null, IReadOnlyDictionary<string, string?>? Settings = null);

/// <summary>Puts the product together: configuration, slices, pages. Nothing here decides anything.</summary>
public static class PostmasterHost
{
    public const string DefaultUrl = "http://localhost:8080";

    /// <summary>Environment variables are read without this prefix: <c>Postmaster__Dns__Servers__0</c> is <c>Dns:Servers:0</c>.</summary>
    public const string EnvironmentPrefix = "Postmaster__";

    /// <param name="compose">Last word on services: the demo and the tests put their own DNS here.</param>
    public static WebApplication Build(HostSettings settings, Action<WebApplicationBuilder>? compose = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(PostmasterHost).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Configuration.AddPostmasterSettings(Path.GetFullPath(settings.DataPath), settings.Settings);
        var data = new DataDirectory(settings.DataPath, builder.Configuration.GetSection(KeysOptions.Section).Get<KeysOptions>()?.Directory ?? "");
        builder.WebHost.UseUrls(settings.Urls ?? builder.Configuration["Urls"] ?? DefaultUrl);
        builder.WebHost.BoundForms();
        if (File.Exists(Path.Combine(AppContext.BaseDirectory, "postmaster.staticwebassets.runtime.json")))
            builder.WebHost.UseStaticWebAssets();

        builder.Services.AddSingleton(data);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<PortalUrl>();
        builder.Services.AddSingleton<PublicScheme>();
        builder.Services.AddSingleton<IConfigureOptions<ForwardedHeadersOptions>, ForwardedSettings>();
        builder.Services.AddSingleton<ComplaintSignal>();
        builder.Services.AddSingleton<OutboxSignal>();
        builder.Services.AddSingleton<SampleSignal>();
        builder.Services.AddDataProtection().SetApplicationName("Postmaster").PersistKeysToFileSystem(new DirectoryInfo(data.Keys));
        builder.Services.AddSingleton<Sealer>();
        builder.Services.AddSingleton<OneTimeLinks>();
        builder.Services.AddPostmasterOptions(builder.Configuration);
        builder.Services.AddPostmasterData();
        builder.Services.AddDnsResolver();
        builder.Services.AddSingleton(new OutwardHttpsOptions());
        builder.Services.AddSingleton<OutwardHttps>();
        builder.Services.AddOperations();
        builder.Services.AddAccounts();
        builder.Services.AddDomains();
        builder.Services.AddSampleScores();
        builder.AddIntake();
        builder.Services.AddTraffic();
        builder.Services.AddComplaints();
        builder.Services.AddFeedbackLoop();
        builder.Services.AddApi();
        builder.Services.AddSamples();
        builder.Services.AddMilter();
        builder.Services.AddReputation();
        builder.Services.AddPages();
        compose?.Invoke(builder);

        WebApplication app = builder.Build();
        app.UseProxies();
        app.UseBrowserSafety();
        app.UsePages();
        app.UseAccounts();
        app.UseAntiforgery();
        app.MapAccounts();
        app.MapDomains();
        DigestDoor.Map(app);
        app.MapIntake();
        app.MapFeedbackLoop();
        app.MapApi();
        app.MapTraffic();
        app.MapOperations();
        app.MapCfbl();
        app.MapSamples();
        app.MapPages();
        return app;
    }
}
