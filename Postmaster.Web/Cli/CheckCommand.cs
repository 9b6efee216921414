using System.CommandLine;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster check</c>: verbs that look and say, with the exit codes of the monitoring plugins.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var command = new Verb("check", "Look at something and say whether it is right. Exit code: 0 ok, 1 warning, 2 critical, 3 unknown.")
        {
            Example = "postmaster check health --data /var/lib/postmaster",
        };
        foreach (Command verb in (Command[])[CheckDomainCommand.Create(), CheckSpfCommand.Create(), CheckMessageCommand.Create(), CheckHealthCommand.Create()])
            command.Subcommands.Add(verb);
        return command;
    }
}
