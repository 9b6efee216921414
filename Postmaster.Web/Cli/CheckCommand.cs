using System.CommandLine;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster check</c>: verbs that look and say, with the exit codes of the monitoring plugins.</summary>
internal static class CheckCommand
{
    public static Command Create() =>
        new("check", "Look at something and say whether it is right. Exit code: 0 ok, 1 warning, 2 critical, 3 unknown.")
        {
            CheckDomainCommand.Create(),
            CheckSpfCommand.Create(),
            CheckHealthCommand.Create(),
        };
}
