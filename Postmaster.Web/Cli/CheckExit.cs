using Postmaster.Web.Model;

namespace Postmaster.Web.Cli;

/// <summary>The exit codes of the monitoring plugins: 0 ok, 1 warning, 2 critical, 3 unknown.</summary>
internal static class CheckExit
{
    public const int Unknown = 3;

    public static int Worst(IEnumerable<FindingSeverity> severities) => Code(severities.DefaultIfEmpty(FindingSeverity.Ok).Max());

    public static int Code(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Ok => 0,
        FindingSeverity.Warning => 1,
        FindingSeverity.Critical => 2,
        _ => Unknown,
    };

    public static string Word(FindingSeverity severity) => severity.ToString().ToUpperInvariant();
}
