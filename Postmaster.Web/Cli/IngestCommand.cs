using System.CommandLine;
using System.IO.Compression;
using Postmaster.Web.Features.Intake;
using Postmaster.Web.Features.Traffic.Intake;
using Postmaster.Web.Hosting;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster ingest [FILE|-]</c>: hands a file of delivery events to the server. Running it again after a crash counts nothing twice.</summary>
internal static class IngestCommand
{
    /// <summary>An answer waits for a commit, and a busy server for several.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(100);

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "Delivery events, one JSON object a line, perhaps packed by gzip; - is standard input.", DefaultValueFactory = _ => "-", Arity = ArgumentArity.ZeroOrOne };
        var wait = new Option<int>("--wait") { Description = "How long a batch is tried while the server is away or busy, in seconds.", HelpName = "SECONDS", DefaultValueFactory = _ => 300 };
        Option<string> data = CommonOptions.Data();
        Option<bool> json = CommonOptions.Json();
        var command = new Verb("ingest", "Hand in delivery events from a file.")
        {
            Notes = "The server is found at Ingest:Url with Ingest:Token. Lines go in batches of 5,000; each is counted once, however often the same file is\n"
                + "handed in. Lines that are refused stand on stderr with their numbers. Exit code 0: all lines are counted; 1: some were refused, or the\n"
                + "server did not take them; 2: the file cannot be read.",
            Example = "postmaster ingest events.ndjson\nzcat events-*.gz | postmaster ingest --json -",
        };
        command.Arguments.Add(file);
        foreach (Option option in (Option[])[wait, data, json, CommonOptions.DnsUnasked()])
            command.Options.Add(option);
        command.SetAction((parsed, ct) => RunAsync(
            parsed.GetValue(file)!, Settings.Read(parsed.GetValue(data)!), TimeSpan.FromSeconds(Math.Max(0, parsed.GetValue(wait))), parsed.GetValue(json), parsed.InvocationConfiguration, ct));
        return command;
    }

    private static async Task<int> RunAsync(string file, IConfiguration settings, TimeSpan patience, bool json, InvocationConfiguration console, CancellationToken ct)
    {
        IngestOptions ingest = settings.GetSection(IngestOptions.Section).Get<IngestOptions>() ?? new IngestOptions();
        try
        {
            await using Stream input = Unpacked(file is "-" ? Console.OpenStandardInput() : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            using var http = new HttpClient { Timeout = AnswerTime };
            var run = new IngestRun(new EventClient(http, ingest, patience, TimeProvider.System), file, json, console);
            return await run.RunAsync(input, ct);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await console.Error.WriteLineAsync($"{TerminalText.Printable(file)}: {unreadable.Message} What was read before is counted; hand the whole file in again, nothing is counted twice.");
            return CommonOptions.Usage;
        }
    }

    /// <summary>RFC 1952 §2.3.1: what begins with 1F 8B is packed.</summary>
    private static Stream Unpacked(Stream file)
    {
        byte[] first = new byte[2];
        int read = file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        var whole = new PrefixedStream(first.AsMemory(0, read), file);
        return read == 2 && first is [0x1F, 0x8B] ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }
}
