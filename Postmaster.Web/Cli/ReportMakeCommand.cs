using System.CommandLine;
using System.CommandLine.Parsing;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Arf;
using Postmaster.Fbl.Dkim;
using Postmaster.Fbl.Dns;
using Postmaster.Fbl.Names;
using Postmaster.Web.Data;
using Postmaster.Web.Features.Complaints;
using Postmaster.Web.Features.Domains;
using Postmaster.Web.Features.FeedbackLoop;
using Postmaster.Web.Features.Operations;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster report make FILE --domain NAME</c>: the ARF mail that would be sent, on stdout. Nothing is kept or sent.</summary>
internal static class ReportMakeCommand
{
    /// <summary>What stands in for a provider that is not configured.</summary>
    private const string SomeProvider = "Example Mail", SomeDomain = "fbl.provider.example";

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The raw message that is complained about; - is standard input." };
        file.Validators.Add(CommonOptions.RefuseUnknownOptions);
        var domain = new Option<string>("--domain") { Description = "The domain that is told: the d= of a signature of the message.", HelpName = "NAME", Required = true };
        domain.Validators.Add(RefuseUnreadableDomain);
        var redact = new Option<string>("--redact")
        {
            Description = "What becomes of addresses: recipient (the complainer's becomes a keyed code, RFC 6590), full (every recipient's), none.",
            DefaultValueFactory = _ => "recipient",
            HelpName = "full|recipient|none",
        };
        redact.AcceptOnlyFromAmong("full", "recipient", "none");
        var headersOnly = new Option<bool>("--headers-only") { Description = "The third part holds the header alone (text/rfc822-headers)." };
        var mailbox = new Option<string?>("--mailbox") { Description = "Who complains (default: whom the message was delivered to).", HelpName = "ADDR" };
        mailbox.Validators.Add(CommonOptions.RefuseUnreadableAddress);
        var to = new Option<string?>("--to") { Description = "Where the report goes (default: the domain's feedback address, else postmaster at the domain).", HelpName = "ADDR" };
        to.Validators.Add(CommonOptions.RefuseUnreadableAddress);
        Option<string> data = CommonOptions.Data();
        Option<bool> json = CommonOptions.Json();
        Option<string[]> dns = CommonOptions.Dns();
        var command = new Verb("make", "Write the feedback report that would be sent about a message, on stdout.")
        {
            Notes = "With a data folder the report is signed and redacted with the provider's keys. Without one it is unsigned, and the codes are made\nwith a key that is thrown away.",
            Example = "postmaster report make message.eml --domain news.example > report.eml",
        };
        command.Arguments.Add(file);
        foreach (Option option in (Option[])[domain, redact, headersOnly, mailbox, to, data, json, dns])
            command.Options.Add(option);
        command.SetAction((parsed, ct) => RunAsync(
            new Wish(
                parsed.GetValue(file)!, DomainName.Parse(parsed.GetValue(domain)!), Enum.Parse<RedactionMode>(parsed.GetValue(redact)!, ignoreCase: true), parsed.GetValue(headersOnly),
                Address(parsed.GetValue(mailbox)), Address(parsed.GetValue(to)), parsed.GetValue(data)!, parsed.GetValue(dns)!),
            parsed.GetValue(json), parsed.InvocationConfiguration, ct));
        return command;
    }

    private static async Task<int> RunAsync(Wish wish, bool json, InvocationConfiguration console, CancellationToken ct)
    {
        MailFile mail = MailFiles.ReadOne(wish.File, Console.OpenStandardInput);
        if (mail.Content is not { Length: > 0 })
        {
            await console.Error.WriteLineAsync($"{wish.File}: {mail.Problem ?? "there is no message"}.");
            return CommonOptions.Usage;
        }

        PreviewedReport report;
        try
        {
            report = HasDatabase(wish.Data) ? await WithKeysAsync(wish, mail.Content, ct) : await WithoutKeysAsync(wish, mail.Content, console, ct);
        }
        catch (OptionsValidationException invalid)
        {
            await console.Error.WriteLineAsync(string.Join('\n', invalid.Failures));
            return CommonOptions.Usage;
        }

        if (!report.Grounds.Any(g => g.IsEqualOrSubdomainOf(wish.Domain)))
            await console.Error.WriteLineAsync($"The portal would not send this: no signature of {wish.Domain} passes. {report.Problem}".TrimEnd());
        await WriteAsync(wish, report, json, console, ct);
        return CommonOptions.Done;
    }

    /// <summary>Whether a server keeps its keys and claims where the settings say.</summary>
    private static bool HasDatabase(string dataPath) =>
        File.Exists(DataDirectory.DatabaseIn(dataPath)) || Settings.Read(dataPath).GetSection(DatabaseOptions.Section).Get<DatabaseOptions>() is { Kind: DatabaseKind.Postgres };

    private static async Task WriteAsync(Wish wish, PreviewedReport report, bool json, InvocationConfiguration console, CancellationToken ct)
    {
        if (json)
        {
            CommonOptions.WriteLine(console.Output, new MadeJson(
                wish.File, wish.Domain.Ascii, report.Evidence, [.. report.Grounds.Select(g => g.Ascii)], Encoding.UTF8.GetString(report.Report)));
            return;
        }

        await using Stream output = Console.OpenStandardOutput();
        await output.WriteAsync(report.Report, ct);
    }

    /// <summary>As the server would: its keys, the owner's redaction key, the confirmed address.</summary>
    private static async Task<PreviewedReport> WithKeysAsync(Wish wish, byte[] message, CancellationToken ct)
    {
        await using WebApplication app = PostmasterHost.Build(
            new HostSettings(wish.Data, Settings: CommonOptions.DnsSettings(wish.Servers)), builder => builder.Logging.ClearProviders());
        IReadOnlyList<CoveringClaim> claims = await app.Services.GetRequiredService<ClaimQueries>().FindCoveringAsync([wish.Domain], ct);
        CoveringClaim? claim = claims.FirstOrDefault(c => c.Address is not null) ?? (claims.Count > 0 ? claims[0] : null);
        byte[] master = await app.Services.GetRequiredService<ProviderKeys>().RedactionMasterAsync(ct);
        var preview = new ReportPreview(
            app.Services.GetRequiredService<IOptions<ProviderOptions>>().Value,
            app.Services.GetRequiredService<IDnsResolver>(),
            RedactionKey.ForOwner(master, claim?.OwnerId.ToString("N") ?? ""),
            await app.Services.GetRequiredService<ProviderSigner>().SignerAsync(ct),
            TimeProvider.System);
        return await MakeAsync(preview, wish, message, Address(claim?.Address), ct);
    }

    private static async Task<PreviewedReport> WithoutKeysAsync(Wish wish, byte[] message, InvocationConfiguration console, CancellationToken ct)
    {
        IConfiguration settings = Settings.Read(wish.Data);
        ProviderOptions provider = settings.GetSection(ProviderOptions.Section).Get<ProviderOptions>() ?? new ProviderOptions();
        if (provider.Name.Length == 0)
            provider.Name = SomeProvider;
        if (!DomainName.TryParse(provider.Domain, out _, out _))
            provider.Domain = SomeDomain;
        string[] servers = wish.Servers.Length > 0 ? wish.Servers : settings.GetSection("Dns:Servers").Get<string[]>() ?? [];
        await console.Error.WriteLineAsync($"There is no database in {Path.GetFullPath(wish.Data)}: the report is not signed, and recipients' codes are made with a key that is thrown away.");
        var preview = new ReportPreview(
            provider, DnsServices.CreateResolver(servers, TimeProvider.System), new RedactionKey(RandomNumberGenerator.GetBytes(RedactionKey.Length)), signer: null, TimeProvider.System);
        return await MakeAsync(preview, wish, message, null, ct);
    }

    private static Task<PreviewedReport> MakeAsync(ReportPreview preview, Wish wish, byte[] message, MailAddress? confirmed, CancellationToken ct) =>
        preview.MakeAsync(
            message, wish.Domain, wish.To ?? confirmed ?? MailAddress.Parse("postmaster@" + wish.Domain.Ascii), wish.Mailbox, wish.Redaction, wish.HeadersOnly, ct);

    private static MailAddress? Address(string? text) => MailAddress.TryParse(text, out MailAddress? address, out _) ? address : null;

    private static void RefuseUnreadableDomain(OptionResult result)
    {
        foreach (Token token in result.Tokens.Where(t => !DomainName.TryParse(t.Value, out _, out _)))
            result.AddError($"--domain {token.Value} is not a domain name.");
    }

    private sealed record Wish(
        string File, DomainName Domain, RedactionMode Redaction, bool HeadersOnly, MailAddress? Mailbox, MailAddress? To, string Data, string[] Servers);

    private sealed record MadeJson(string Path, string Domain, Evidence Evidence, IReadOnlyList<string> Grounds, string Report);
}
