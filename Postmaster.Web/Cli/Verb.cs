using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Postmaster.Web.Cli;

/// <summary>A command whose help ends with notes and an example.</summary>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    public string Notes { get; init; } = "";

    public required string Example { get; init; }
}

/// <summary>The usual help, then what a <see cref="Verb"/> has to add.</summary>
internal sealed class VerbHelp(HelpAction usual) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        int exit = usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb verb)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            if (verb.Notes.Length > 0)
                output.WriteLine("Notes:\n  " + verb.Notes.ReplaceLineEndings("\n  ") + "\n");
            output.WriteLine("Example:\n  " + verb.Example.ReplaceLineEndings("\n  "));
        }

        return exit;
    }
}
