using System.CommandLine;

namespace Postmaster.Web.Cli;

/// <summary>The verbs of <c>postmaster</c>. Scripts depend on their names, options, exit codes and JSON.</summary>
internal static class CommandLine
{
    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("The sender portal that a mailbox provider runs.")
        {
            ServeCommand.Create(),
            CheckCommand.Create(),
            ComplaintCommand.Create(),
        };
        return root.Parse(args).InvokeAsync();
    }
}
