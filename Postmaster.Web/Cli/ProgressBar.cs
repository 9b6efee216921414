using Spectre.Console;

namespace Postmaster.Web.Cli;

/// <summary>A bar on the terminal of standard error while results go to a file or a pipe. Where they go to the terminal too, they are progress enough.</summary>
internal static class ProgressBar
{
    public static bool IsWanted => !Console.IsErrorRedirected && Console.IsOutputRedirected;

    /// <param name="total">What the whole work is; null: not known, and the bar only shows that something moves.</param>
    /// <param name="work">Gets the method that tells how much more of it is done; safe for many threads.</param>
    public static Task ShowAsync(string unit, long? total, Func<Action<long>, Task> work)
    {
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return terminal.Progress().AutoClear(enabled: true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                ProgressTask bar = context.AddTask(unit, maxValue: Math.Max(1, total ?? 1));
                bar.IsIndeterminate = total is null;
                return work(done => bar.Increment(done));
            });
    }
}
