using System.CommandLine;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster serve</c>: the portal, the doors and the workers in one process.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Folder of database, keys and spool.", DefaultValueFactory = _ => "data", HelpName = "DIR" };
        var urls = new Option<string?>("--urls") { Description = $"Addresses to listen on, separated by semicolons (default {PostmasterHost.DefaultUrl}).", HelpName = "URLS" };
        var command = new Command("serve", "Run the portal, the doors for complaints and the workers.") { data, urls };
        command.SetAction((parsed, ct) => RunAsync(new HostSettings(parsed.GetValue(data)!, parsed.GetValue(urls)), ct));
        return command;
    }

    private static async Task<int> RunAsync(HostSettings settings, CancellationToken ct)
    {
        try
        {
            await using WebApplication app = PostmasterHost.Build(settings);
            await DataServices.MigrateAsync(app.Services, ct);
            await app.RunAsync(ct);
            return 0;
        }
        catch (OptionsValidationException invalid)
        {
            foreach (string failure in invalid.Failures)
                await Console.Error.WriteLineAsync(failure);
            return 2;
        }
    }
}
