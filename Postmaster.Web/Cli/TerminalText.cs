namespace Postmaster.Web.Cli;

/// <summary>Outside text on a terminal: a mail must not move the cursor or change colours.</summary>
internal static class TerminalText
{
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
