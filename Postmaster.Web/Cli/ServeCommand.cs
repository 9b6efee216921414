using System.CommandLine;
using Microsoft.Extensions.Options;
using Postmaster.Web.Data;
using Postmaster.Web.Demo;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster serve</c>: the portal, the doors and the workers in one process.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var demo = new Option<bool>("--demo") { Description = $"Try it: made-up domains and mail in a data folder of its own ({DemoHost.DefaultData}), no DNS, no mail leaves." };
        var data = new Option<string?>("--data") { Description = "Folder of database, keys and spool (default data).", HelpName = "DIR" };
        var urls = new Option<string?>("--urls") { Description = $"Addresses to listen on, separated by semicolons (default {PostmasterHost.DefaultUrl}).", HelpName = "URLS" };
        Option<string[]> dns = CommonOptions.Dns();
        var command = new Verb("serve", "Run the portal, the doors for complaints and the workers.")
        {
            Notes = "Settings come from appsettings.json beside the program or in the data folder, and from the environment. Provider:Name and Provider:Domain have to be set.",
            Example = "postmaster serve --demo\nPostmaster__Provider__Name=\"Example Mail\" Postmaster__Provider__Domain=fbl.provider.example postmaster serve --data /var/lib/postmaster",
        };
        foreach (Option option in (Option[])[demo, data, urls, dns])
            command.Options.Add(option);
        command.SetAction((parsed, ct) => parsed.GetValue(demo)
            ? RunAsync(() => DemoHost.Build(new HostSettings(parsed.GetValue(data) ?? DemoHost.DefaultData, parsed.GetValue(urls))), DemoHost.PrepareAsync, TellDemo, ct)
            : RunAsync(() => PostmasterHost.Build(new HostSettings(parsed.GetValue(data) ?? "data", parsed.GetValue(urls), CommonOptions.DnsSettings(parsed.GetValue(dns)!))), _ => Task.CompletedTask, Tell, ct));
        return command;
    }

    private static async Task<int> RunAsync(Func<WebApplication> build, Func<WebApplication, Task> prepare, Action<PortalUrl> tell, CancellationToken ct)
    {
        try
        {
            await using WebApplication app = build();
            await DataServices.MigrateAsync(app.Services, ct);
            await prepare(app);
            await app.StartAsync(ct);
            tell(app.Services.GetRequiredService<PortalUrl>());
            await app.WaitForShutdownAsync(ct);
            return CommonOptions.Done;
        }
        catch (OptionsValidationException invalid)
        {
            foreach (string failure in invalid.Failures)
                await Console.Error.WriteLineAsync(failure);
            return CommonOptions.Usage;
        }
        catch (IOException failed)
        {
            // The data folder cannot be written, or the address is taken.
            await Console.Error.WriteLineAsync(failed.Message);
            return CommonOptions.Failed;
        }
    }

    private static void Tell(PortalUrl portal) => Console.WriteLine($"Postmaster is at {portal.Root}");

    private static void TellDemo(PortalUrl portal) => Console.WriteLine($"""
        Open     {portal.Root}
        Sign in  {DemoHost.Email}
        Password {DemoHost.Password}

        A month of history is being made; new complaints keep coming. Stop with Ctrl+C.
        """);
}
