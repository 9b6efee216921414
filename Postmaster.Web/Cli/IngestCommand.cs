using System.CommandLine;
using System.IO.Compression;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Features.Traffic.Dovecot;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster ingest [FILE|-]</c>: hands a file of delivery events to the server. Running it again after a crash counts nothing twice.</summary>
internal static class IngestCommand
{
    /// <summary>An answer waits for a commit, and a busy server for several.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(100);

    private const string Events = "events", Dovecot = "dovecot";

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Delivery events, one JSON object a line, perhaps packed by gzip; - is standard input.", DefaultValueFactory = _ => "-", Arity = ArgumentArity.ZeroOrOne };
        file.Validators.Add(CommonOptions.RefuseUnknownOptions);
        var format = new Option<string>("--format") { Description = "events, or dovecot: the log of its plugin mail_log.", HelpName = "FORMAT", DefaultValueFactory = _ => Events };
        format.AcceptOnlyFromAmong(Events, Dovecot);
        var trash = new Option<string[]>("--trash") { Description = "With dovecot: a further name of the mailbox of deleted mail; may be repeated.", HelpName = "MAILBOX", DefaultValueFactory = _ => [] };
        var junk = new Option<string[]>("--junk") { Description = "With dovecot: a further name of the mailbox of spam; may be repeated.", HelpName = "MAILBOX", DefaultValueFactory = _ => [] };
        var wait = new Option<int>("--wait") { Description = "How long a batch is tried while the server is away or busy, in seconds.", HelpName = "SECONDS", DefaultValueFactory = _ => 300 };
        Option<string> data = CommonOptions.Data();
        Option<bool> json = CommonOptions.Json();
        var command = new Verb("ingest", "Hand in delivery events from a file.")
        {
            Notes = "The server is found at Ingest:Url with Ingest:Token. Lines go in batches of 5,000; each is counted once, however often the same file is\n"
                + "handed in. Lines that are refused stand on stderr with their numbers. Exit code 0: all lines are counted; 1: some were refused, or the\n"
                + "server did not take them; 2: the file cannot be read.\n"
                + "With --format dovecot the log is followed as it grows, and what people read and delete is handed in once it has settled.",
            Example = "postmaster ingest events.ndjson\nzcat events-*.gz | postmaster ingest --json -\njournalctl -f -o short-iso -u dovecot | postmaster ingest --format dovecot -",
        };
        command.Arguments.Add(file);
        foreach (Option option in (Option[])[format, trash, junk, wait, data, json, CommonOptions.DnsUnasked()])
            command.Options.Add(option);
        command.SetAction((parsed, ct) =>
        {
            string path = parsed.GetValue(file)!;
            IConfiguration settings = Settings.Read(parsed.GetValue(data)!);
            var patience = TimeSpan.FromSeconds(Math.Max(0, parsed.GetValue(wait)));
            bool asJson = parsed.GetValue(json);
            InvocationConfiguration console = parsed.InvocationConfiguration;
            return RunAsync(path, settings, patience, console, (client, input) => string.Equals(parsed.GetValue(format), Dovecot, StringComparison.Ordinal)
                ? new DovecotRun(client, new MailboxNames(parsed.GetValue(trash)!, parsed.GetValue(junk)!), MailDomain(settings), TimeProvider.System, asJson, console).RunAsync(input, ct)
                : new IngestRun(client, path, asJson, console).RunAsync(input, ct));
        });
        return command;
    }

    private static async Task<int> RunAsync(string file, IConfiguration settings, TimeSpan patience, InvocationConfiguration console, Func<EventClient, Stream, Task<int>> run)
    {
        IngestOptions ingest = settings.GetSection(IngestOptions.Section).Get<IngestOptions>() ?? new IngestOptions();
        try
        {
            await using Stream input = Unpacked(file is "-" ? Console.OpenStandardInput() : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            using var http = new HttpClient { Timeout = AnswerTime };
            return await run(new EventClient(http, ingest, patience, TimeProvider.System), input);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await console.Error.WriteLineAsync($"{TerminalText.Printable(file)}: {unreadable.Message} What was read before is counted; hand the whole file in again, nothing is counted twice.");
            return CommonOptions.Usage;
        }
    }

    /// <summary>Login names without a domain are of the mailboxes' one.</summary>
    private static string MailDomain(IConfiguration settings) =>
        settings["Provider:MailDomain"] is { Length: > 0 } mailboxes ? mailboxes : settings["Provider:Domain"] ?? "localhost";

    /// <summary>RFC 1952 §2.3.1: what begins with 1F 8B is packed.</summary>
    private static Stream Unpacked(Stream file)
    {
        byte[] first = new byte[2];
        int read = file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        var whole = new PrefixedStream(first.AsMemory(0, read), file);
        return read == 2 && first is [0x1F, 0x8B] ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }
}
