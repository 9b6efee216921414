using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Postmaster.Web.Cli;

/// <summary>The verbs of <c>postmaster</c>. Scripts depend on their names, options, exit codes and JSON.</summary>
internal static class CommandLine
{
    /// <param name="output">Null: the console's.</param>
    /// <param name="error">Null: the console's.</param>
    public static Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? error = null)
    {
        var root = new RootCommand("The sender portal that a mailbox provider runs.")
        {
            ServeCommand.Create(),
            CheckCommand.Create(),
            ReportCommand.Create(),
            ComplaintCommand.Create(),
            IngestCommand.Create(),
            ConsumeCommand.Create(),
        };
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new VerbHelp((HelpAction)help.Action!);

        var console = new InvocationConfiguration { Output = output ?? Console.Out, Error = error ?? Console.Error };
        ParseResult parsed = root.Parse(args);
        return parsed.Action is ParseErrorAction ? Task.FromResult(Refuse(parsed, console)) : InvokeAsync(parsed, console);
    }

    /// <summary>A full disk behind standard output, or a file that is gone, is one sentence; what else goes wrong is told whole.</summary>
    private static async Task<int> InvokeAsync(ParseResult parsed, InvocationConfiguration console)
    {
        console.EnableDefaultExceptionHandler = false;
        try
        {
            return await parsed.InvokeAsync(console);
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            console.Error.WriteLine(failed is IOException or UnauthorizedAccessException ? failed.Message : failed.ToString());
        }
        catch (OperationCanceledException)
        {
            // Somebody ended it; the exit code says so.
        }

        return Path(parsed).Contains("check", StringComparer.Ordinal) ? CheckExit.Unknown : CommonOptions.Failed;
    }

    /// <summary>What is wrong, and where to read on. A check that could not be made is unknown to a monitor.</summary>
    private static int Refuse(ParseResult parsed, InvocationConfiguration console)
    {
        foreach (string sentence in parsed.Errors.Select(e => e.Message).Distinct(StringComparer.Ordinal))
            console.Error.WriteLine(sentence);
        List<string> path = Path(parsed);
        console.Error.WriteLine($"See: {string.Join(' ', path)} --help");
        return path.Contains("check", StringComparer.Ordinal) ? CheckExit.Unknown : CommonOptions.Usage;
    }

    private static List<string> Path(ParseResult parsed)
    {
        List<string> path = [];
        for (System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult; at is System.CommandLine.Parsing.CommandResult command; at = at.Parent)
            path.Insert(0, command.Command is RootCommand ? "postmaster" : command.Command.Name);
        return path;
    }
}
