using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.Options;
using Postmaster.Fbl.Names;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Hosting;
using Postmaster.Web.Model;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster complaint [FILE|-] --mailbox ADDR</c>: the program behind the spam button. Exit code 0 means the complaint is kept.</summary>
internal static class ComplaintCommand
{
    /// <summary>The button's user waits; a server that is slower than this gets the complaint from the spool.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The raw message; - is standard input.", DefaultValueFactory = _ => "-", Arity = ArgumentArity.ZeroOrOne };
        file.Validators.Add(CommonOptions.RefuseUnknownOptions);
        var mailbox = new Option<string>("--mailbox") { Description = "Address of the mailbox whose user pressed the button.", HelpName = "ADDR", Required = true };
        mailbox.Validators.Add(CommonOptions.RefuseUnreadableAddress);
        var type = new Option<string>("--type") { Description = "Which button it was: spam (default), not-spam, phishing or virus.", HelpName = "TYPE" };
        type.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } word && !PressWords.TryParse(word, out _))
                result.AddError($"--type is {PressWords.All}.");
        });
        var since = new Option<DateTimeOffset?>("--mailbox-since") { Description = "When the mailbox was opened: lets the portal recognise groups of new mailboxes.", HelpName = "TIME" };
        var notSpam = new Option<bool>("--not-spam") { Description = "The user took the complaint back (\"not junk\"); the same as --type not-spam." };
        Option<string> data = CommonOptions.Data();
        Option<bool> json = CommonOptions.Json();
        var command = new Verb("complaint", "Hand in a complaint: the program behind the spam button.")
        {
            Notes = "The server is found at Ingest:Url with Ingest:Token. While it is away, the complaint is written to the spool\n"
                + "(DIR/spool unless Intake:Spool names another folder) and taken up when the server runs again.",
            Example = "postmaster complaint --mailbox alice@provider.example < message.eml",
        };
        command.Arguments.Add(file);
        foreach (Option option in (Option[])[mailbox, type, since, notSpam, data, json, CommonOptions.DnsUnasked()])
            command.Options.Add(option);
        command.SetAction((parsed, ct) => RunAsync(
            parsed.GetValue(file)!,
            SpoolEntry.Create(parsed.GetValue(mailbox)!, PressOf(parsed.GetValue(type), parsed.GetValue(notSpam)), TimeProvider.System.GetUtcNow(), parsed.GetValue(since)),
            parsed.GetValue(data)!,
            parsed.GetValue(json),
            parsed.InvocationConfiguration,
            ct));
        return command;
    }

    private static Press PressOf(string? type, bool notSpam) =>
        notSpam ? Press.NotSpam : PressWords.TryParse(type, out Press press) ? press : Press.Spam;

    private static async Task<int> RunAsync(string file, SpoolEntry entry, string dataPath, bool json, InvocationConfiguration console, CancellationToken ct)
    {
        MailFile mail = MailFiles.ReadOne(file, Console.OpenStandardInput);
        if (mail.Content is null)
            return await FailAsync(console, CommonOptions.Usage, $"{file}: {mail.Problem}.");

        IConfiguration settings = Settings.Read(dataPath);
        IntakeOptions intake = settings.GetSection(IntakeOptions.Section).Get<IntakeOptions>() ?? new IntakeOptions();
        IngestOptions ingest = settings.GetSection(IngestOptions.Section).Get<IngestOptions>() ?? new IngestOptions();
        string spool = intake.Spool.Length > 0 ? intake.Spool : Path.Combine(dataPath, DataDirectory.SpoolName);
        using var http = new HttpClient { Timeout = Patience };
        var client = new ComplaintClient(http, Options.Create(ingest), Options.Create(intake), spool);
        try
        {
            SubmitOutcome outcome = await client.SubmitAsync(entry, mail.Content, ct);
            if (outcome is SubmitOutcome.Refused refused)
                return await FailAsync(console, CommonOptions.Usage, refused.Reason);
            if (outcome is SubmitOutcome.Spooled spooled)
                await console.Error.WriteLineAsync($"{spooled.Reason} The complaint waits in {spooled.Path}; the server takes it up when it runs.");
            if (json)
                CommonOptions.WriteLine(console.Output, new ComplaintJson(ComplaintId.FromKey(entry.Id), outcome is SubmitOutcome.Kept ? "kept" : "spooled"));
            return CommonOptions.Done;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return await FailAsync(console, CommonOptions.Failed, $"The complaint is NOT kept: the server did not take it, and the spool {spool} cannot be written: {failed.Message}");
        }
    }

    private static async Task<int> FailAsync(InvocationConfiguration console, int exit, string sentence)
    {
        await console.Error.WriteLineAsync(sentence);
        return exit;
    }

    private sealed record ComplaintJson(Guid Id, string State);
}
