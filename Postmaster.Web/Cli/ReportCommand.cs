using System.CommandLine;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster report</c>: feedback reports (RFC 5965) without a server.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var command = new Verb("report", "Make or read feedback reports (ARF, RFC 5965).") { Example = "postmaster report parse --json report.eml" };
        foreach (Command verb in (Command[])[ReportMakeCommand.Create(), ReportParseCommand.Create()])
            command.Subcommands.Add(verb);
        return command;
    }
}
