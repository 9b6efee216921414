using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Accounts;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Complaints.Fairness;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.FeedbackLoop.Bounces;
using Postmaster.Web.Features.FeedbackLoop.Cfbl;
using Postmaster.Web.Features.FeedbackLoop.Webhooks;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Features.Milter;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.Reputation;
using Postmaster.Web.Features.Samples;
using Postmaster.Web.Features.Samples.Scores;
using Postmaster.Web.Features.Traffic;
using Postmaster.Web.Model;

namespace Postmaster.Web.Hosting;

/// <summary>Where settings come from and how they are checked: later sources win, and a bad value stops the start with a message that names its key.</summary>
internal static class Settings
{
    /// <summary>Files beside the program and in the data folder, the environment, then what the command line decided.</summary>
    public static void AddPostmasterSettings(this ConfigurationManager configuration, string dataPath, IReadOnlyDictionary<string, string?>? decided)
    {
        configuration.AddJsonFile(Path.Combine(dataPath, "appsettings.json"), optional: true, reloadOnChange: false);
        configuration.AddEnvironmentVariables(PostmasterHost.EnvironmentPrefix);
        if (decided is not null)
            configuration.AddInMemoryCollection(decided);
    }

    /// <summary>The same settings for a verb that runs without the server.</summary>
    public static IConfiguration Read(string dataPath)
    {
        var configuration = new ConfigurationManager();
        configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true, reloadOnChange: false);
        configuration.AddPostmasterSettings(Path.GetFullPath(dataPath), decided: null);
        return configuration;
    }

    public static void AddPostmasterOptions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSection<ProviderOptions>(configuration, ProviderOptions.Section);
        services.AddSection<KeysOptions>(configuration, KeysOptions.Section);
        services.AddSection<DatabaseOptions>(configuration, DatabaseOptions.Section);
        services.AddSection<ProxyOptions>(configuration, ProxyOptions.Section);
        services.AddSection<AccountsOptions>(configuration, AccountsOptions.Section);
        services.AddSection<IntakeOptions>(configuration, IntakeOptions.Section);
        services.AddSection<IngestOptions>(configuration, IngestOptions.Section);
        services.AddSection<LmtpOptions>(configuration, LmtpOptions.Section);
        services.AddSection<MilterOptions>(configuration, MilterOptions.Section);
        services.AddSection<TrapOptions>(configuration, TrapOptions.Section);
        services.AddSection<ComplaintsOptions>(configuration, ComplaintsOptions.Section);
        services.AddSection<RelayOptions>(configuration, RelayOptions.Section);
        services.AddSection<FairnessOptions>(configuration, FairnessOptions.Section);
        services.AddSection<ReportsOptions>(configuration, ReportsOptions.Section);
        services.AddSection<CfblOptions>(configuration, CfblOptions.Section);
        services.AddSection<WebhooksOptions>(configuration, WebhooksOptions.Section);
        services.AddSection<BouncesOptions>(configuration, BouncesOptions.Section);
        services.AddSection<ClaimsOptions>(configuration, ClaimsOptions.Section);
        services.AddSection<SamplesOptions>(configuration, SamplesOptions.Section);
        services.AddSection<ScoreOptions>(configuration, ScoreOptions.Section);
        services.AddSection<TrafficOptions>(configuration, TrafficOptions.Section);
        services.AddSection<PrivacyOptions>(configuration, PrivacyOptions.Section);
        services.AddSection<ReputationOptions>(configuration, ReputationOptions.Section);
        services.AddSection<DnsOptions>(configuration, DnsOptions.Section);
    }

    /// <summary>Binds a section to its options and checks them when the server starts.</summary>
    public static void AddSection<T>(this IServiceCollection services, IConfiguration configuration, string section)
        where T : class
    {
        services.AddOptions<T>().Configure(options => Bind(configuration.GetSection(section), options)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<T>, PlainValidation<T>>();
    }

    /// <exception cref="OptionsValidationException">A value has not the form of its setting.</exception>
    private static void Bind<T>(IConfigurationSection section, T options)
        where T : class
    {
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException wrong)
        {
            // The binder's message names the key and the value.
            throw new OptionsValidationException(
                section.Key, typeof(T), [$"{wrong.Message} Times are written as 00:10:00 (hours, minutes, seconds), numbers without a unit, switches as true or false."]);
        }
    }

    /// <summary>The framework's own check by attributes, with the attributes' messages alone.</summary>
    private sealed class PlainValidation<T> : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            List<ValidationResult> failures = [];
            return Validator.TryValidateObject(options, new ValidationContext(options), failures, validateAllProperties: true)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(failures.Select(f => f.ErrorMessage ?? "A setting is not valid."));
        }
    }
}
