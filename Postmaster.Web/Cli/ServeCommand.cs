using System.CommandLine;
using System.Data.Common;
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
        var json = new Option<bool>("--json") { Description = "Say where the portal is as one JSON object on a line of its own." };
        Option<string[]> dns = CommonOptions.Dns();
        var command = new Verb("serve", "Run the portal, the doors for complaints and the workers.")
        {
            Notes = "Settings come from appsettings.json beside the program or in the data folder, and from the environment. Provider:Name and Provider:Domain have to be set.",
            Example = "postmaster serve --demo\nPostmaster__Provider__Name=\"Example Mail\" Postmaster__Provider__Domain=fbl.provider.example postmaster serve --data /var/lib/postmaster",
        };
        foreach (Option option in (Option[])[demo, data, urls, json, dns])
            command.Options.Add(option);
        command.SetAction((parsed, ct) => parsed.GetValue(demo)
            ? RunAsync(() => DemoHost.Build(new HostSettings(parsed.GetValue(data) ?? DemoHost.DefaultData, parsed.GetValue(urls))), DemoHost.PrepareAsync, portal => TellDemo(portal, parsed.GetValue(json)), ct)
            : RunAsync(() => PostmasterHost.Build(new HostSettings(parsed.GetValue(data) ?? "data", parsed.GetValue(urls), CommonOptions.DnsSettings(parsed.GetValue(dns)!))), _ => Task.CompletedTask, portal => Tell(portal, parsed.GetValue(json)), ct));
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
        catch (DbException broken)
        {
            await Console.Error.WriteLineAsync($"The database cannot be used: {broken.Message} Look at Database:ConnectionString, or bring back the data folder from a back-up.");
            return CommonOptions.Failed;
        }
        catch (IOException failed)
        {
            // The data folder cannot be written, or the address is taken.
            await Console.Error.WriteLineAsync(failed.Message);
            return CommonOptions.Failed;
        }
    }

    private static void Tell(PortalUrl portal, bool json)
    {
        if (json)
            CommonOptions.WriteLine(Console.Out, new ServingJson(portal.Root, null, null));
        else
            Console.WriteLine($"Postmaster is at {portal.Root}");
    }

    private static void TellDemo(PortalUrl portal, bool json)
    {
        if (json)
        {
            CommonOptions.WriteLine(Console.Out, new ServingJson(portal.Root, DemoHost.Email, DemoHost.Password));
            return;
        }

        Console.WriteLine($"""
            Open     {portal.Root}
            Sign in  {DemoHost.Email}
            Password {DemoHost.Password}

            A month of history is being made; new complaints keep coming. Stop with Ctrl+C.
            """);
    }

    /// <param name="Email">The sign-in of the demo; null in the product.</param>
    private sealed record ServingJson(string Url, string? Email, string? Password);
}
