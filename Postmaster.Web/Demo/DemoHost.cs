using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Postmaster.Fbl.Dns;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Demo;

/// <summary>
/// <c>postmaster serve --demo</c>: the same product with settings, a clock and a DNS zone of its own. Everything else, from the claims to the
/// reports, goes through the doors that everybody uses.
/// </summary>
internal static class DemoHost
{
    public const string DefaultData = "data/demo", MailDomain = "demo-mail.example", Email = "owner@demo-mail.example", Password = "three-made-up-domains";

    /// <summary>How much history the charts begin with.</summary>
    public const int Days = 30;

    /// <summary>Before the server listens: the account whose address and password are printed has to be there.</summary>
    public static Task PrepareAsync(WebApplication app) => app.Services.GetRequiredService<DemoSetup>().EnsureAccountAsync();

    /// <summary>How much is said of what happens to a complaint or a report.</summary>
    private const string OwnLog = "Logging:LogLevel:Postmaster";

    public static WebApplication Build(HostSettings settings)
    {
        string token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        var chosen = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["Provider:Name"] = "Demo Mail",
            ["Provider:Domain"] = "fbl." + MailDomain,
            ["Provider:AuthservIds:0"] = "mx." + MailDomain,
            ["Relay:Kind"] = "directory",
            ["Lmtp:Listen"] = "127.0.0.1:0",
            ["Ingest:Token"] = token,
            ["Complaints:UndoWindow"] = "00:00:10",
            ["Cfbl:Mode"] = "Dmarc",
            ["Reputation:PollInterval"] = "00:00:05",
        };
        foreach ((string key, string? value) in settings.Settings ?? new Dictionary<string, string?>(StringComparer.Ordinal))
            chosen[key] = value;

        return PostmasterHost.Build(settings with { Settings = chosen }, builder =>
        {
            // Thousands of complaints in a minute would push the address and the password off the screen.
            if (builder.Configuration[OwnLog] is null)
                builder.Configuration[OwnLog] = nameof(LogLevel.Warning);
            var zone = new ZoneResolver("the demo's zone");
            builder.Services.Replace(ServiceDescriptor.Singleton<IDnsResolver>(zone));
            builder.Services.AddSingleton(zone);
            builder.Services.AddSingleton(new DemoClock(TimeProvider.System.GetUtcNow().AddDays(-Days)));
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(provider => provider.GetRequiredService<DemoClock>()));
            // Whoever signs in while the history is made stays signed in when the clock has come to the present.
            builder.Services.PostConfigureAll<CookieAuthenticationOptions>(options => options.TimeProvider = TimeProvider.System);
            builder.Services.AddSingleton(DemoSender.All());
            builder.Services.AddSingleton<DemoSetup>();
            builder.Services.AddHostedService<DemoTraffic>();
        });
    }
}
