using System.CommandLine;

namespace Postmaster.Web.Cli;

/// <summary><c>postmaster report</c>: feedback reports (RFC 5965) without a server.</summary>
internal static class ReportCommand
{
    public static Command Create() =>
        new("report", "Make or read feedback reports (ARF, RFC 5965).")
        {
            ReportMakeCommand.Create(),
            ReportParseCommand.Create(),
        };
}
